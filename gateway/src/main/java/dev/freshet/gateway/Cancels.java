package dev.freshet.gateway;

/// The cancel requests under way for one server connection. Until they have been dealt with nobody
/// else gets it: a late one would stop another's statement.
final class Cancels {
  private final Pool pool;
  private final int pid;
  private final byte[] key;
  private int underWay;
  private boolean isWaitedFor;
  private boolean isUncertain;

  Cancels(Pool pool, int pid, byte[] key) {
    this.pool = pool;
    this.pid = pid;
    this.key = key.clone();
  }

  int pid() {
    return pid;
  }

  /// Asks the server to stop what the connection runs.
  void send(ServerLink link) {
    underWay++;
    pool.sendCancel(
        link.host(),
        pid,
        key,
        isDealtWith -> {
          underWay--;
          isUncertain |= !isDealtWith;
          if (underWay == 0 && isWaitedFor) {
            isWaitedFor = false;
            pool.unparked(link);
          }
        });
  }

  /// Whether some are under way; the pool is told when they are not any more.
  boolean mustBeAwaited() {
    isWaitedFor = underWay > 0;
    return isWaitedFor;
  }

  /// True when nobody knows whether one is still to come.
  boolean areUncertain() {
    return isUncertain;
  }
}
