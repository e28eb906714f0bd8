package dev.freshet.edge;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Chooses the origin of a request: among those that are up the one with the fewest requests under
/// way; among equals they take turns.
///
/// All are looked at: there are few, and two loops may both pick the same one without harm.
final class Balancer {
  private final List<Origin> origins;
  private final OriginConfig.AllDown allDown;
  private final AtomicInteger turn = new AtomicInteger();

  /// @param origins at least one
  Balancer(List<Origin> origins, OriginConfig.AllDown allDown) {
    this.origins = List.copyOf(origins);
    this.allDown = allDown;
  }

  /// The origin to ask, or null when there is none (left).
  ///
  /// @param tried those that have failed this request already
  /// @param mayProbe whether the request can be tried elsewhere, so that it does no harm to find
  ///   out with it whether an ejected origin is back
  @Nullable Origin choose(List<Origin> tried, boolean mayProbe) {
    if (origins.size() == 1) {
      return tried.isEmpty() ? origins.getFirst() : null;
    }
    for (Origin origin : origins) {
      if (!tried.contains(origin) && origin.health().claimProbe(mayProbe)) {
        return origin;
      }
    }
    Origin best = leastBusy(tried);
    boolean despite = allDown == OriginConfig.AllDown.TRY && tried.isEmpty();
    return best == null && despite ? leastBad() : best;
  }

  private @Nullable Origin leastBusy(List<Origin> tried) {
    int start = (turn.getAndIncrement() & Integer.MAX_VALUE) % origins.size();
    Origin best = null;
    for (int i = 0; i < origins.size(); i++) {
      Origin origin = origins.get((start + i) % origins.size());
      boolean isChoice = origin.health().isUp() && !tried.contains(origin);
      if (isChoice && (best == null || origin.active() < best.active())) {
        best = origin;
      }
    }
    return best;
  }

  private Origin leastBad() {
    Origin best = origins.getFirst();
    for (Origin origin : origins) {
      if (origin.health().untilNanos() - best.health().untilNanos() < 0) {
        best = origin;
      }
    }
    return best;
  }
}
