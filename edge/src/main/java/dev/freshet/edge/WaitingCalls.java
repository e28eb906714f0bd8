package dev.freshet.edge;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Calls that wait for a connection of one pool: first come first served, after the few that go
/// ahead.
final class WaitingCalls {
  private final ArrayDeque<OriginCall> ahead = new ArrayDeque<>();
  private final ArrayDeque<OriginCall> others = new ArrayDeque<>();

  void add(OriginCall call) {
    (call.isAhead() ? ahead : others).add(call);
  }

  void remove(OriginCall call) {
    if (!ahead.remove(call)) {
      others.remove(call);
    }
  }

  @Nullable OriginCall poll() {
    OriginCall first = ahead.poll();
    return first == null ? others.poll() : first;
  }

  /// One that has waited for so long, taken out; null for none.
  @Nullable OriginCall pollLate(long now, long limit) {
    OriginCall first = pollLate(ahead, now, limit);
    return first == null ? pollLate(others, now, limit) : first;
  }

  private static @Nullable OriginCall pollLate(ArrayDeque<OriginCall> of, long now, long limit) {
    OriginCall first = of.peek();
    return first != null && first.hasWaited(now, limit) ? of.remove() : null;
  }

  int size() {
    return ahead.size() + others.size();
  }

  boolean isEmpty() {
    return size() == 0;
  }
}
