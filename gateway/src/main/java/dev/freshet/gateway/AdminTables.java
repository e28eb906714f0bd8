package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What `SHOW` shows.
final class AdminTables {
  private AdminTables() {}

  /// @param rows values in text form
  record Table(List<String> columns, List<List<String>> rows) {}

  private static List<String> row(@Nullable Object... values) {
    return Arrays.stream(values).map(value -> Objects.toString(value, "")).toList();
  }

  /// Columns as PgBouncer's, for the tools that read them, then our own.
  static Table pools(Gateway gateway) {
    List<List<String>> rows = new ArrayList<>();
    long now = gateway.time().nanos();
    for (Pool pool : gateway.pools()) {
      long micros = TimeUnit.NANOSECONDS.toMicros(pool.longestWaitNanos(now));
      int active = pool.size() - pool.idle() - pool.inUpkeep();
      rows.add(
          row(
              pool.who().database(),
              pool.who().user(),
              served(gateway, pool),
              pool.waiting(),
              active,
              pool.idle(),
              pool.inUpkeep(),
              pool.connecting(),
              micros / 1_000_000,
              micros % 1_000_000,
              word(pool.mode()),
              gateway.config().pool().size(),
              pool.isPaused() ? 1 : 0,
              pool.replica()));
    }
    return new Table(
        List.of(
            "database",
            "user",
            "cl_active",
            "cl_waiting",
            "sv_active",
            "sv_idle",
            "sv_tested",
            "sv_login",
            "maxwait",
            "maxwait_us",
            "pool_mode",
            "pool_size",
            "paused",
            "replica"),
        rows);
  }

  /// Its clients that wait for nothing.
  private static long served(Gateway gateway, Pool pool) {
    return gateway.sessions().stream().filter(c -> c.pool().equals(pool) && !c.isWaiting()).count();
  }

  private static String word(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  static Table clients(Gateway gateway) {
    List<List<String>> rows = new ArrayList<>();
    for (ClientSession client : gateway.sessions()) {
      ServerLink link = client.link();
      String state = "idle";
      if (client.isWaiting()) {
        state = "waiting";
      } else if (link != null) {
        state = link.isBusy() ? "active" : link.status() == 'I' ? "pinned" : "in transaction";
      }
      rows.add(
          row(
              client.pid(),
              client.pool().who().database(),
              client.pool().who().user(),
              client.name(),
              state,
              link == null ? null : link.cancels().pid(),
              String.join(",", client.pins().stream().map(Pin::word).toList())));
    }
    return new Table(
        List.of("pid", "database", "user", "application_name", "state", "server_pid", "pinned_by"),
        rows);
  }

  static Table servers(Gateway gateway) {
    List<List<String>> rows = new ArrayList<>();
    long now = gateway.time().nanos();
    for (Pool pool : gateway.pools()) {
      for (ServerLink link : pool.links()) {
        ClientSession holder = link.holder();
        rows.add(
            row(
                link.cancels().pid(),
                pool.who().database(),
                pool.who().user(),
                holder == null ? "idle" : "active",
                TimeUnit.NANOSECONDS.toSeconds(now - link.tenure().createdNanos()),
                holder == null ? null : holder.pid(),
                link.host().host(),
                link.host().port(),
                pool.replica() == null ? "primary" : "replica"));
      }
    }
    return new Table(
        List.of("pid", "database", "user", "state", "age_s", "client_pid", "addr", "port", "role"),
        rows);
  }

  /// Who may be read from beside the primary, and why not.
  static Table replicas(Gateway gateway) {
    List<List<String>> rows = new ArrayList<>();
    for (Replicas.Line line : gateway.replicas().lines()) {
      rows.add(
          row(
              line.host().host(),
              line.host().port(),
              line.state(),
              line.lagMillis() < 0 ? null : line.lagMillis(),
              Long.toUnsignedString(line.position()),
              line.reads()));
    }
    return new Table(List.of("addr", "port", "state", "known_lag_ms", "replayed", "reads"), rows);
  }

  /// Columns as PgBouncer's; times in microseconds.
  static Table stats(Gateway gateway) {
    List<List<String>> rows = new ArrayList<>();
    for (Pool pool : gateway.pools()) {
      PoolStats stats = pool.stats();
      long transactions = Math.max(1, stats.transactions());
      rows.add(
          row(
              pool.who().database(),
              pool.who().user(),
              stats.transactions(),
              stats.queries(),
              stats.received(),
              stats.sent(),
              stats.heldNanos() / 1_000,
              stats.waitedNanos() / 1_000,
              stats.heldNanos() / 1_000 / transactions,
              stats.waitedNanos() / 1_000 / transactions));
    }
    return new Table(
        List.of(
            "database",
            "user",
            "total_xact_count",
            "total_query_count",
            "total_received",
            "total_sent",
            "total_xact_time",
            "total_wait_time",
            "avg_xact_time",
            "avg_wait_time"),
        rows);
  }

  static Table waits(Gateway gateway) {
    GatewayFigures figures = gateway.figures();
    List<List<String>> rows = new ArrayList<>();
    for (double q : new double[] {0.5, 0.9, 0.99, 0.999}) {
      rows.add(row(q, figures.waits().quantileNanos(q) / 1_000));
    }
    return new Table(List.of("quantile", "wait_us"), rows);
  }

  static Table lists(Gateway gateway) {
    List<List<String>> rows = new ArrayList<>();
    int idle = gateway.pools().stream().mapToInt(Pool::idle).sum();
    int all = gateway.pools().stream().mapToInt(Pool::size).sum();
    rows.add(row("pools", gateway.pools().size()));
    rows.add(row("users", gateway.pools().stream().map(p -> p.who().user()).distinct().count()));
    rows.add(
        row("databases", gateway.pools().stream().map(p -> p.who().database()).distinct().count()));
    rows.add(row("used_clients", gateway.sessions().size()));
    rows.add(row("login_clients", gateway.arrivals()));
    rows.add(row("free_servers", idle));
    rows.add(row("used_servers", all - idle));
    return new Table(List.of("list", "items"), rows);
  }

  static Table databases(Gateway gateway) {
    List<List<String>> rows = new ArrayList<>();
    HostPort found = gateway.servers().current();
    HostPort primary = found == null ? gateway.config().database().server() : found;
    for (Pool pool : gateway.pools()) {
      HostPort replica = pool.replica();
      HostPort at = replica == null ? primary : replica;
      rows.add(
          row(
              pool.who().database(),
              at.host(),
              at.port(),
              pool.who().database(),
              pool.who().user(),
              gateway.config().pool().size(),
              word(pool.mode()),
              pool.size(),
              pool.isPaused() ? 1 : 0));
    }
    return new Table(
        List.of(
            "name",
            "host",
            "port",
            "database",
            "force_user",
            "pool_size",
            "pool_mode",
            "current_connections",
            "paused"),
        rows);
  }

  /// Which pool size meets which wait; `enough` marks the smallest that will do.
  static Table sizing(GatewaySnapshot snapshot) {
    List<List<String>> rows = new ArrayList<>();
    for (GatewaySnapshot.PoolLine pool : snapshot.pools()) {
      for (Sizing.Line line : pool.sizing().sizes()) {
        rows.add(
            row(
                pool.database(),
                pool.user(),
                line.size(),
                rounded(line.waitP50Millis()),
                rounded(line.waitP99Millis()),
                rounded(line.utilisation()),
                line.size() == pool.size() ? "now" : "",
                line.size() == pool.sizing().enough() ? "enough" : ""));
      }
    }
    return new Table(
        List.of(
            "database",
            "user",
            "size",
            "wait_p50_ms",
            "wait_p99_ms",
            "utilisation",
            "is",
            "will_be"),
        rows);
  }

  private static String rounded(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  static Table statements(Gateway gateway) {
    List<List<String>> rows = new ArrayList<>();
    for (StatementsSnapshot.Line line :
        gateway.workload().snapshot(StatementOrder.TIME, 100).statements()) {
      rows.add(
          row(
              line.fingerprint(),
              line.calls(),
              millis(line.totalMillis()),
              millis(line.meanMillis()),
              millis(line.p95Millis()),
              line.rows(),
              line.bytes(),
              millis(line.waitMillis()),
              line.errors().values().stream().mapToLong(n -> n).sum(),
              line.repeated().requests(),
              line.cacheable(),
              line.text()));
    }
    return new Table(
        List.of(
            "fingerprint",
            "calls",
            "total_ms",
            "mean_ms",
            "p95_ms",
            "rows",
            "bytes",
            "wait_ms",
            "errors",
            "repeating_requests",
            "cacheable",
            "statement"),
        rows);
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  static Table pins(Gateway gateway) {
    List<List<String>> rows = new ArrayList<>();
    gateway.figures().pins().forEach((reason, count) -> rows.add(row(reason, count)));
    return new Table(List.of("reason", "count"), rows);
  }

  static Table results(ResultsSnapshot now) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(row("keys", now.keys()));
    rows.add(row("bytes", now.bytes()));
    rows.add(row("capacity", now.capacity()));
    rows.add(row("evictions", now.evictions()));
    rows.add(row("second_tier", now.secondTier()));
    rows.add(row("hits", now.hits()));
    rows.add(row("joined", now.joined()));
    rows.add(row("misses", now.misses()));
    rows.add(row("kept", now.kept()));
    rows.add(row("refused", now.refused()));
    now.untold().forEach((reason, n) -> rows.add(row("untold: " + reason, n)));
    rows.add(row("fence_p50_ms", millis(now.fenceP50Millis())));
    rows.add(row("fence_p99_ms", millis(now.fenceP99Millis())));
    rows.add(row("fence_late", now.fenceLate()));
    return new Table(List.of("figure", "value"), rows);
  }

  static Table config(Gateway gateway) {
    GatewayConfig config = gateway.config();
    List<List<String>> rows = new ArrayList<>();
    rows.add(row("listen", config.listen()));
    rows.add(row("database", config.database()));
    rows.add(row("replicas", config.replicas().hosts()));
    rows.add(row("replica-lag", config.replicas().lag()));
    rows.add(row("pool.size", config.pool().size()));
    rows.add(row("pool.mode", config.pool().mode().name().toLowerCase(Locale.ROOT)));
    rows.add(row("pool.queue-timeout", config.pool().queueTimeout()));
    rows.add(row("pool.max-age", config.pool().maxAge()));
    rows.add(row("pool.max-idle", config.pool().maxIdle()));
    rows.add(row("max-clients", config.limits().maxClients()));
    rows.add(row("max-prepared", config.limits().maxPrepared()));
    rows.add(row("max-statements", config.limits().maxStatements()));
    rows.add(row("login-timeout", config.limits().login()));
    rows.add(row("idle-in-transaction", config.limits().idleInTransaction()));
    rows.add(row("statement-timeout", config.limits().statement()));
    rows.add(row("max-message", config.limits().maxMessage()));
    rows.add(row("cache", config.results().isOn() ? "on" : "off"));
    rows.add(row("cache.memory", config.results().store().memory()));
    rows.add(row("fence", config.results().fence()));
    return new Table(List.of("key", "value"), rows);
  }

  static Table version() {
    return new Table(List.of("version"), List.of(row("Freshet gateway")));
  }

  static Table help(String text) {
    return new Table(List.of("commands"), List.of(row(text)));
  }
}
