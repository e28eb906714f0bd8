package dev.freshet.gateway;

/// How long the client of one server connection has been at one thing. Looked at a few times a
/// second, which is as exact as these limits are, so that nothing need be noted when statements
/// begin and end.
final class Stopwatch {
  private long steps;
  private long seen;
  private long sinceNanos;
  private boolean isCancelled;

  /// ReadyForQuery: what comes now is another thing.
  void step() {
    steps++;
  }

  /// Cancels a statement that runs for too long, and ends the client whose transaction is idle for
  /// too long, or whose statement goes on all the same.
  void look(ServerLink link, long now, GatewayConfig.Limits limits) {
    ClientSession client = link.holder();
    boolean isBusy = link.isBusy();
    if (client == null || steps != seen || !(isBusy || client.isInTransaction())) {
      seen = steps;
      sinceNanos = now;
      isCancelled = false;
      return;
    }
    long most = isBusy ? limits.statement().toNanos() : limits.idleInTransaction().toNanos();
    long lasted = now - sinceNanos;
    if (most == 0 || lasted <= most) {
      return;
    }
    if (!isBusy) {
      client.timedOut(Refusals.IDLE_IN_TRANSACTION);
    } else if (!isCancelled) {
      isCancelled = true;
      link.cancels().send(link);
    } else if (lasted > most + limits.login().toNanos()) {
      client.timedOut(Refusals.RAN_ON);
    }
  }
}
