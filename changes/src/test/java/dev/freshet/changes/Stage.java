package dev.freshet.changes;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.freshness.Comparison;
import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Freshness;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// A database of its own, a feed that follows it, and answers made from it.
final class Stage implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final AtomicInteger FEEDS = new AtomicInteger();

  final Freshness freshness = new Freshness(1 << 16);
  final ChangesConfig config;
  final Connection session;
  final ChangeFeed feed;

  private Stage(ChangesConfig config, Connection session, Duration lease) {
    this.config = config;
    this.session = session;
    this.feed =
        ChangeFeed.start(
            config,
            freshness,
            Time.system(),
            new Random(FEEDS.incrementAndGet()),
            new Meters(),
            lease);
  }

  /// @param setup run before the feed begins
  static Stage open(String... setup) throws SQLException, InterruptedException {
    String database = Server.database();
    return open(Server.config(database, "postgres"), Server.connect(database, "postgres"), setup);
  }

  static Stage open(ChangesConfig config, Connection session, String... setup)
      throws SQLException, InterruptedException {
    return leased(config, session, ChangeFeed.LEASE, setup);
  }

  /// As one of several nodes, which shows what is not older than its lease.
  static Stage leased(ChangesConfig config, Connection session, Duration lease, String... setup)
      throws SQLException, InterruptedException {
    for (String sql : setup) {
      Sessions.run(session, sql);
    }
    Stage stage = new Stage(config, session, lease);
    stage.attached();
    return stage;
  }

  /// Without waiting for the feed.
  static Stage begin(ChangesConfig config, Connection session) {
    return new Stage(config, session, ChangeFeed.LEASE);
  }

  void attached() throws InterruptedException {
    if (!feed.await(FeedSnapshot.State.ATTACHED, PATIENCE)) {
      throw new AssertionError("the feed did not attach: " + feed.snapshot());
    }
  }

  void run(String sql) throws SQLException {
    Sessions.run(session, sql);
  }

  /// Who connects afterwards begins with what the configuration says now.
  void reload() throws SQLException {
    String loaded = "select pg_conf_load_time()::text";
    String before = Sessions.one(session, loaded);
    run("select pg_reload_conf()");
    until(
        "the configuration was loaded",
        () -> {
          try {
            return !Sessions.one(session, loaded).equals(before);
          } catch (SQLException e) {
            throw new AssertionError(e);
          }
        });
  }

  long oid(String table) throws SQLException {
    return Long.parseLong(Sessions.one(session, "select '" + table + "'::regclass::oid::text"));
  }

  /// Waits until every change of a table is told, without waiting for the feed's next look at the
  /// catalog.
  void counts(long table) {
    until(
        "it counts",
        () -> {
          feed.schemaChanged().join();
          return feed.covered().contains(table);
        });
  }

  int number(String table, String column) throws SQLException {
    return Integer.parseInt(
        Sessions.one(
            session,
            "select attnum::text from pg_attribute where attrelid = '"
                + table
                + "'::regclass and attname = '"
                + column
                + "'"));
  }

  /// What an answer made now from these rows would carry.
  Evidence rows(String table, String column, Object value) throws SQLException {
    return evidence(new Dependency.Rows(oid(table), number(table, column), String.valueOf(value)));
  }

  /// As [#table], where only some columns count.
  Evidence columns(String table, String... columns) throws SQLException {
    List<Integer> numbers = new ArrayList<>();
    for (String column : columns) {
      numbers.add(number(table, column));
    }
    return evidence(Dependency.Columns.of(new Dependency.Table(oid(table)), numbers));
  }

  /// As [#table], where of a column only counts how it compares.
  Evidence compared(String table, String column, Comparison.Sign sign, String value)
      throws SQLException {
    Comparison comparison = new Comparison(number(table, column), sign, value);
    return evidence(
        new Dependency.Columns(new Dependency.Table(oid(table)), List.of(), List.of(comparison)));
  }

  Evidence table(String table) throws SQLException {
    return evidence(new Dependency.Table(oid(table)));
  }

  /// The first answer that depends on a column may have to be made again, and all have to wait for
  /// a feed that is late.
  private Evidence evidence(Dependency dependency) {
    AtomicReference<Evidence> made = new AtomicReference<>();
    until(
        "an answer is current",
        () -> {
          Freshness.AsOf asOf = freshness.asOf();
          if (asOf == null) {
            return false;
          }
          made.set(freshness.evidence(asOf, List.of(dependency)));
          return freshness.isCurrent(made.get());
        });
    return made.get();
  }

  boolean isCurrent(Evidence evidence) {
    return freshness.isCurrent(evidence);
  }

  /// Everything that was committed is published.
  void passed() throws InterruptedException {
    try {
      boolean isPassed =
          freshness.passed().get(PATIENCE.toSeconds(), TimeUnit.SECONDS).booleanValue();
      if (!isPassed) {
        throw new AssertionError("the feed was lost: " + feed.snapshot());
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the fence did not open: " + feed.snapshot(), e);
    }
  }

  static void until(String what, BooleanSupplier isSo) {
    long end = Time.system().nanos() + PATIENCE.toNanos();
    while (!isSo.getAsBoolean()) {
      if (Time.system().nanos() - end > 0) {
        throw new AssertionError("not within " + PATIENCE + ": " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() throws SQLException {
    feed.close();
    session.close();
  }
}
