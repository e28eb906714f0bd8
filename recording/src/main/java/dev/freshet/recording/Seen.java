package dev.freshet.recording;

import org.jspecify.annotations.Nullable;

/// A request that is being recorded, for its answer to be put beside it.
public final class Seen {
  final Sighting sighting;

  /// Whether something of its session got lost, so that nothing more of it is written.
  final boolean isOut;

  // Of the writing thread.
  @Nullable Visitor visitor;
  long number;

  Seen(Sighting sighting, boolean isOut) {
    this.sighting = sighting;
    this.isOut = isOut;
  }

  /// As in [Sighting].
  public String who() {
    return sighting.who();
  }
}
