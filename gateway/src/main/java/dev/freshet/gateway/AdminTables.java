package dev.freshet.gateway;

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

  static Table pools(Gateway gateway) {
    List<List<String>> rows = new ArrayList<>();
    long now = gateway.time().nanos();
    for (Pool pool : gateway.pools()) {
      long clients = gateway.sessions().stream().filter(c -> c.pool().equals(pool)).count();
      rows.add(
          row(
              pool.who().database(),
              pool.who().user(),
              clients,
              pool.waiting(),
              pool.size() - pool.idle(),
              pool.idle(),
              gateway.config().pool().size(),
              TimeUnit.NANOSECONDS.toMillis(pool.longestWaitNanos(now)),
              pool.mode().name().toLowerCase(Locale.ROOT),
              pool.isPaused() ? "paused" : "open"));
    }
    return new Table(
        List.of(
            "database",
            "user",
            "clients",
            "waiting",
            "active",
            "idle",
            "size",
            "maxwait_ms",
            "pool_mode",
            "state"),
        rows);
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
              link == null ? null : link.pid(),
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
                link.pid(),
                pool.who().database(),
                pool.who().user(),
                holder == null ? "idle" : "active",
                TimeUnit.NANOSECONDS.toSeconds(now - link.createdNanos()),
                holder == null ? null : holder.pid()));
      }
    }
    return new Table(List.of("pid", "database", "user", "state", "age_s", "client_pid"), rows);
  }

  static Table stats(Gateway gateway) {
    GatewayFigures figures = gateway.figures();
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        row(
            figures.checkouts(),
            figures.serversOpened(),
            figures.waits().quantileNanos(0.5) / 1_000,
            figures.waits().quantileNanos(0.99) / 1_000));
    return new Table(List.of("checkouts", "servers_opened", "wait_p50_us", "wait_p99_us"), rows);
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

  static Table config(Gateway gateway) {
    GatewayConfig config = gateway.config();
    List<List<String>> rows = new ArrayList<>();
    rows.add(row("listen", config.listen()));
    rows.add(row("database", config.database()));
    rows.add(row("pool.size", config.pool().size()));
    rows.add(row("pool.mode", config.pool().mode().name().toLowerCase(Locale.ROOT)));
    rows.add(row("pool.queue-timeout", config.pool().queueTimeout()));
    rows.add(row("pool.max-age", config.pool().maxAge()));
    rows.add(row("pool.max-idle", config.pool().maxIdle()));
    rows.add(row("max-clients", config.limits().maxClients()));
    return new Table(List.of("key", "value"), rows);
  }

  static Table version() {
    return new Table(List.of("version"), List.of(row("Freshet gateway")));
  }

  static Table help(String text) {
    return new Table(List.of("commands"), List.of(row(text)));
  }
}
