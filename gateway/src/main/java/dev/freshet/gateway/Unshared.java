package dev.freshet.gateway;

/// The client's unnamed statement, as it sent it: kept so that it can be prepared again when its
/// Bind comes in another transaction, on another server connection.
@SuppressWarnings("ArrayRecordComponent")
record Unshared(byte[] sql, byte[] types, Reading reading) implements Preparation, Skipped {
  /// That it is prepared once more, for the client to go on with.
  @Override
  public void takeBack(ServerLink link) {
    if (equals(link.prepared().unnamed())) {
      link.prepared().unnamed(null);
    }
  }
}
