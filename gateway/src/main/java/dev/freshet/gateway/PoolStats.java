package dev.freshet.gateway;

/// What one pool counts, as `SHOW STATS` shows it. Only on the loop.
final class PoolStats {
  private final Sizing.Log log = new Sizing.Log();
  private long transactions;
  private long queries;
  private long received;
  private long sent;
  private long heldNanos;
  private long waitedNanos;

  /// A client has given its server connection back.
  ///
  /// @param askedAt when it began to wait
  /// @param gotAt when its turn came
  void gaveBack(long askedAt, long gotAt, long now) {
    transactions++;
    heldNanos += now - gotAt;
    waitedNanos += gotAt - askedAt;
    log.add(askedAt, now - gotAt);
  }

  /// ReadyForQuery for a client.
  void answered() {
    queries++;
  }

  /// Octets on their way from clients to the server.
  void toServer(int octets) {
    received += octets;
  }

  /// Octets on their way from the server to clients.
  void toClients(int octets) {
    sent += octets;
  }

  long transactions() {
    return transactions;
  }

  long queries() {
    return queries;
  }

  long received() {
    return received;
  }

  long sent() {
    return sent;
  }

  /// Time that server connections were held by clients, all together.
  long heldNanos() {
    return heldNanos;
  }

  long waitedNanos() {
    return waitedNanos;
  }

  Sizing.Log log() {
    return log;
  }
}
