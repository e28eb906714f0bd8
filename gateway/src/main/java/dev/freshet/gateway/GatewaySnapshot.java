package dev.freshet.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The gateway's state at one moment, for `GET /pool`.
///
/// @param pins how often server connections were kept beyond a transaction, by reason
/// @param results that are answered from memory
public record GatewaySnapshot(
    String listen,
    String server,
    int clients,
    List<PoolLine> pools,
    Map<String, Long> pins,
    ResultsSnapshot results) {

  /// One user on one database.
  ///
  /// @param replica the one it is of; empty for the primary
  /// @param reuse checkouts of all pools for each server connection opened
  /// @param utilisation share of its connections held by clients just now
  /// @param sizing which size meets which wait
  public record PoolLine(
      String database,
      String user,
      String replica,
      int active,
      int idle,
      int size,
      int waiting,
      boolean paused,
      double reuse,
      double utilisation,
      long transactions,
      long queries,
      double waitP50Millis,
      double waitP99Millis,
      Sizing sizing) {}

  /// @param logs of the pools, for advice that is not worked out on the loop
  record Taken(GatewaySnapshot snapshot, List<Sizing.Log> logs) {
    GatewaySnapshot withAdvice() {
      List<PoolLine> lines = new ArrayList<>();
      for (int i = 0; i < logs.size(); i++) {
        PoolLine line = snapshot.pools().get(i);
        lines.add(advised(line, Sizing.of(logs.get(i), line.size())));
      }
      return new GatewaySnapshot(
          snapshot.listen(),
          snapshot.server(),
          snapshot.clients(),
          lines,
          snapshot.pins(),
          snapshot.results());
    }

    private static PoolLine advised(PoolLine l, Sizing sizing) {
      return new PoolLine(
          l.database(),
          l.user(),
          l.replica(),
          l.active(),
          l.idle(),
          l.size(),
          l.waiting(),
          l.paused(),
          l.reuse(),
          l.utilisation(),
          l.transactions(),
          l.queries(),
          l.waitP50Millis(),
          l.waitP99Millis(),
          sizing);
    }
  }

  static Taken of(Gateway gateway) {
    GatewayFigures figures = gateway.figures();
    List<PoolLine> lines = new ArrayList<>();
    List<Sizing.Log> logs = new ArrayList<>();
    int size = gateway.config().pool().size();
    for (Pool pool : gateway.pools()) {
      int active = pool.size() - pool.idle();
      lines.add(
          new PoolLine(
              pool.who().database(),
              pool.who().user(),
              pool.replica() == null ? "" : String.valueOf(pool.replica()),
              active,
              pool.idle(),
              size,
              pool.waiting(),
              pool.isPaused(),
              (double) figures.checkouts() / Math.max(1, figures.serversOpened()),
              (double) active / size,
              pool.stats().transactions(),
              pool.stats().queries(),
              figures.waits().quantileNanos(0.5) / 1e6,
              figures.waits().quantileNanos(0.99) / 1e6,
              Sizing.NONE));
      logs.add(pool.stats().log().copy());
    }
    return new Taken(
        new GatewaySnapshot(
            gateway.address().toString(),
            gateway.config().database().toString(),
            gateway.sessions().size(),
            lines,
            figures.pins(),
            gateway.results().snapshot(gateway.fences())),
        logs);
  }
}
