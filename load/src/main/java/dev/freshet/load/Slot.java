package dev.freshet.load;

/// Where one call at a time can be sent: a connection of HTTP/1.1, or a place for a stream on one
/// of HTTP/2.
interface Slot {

  /// Whether another call can be sent.
  boolean isOpen();

  /// To whose connections it belongs.
  Pool pool();

  /// Sends the call of a visit; only while nothing is out here.
  void send(Session whose);

  /// Nobody waits for the answer any longer, or for more of it.
  void abandon();
}
