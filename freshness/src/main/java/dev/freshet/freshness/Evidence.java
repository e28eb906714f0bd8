package dev.freshet.freshness;

import java.util.List;

/// What an answer was made from, and when: all that is needed to tell later whether it would come
/// out the same. Immutable; made by [Freshness#evidence].
public final class Evidence {
  private final long history;
  private final long asOf;
  private final List<Dependency> dependencies;
  private final long[] marks;

  /// The last state of affairs under which this was found current. A race only repeats the look.
  private long foundCurrentAt;

  Evidence(long history, long asOf, List<Dependency> dependencies, long[] marks) {
    this.history = history;
    this.asOf = asOf;
    this.dependencies = dependencies;
    this.marks = marks;
  }

  /// Which log its position belongs to: see [Freshness.Feed#attach].
  public long history() {
    return history;
  }

  /// The position that had been published before the first thing was read.
  public long asOf() {
    return asOf;
  }

  /// Without duplicates; of a table named as a whole there are no rows beside.
  public List<Dependency> dependencies() {
    return dependencies;
  }

  /// Octets of heap.
  public long weight() {
    long octets = 80 + 8L * marks.length;
    for (Dependency dependency : dependencies) {
      octets +=
          dependency instanceof Dependency.Rows(_, _, String value) ? 88 + value.length() : 32;
    }
    return octets;
  }

  long[] marks() {
    return marks;
  }

  long foundCurrentAt() {
    return foundCurrentAt;
  }

  void foundCurrentAt(long state) {
    foundCurrentAt = state;
  }
}
