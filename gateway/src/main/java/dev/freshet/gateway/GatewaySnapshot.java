package dev.freshet.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The gateway's state at one moment, for `GET /pool`.
///
/// @param pins how often server connections were kept beyond a transaction, by reason
public record GatewaySnapshot(
    String listen, String server, int clients, List<PoolLine> pools, Map<String, Long> pins) {

  /// One user on one database.
  ///
  /// @param reuse checkouts of all pools for each server connection opened
  public record PoolLine(
      String database,
      String user,
      int active,
      int idle,
      int size,
      int waiting,
      double reuse,
      double waitP50Millis,
      double waitP99Millis) {}

  static GatewaySnapshot of(Gateway gateway) {
    GatewayFigures figures = gateway.figures();
    List<PoolLine> lines = new ArrayList<>();
    for (Pool pool : gateway.pools()) {
      lines.add(
          new PoolLine(
              pool.who().database(),
              pool.who().user(),
              pool.size() - pool.idle(),
              pool.idle(),
              gateway.config().pool().size(),
              pool.waiting(),
              (double) figures.checkouts() / Math.max(1, figures.serversOpened()),
              figures.waits().quantileNanos(0.5) / 1e6,
              figures.waits().quantileNanos(0.99) / 1e6));
    }
    return new GatewaySnapshot(
        gateway.address().toString(),
        gateway.config().database().toString(),
        gateway.sessions().size(),
        lines,
        figures.pins());
  }
}
