package dev.freshet.gateway;

import dev.freshet.base.ByteSize;
import dev.freshet.base.FakeTime;
import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.cache.CacheConfig;
import dev.freshet.cache.SecondTierConfig;
import dev.freshet.sql.Statement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A gateway that keeps results of the tables `menu` and `orders` for a minute, on a clock that a
/// test moves.
final class Kitchen implements AutoCloseable {
  private static final int PATIENCE = 2_000;
  static final Duration TTL = Duration.ofMinutes(1);
  final FakeTime time = new FakeTime(1_800_000_000_000L);
  final Meters meters = new Meters();
  final Gateway gateway;

  Kitchen() {
    this(8, null);
  }

  Kitchen(int size, @Nullable String redis) {
    this(size, redis, Duration.ofSeconds(5), rules(), false, null, null);
  }

  private static List<ResultsConfig.Rule> rules() {
    ResultsConfig.Life minute = ResultsConfig.Life.ttl(TTL);
    return List.of(
        new ResultsConfig.ByTable(null, "menu", minute),
        new ResultsConfig.ByTable("public", "orders", minute),
        new ResultsConfig.ByFingerprint(Statement.read("select 'told', 1").fingerprint(), minute));
  }

  /// One whose Redis has to be quick.
  static Kitchen hurried(String redis) {
    return new Kitchen(4, redis, Duration.ofMillis(20), rules(), false, null, null);
  }

  /// One that keeps by its rows whatever can be kept so.
  static Kitchen byRows(Watch watch, @Nullable Duration fence, @Nullable String redis) {
    return new Kitchen(8, redis, Duration.ofSeconds(5), List.of(), true, fence, watch);
  }

  private Kitchen(
      int size,
      @Nullable String redis,
      Duration budget,
      List<ResultsConfig.Rule> rules,
      boolean rows,
      @Nullable Duration fence,
      @Nullable Watch watch) {
    GatewayConfig.PoolConfig d = GatewayConfig.PoolConfig.defaults();
    GatewayConfig plain =
        new GatewayConfig(
            new HostPort("127.0.0.1", 0),
            Backstage.url(),
            Map.of(),
            new GatewayConfig.PoolConfig(
                size, PoolMode.TRANSACTION, d.queueTimeout(), d.maxAge(), d.maxIdle()),
            GatewayConfig.Limits.defaults(),
            null);
    SecondTierConfig second =
        redis == null ? null : new SecondTierConfig(redis, budget, 1_000, null);
    gateway =
        Gateway.start(
            plain.withResults(
                new ResultsConfig(
                    new CacheConfig(new ByteSize(16 << 20), 1, second),
                    new ByteSize(1 << 20),
                    rules,
                    rows,
                    true,
                    fence)),
            // What speaks to Redis waits and tries again by the clock.
            redis == null ? time : Time.system(),
            meters,
            trace -> null,
            watch);
  }

  /// Fresh tables, made without the gateway.
  static void laid() throws SQLException {
    try (Connection c = Backstage.direct()) {
      Backstage.run(c, "drop table if exists menu, orders cascade");
      Backstage.run(c, "create table menu (id int primary key, dish text, price int)");
      Backstage.run(c, "insert into menu select n, 'dish ' || n, n from generate_series(1, 20) n");
      Backstage.run(c, "create table orders (id int, dish int)");
    }
  }

  /// A driver that asks in the same way every time, unless it is told to prepare.
  Connection connect(String... options) throws SQLException {
    List<String> all = new ArrayList<>(List.of("prepareThreshold", "0"));
    all.addAll(List.of(options));
    return Backstage.connect(gateway, all.toArray(String[]::new));
  }

  long count(String outcome) {
    return meters
        .counter("freshet_gateway_result_lookups_total", "", Map.of("outcome", outcome))
        .sum();
  }

  /// Whether asking now is answered from memory.
  boolean hits(Connection c, String sql, Object... values) throws SQLException {
    long before = count("hit");
    all(c, sql, values);
    return count("hit") > before;
  }

  /// Asks until the answer comes from memory: what a statement reads is worked out beside it.
  void warm(Connection c, String sql, Object... values) throws SQLException {
    for (int i = 0; !hits(c, sql, values); i++) {
      if (i == PATIENCE) {
        throw new AssertionError("never kept: " + sql + " " + meters.all());
      }
    }
  }

  /// Asks so often that what it reads is known for certain.
  void known(Connection c, String sql) throws SQLException {
    String fingerprint = Long.toHexString(Statement.read(sql).fingerprint());
    boolean isKnown = false;
    for (int i = 0; !isKnown; i++) {
      if (i == PATIENCE) {
        throw new AssertionError("never known: " + sql);
      }
      all(c, sql);
      isKnown =
          gateway.statements(StatementOrder.TIME, 1_000).statements().stream()
              .anyMatch(line ->
                  line.fingerprint().endsWith(fingerprint)
                      && !line.cacheable().equals("not known yet"));
    }
  }

  static List<List<String>> all(Connection c, String sql, Object... values) throws SQLException {
    try (PreparedStatement p = c.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        p.setObject(i + 1, values[i]);
      }
      try (ResultSet r = p.executeQuery()) {
        List<List<String>> rows = new ArrayList<>();
        while (r.next()) {
          List<String> row = new ArrayList<>();
          for (int i = 1; i <= r.getMetaData().getColumnCount(); i++) {
            row.add(String.valueOf(r.getString(i)));
          }
          rows.add(row);
        }
        return rows;
      }
    }
  }

  static String one(Connection c, String sql, Object... values) throws SQLException {
    return all(c, sql, values).getFirst().getFirst();
  }

  @Override
  public void close() {
    gateway.close();
  }
}
