package dev.freshet.freshness;

/// How one trip to the app went, as the edge saw it, in nanoseconds. The parts follow each other.
///
/// @param before from the request to the trip's beginning: looking in the second tier, waiting for
///   another's trip
/// @param connection waiting for a connection to the app
/// @param answer from the head that was sent to the head of the answer
/// @param fence an answer to a write waiting until everybody is shown the write
/// @param coding compressing while the answer passed
/// @param transfer the rest, up to the last octet handed to the client's connection
/// @param octets of content
public record TripTimes(
    long before,
    long connection,
    long answer,
    long fence,
    long coding,
    long transfer,
    long octets) {

  /// From the request to the last octet.
  public long total() {
    return before + connection + answer + fence + coding + transfer;
  }
}
