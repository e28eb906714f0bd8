package dev.freshet.live;

import dev.freshet.freshness.Evidence;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One answer that is followed, for all who are given it. Belongs to the hub's thread.
final class Topic {
  /// What all its members are answered with; null for one subscriber's own.
  final @Nullable String sharedAs;

  final Set<Subscription> members = new LinkedHashSet<>();
  State state;
  Evidence evidence;
  boolean fetching;

  /// Since when it is known to have changed, nanoseconds; 0 when it is not.
  long changedAt;

  /// How often in a row there was no answer, or none of use.
  int failures;

  /// How often in a row an answer was out of date when it came.
  int restless;

  Topic(@Nullable String sharedAs, State state, Evidence evidence) {
    this.sharedAs = sharedAs;
    this.state = state;
    this.evidence = evidence;
  }

  boolean wantsContent() {
    for (Subscription each : members) {
      if (each.wantsContent()) {
        return true;
      }
    }
    return false;
  }
}
