package dev.freshet.recording;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// A queue of fixed room without locks: many put in, one takes out. Who puts in never waits and
/// wakes nobody up, so that it costs him next to nothing; who takes out looks now and then.
final class Ring<E> {
  private final AtomicReferenceArray<@Nullable E> slots;

  /// How many were taken out ever; of the one who takes.
  private final AtomicLong head = new AtomicLong();

  /// How many were put in ever.
  private final AtomicLong tail = new AtomicLong();

  Ring(int room) {
    slots = new AtomicReferenceArray<>(room);
  }

  /// Puts one in; false where it is full. From any thread.
  boolean offer(E element) {
    while (true) {
      long at = tail.get();
      if (at - head.get() >= slots.length()) {
        return false;
      }
      if (tail.compareAndSet(at, at + 1)) {
        slots.setRelease((int) (at % slots.length()), element);
        return true;
      }
    }
  }

  /// Takes the first one out; null where there is none. From one thread.
  @Nullable E poll() {
    long at = head.get();
    if (at == tail.get()) {
      return null;
    }
    int slot = (int) (at % slots.length());
    E first = slots.getAcquire(slot);
    while (first == null) {
      // Its place is taken, and it comes at once.
      Thread.onSpinWait();
      first = slots.getAcquire(slot);
    }
    slots.setPlain(slot, null);
    head.setRelease(at + 1);
    return first;
  }

  /// How many are in it.
  int size() {
    return (int) (tail.get() - head.get());
  }

  /// Whether it is more than half full.
  boolean isFilling() {
    return size() * 2 > slots.length();
  }
}
