package dev.freshet.assets;

import java.util.function.LongSupplier;

/// After there was too little memory for a picture none is made for a minute: neither is that one
/// tried again at each request for it, nor does it count as one that can't be made better.
final class Shortage {
  static final long NANOS = 60L * 1_000_000_000;
  private final LongSupplier nanos;
  private volatile boolean isOn;
  private volatile long since;

  /// @param nanos a clock that only goes on
  Shortage(LongSupplier nanos) {
    this.nanos = nanos;
  }

  void begin() {
    since = nanos.getAsLong();
    isOn = true;
  }

  boolean isOn() {
    return isOn && nanos.getAsLong() - since < NANOS;
  }
}
