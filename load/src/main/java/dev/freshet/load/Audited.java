package dev.freshet.load;

/// What asking for written figures has shown.
///
/// @param answers that were looked at
/// @param stale of them: showed a figure that had been overwritten, with acknowledgement, before
///   they were asked for
public record Audited(long answers, long stale) {
  static final Audited NOTHING = new Audited(0, 0);
}
