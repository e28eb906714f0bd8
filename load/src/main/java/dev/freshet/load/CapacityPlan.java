package dev.freshet.load;

import java.util.OptionalInt;

/// How many users one node carries, and how many nodes so many users need.
///
/// A node is planned with [#HEADROOM] of what it carried within the target: some node fails, and
/// arrivals come in bursts. What nodes share, like a database, was measured under one node's load
/// only, so nothing is foretold beyond [#REACH] times that.
///
/// @param perSecond what one node carried within the target
/// @param perUser requests a second that one user makes
public record CapacityPlan(double perSecond, double perUser) {
  /// Of what a node can carry.
  public static final double HEADROOM = 0.7;

  /// Beyond so many times what was measured nothing is foretold.
  public static final double REACH = 2;

  public CapacityPlan {
    if (!(perUser > 0)) {
      throw new IllegalArgumentException("a user must make some requests");
    }
  }

  /// Users that one node carries.
  public double users() {
    return perSecond / perUser;
  }

  /// Requests a second that a node is planned with.
  public double plannedPerSecond() {
    return perSecond * HEADROOM;
  }

  /// The most users that anything is said about.
  public double reach() {
    return REACH * users();
  }

  /// Nodes for so many users; empty beyond the reach.
  public OptionalInt nodes(double users) {
    if (users > reach()) {
      return OptionalInt.empty();
    }
    // Not one more for what the division rounds up.
    double nodes = Math.ceil(users * perUser / plannedPerSecond() - 1e-9);
    return OptionalInt.of((int) Math.max(1, nodes));
  }
}
