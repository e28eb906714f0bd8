package dev.freshet.recording;

import org.jspecify.annotations.Nullable;

/// A request that is being recorded, for its answer to be put beside it.
public final class Seen {
  final Sighting sighting;

  // Of the writing thread.
  @Nullable Visitor visitor;
  long number;

  Seen(Sighting sighting) {
    this.sighting = sighting;
  }

  /// As in [Sighting].
  public String who() {
    return sighting.who();
  }
}
