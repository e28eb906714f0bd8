package dev.freshet.gateway;

import java.util.concurrent.atomic.AtomicLong;

/// Room for long messages that have to be whole before they can be read, all clients together. On
/// the gateway's loop.
final class Held {
  /// So many of the longest.
  private static final int MESSAGES = 4;

  private final AtomicLong octets = new AtomicLong();

  /// @param most octets of one message
  /// @return false when there is no room
  boolean take(int size, int most) {
    if (octets.get() + size > (long) MESSAGES * most) {
      return false;
    }
    octets.addAndGet(size);
    return true;
  }

  void giveBack(int size) {
    octets.addAndGet(-size);
  }

  long octets() {
    return octets.get();
  }
}
