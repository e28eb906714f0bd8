package dev.freshet.base;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// A [Time] that stands still until told to move; shipped so that every room's tests can use it.
public final class FakeTime implements Time {
  private final AtomicLong nanos = new AtomicLong();
  private volatile long epochMillis;

  public FakeTime(long epochMillis) {
    this.epochMillis = epochMillis;
  }

  @Override
  public long nanos() {
    return nanos.get();
  }

  @Override
  public long millis() {
    return epochMillis + nanos.get() / 1_000_000;
  }

  @Override
  public long wallNanos() {
    return epochMillis * 1_000_000 + nanos.get();
  }

  /// Sets the wall clock, as somebody does who finds it wrong; the other goes on as before.
  public synchronized void setBy(Duration by) {
    epochMillis += by.toMillis();
  }

  /// Moves both clocks forward.
  public void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
  }
}
