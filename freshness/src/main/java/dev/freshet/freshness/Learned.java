package dev.freshet.freshness;

/// What was learned of how an answer was made.
public sealed interface Learned {

  /// Everything it depends on.
  record From(Evidence evidence) implements Learned {}

  /// Not enough to keep it on the strength of rows.
  ///
  /// @param detail which statement or table, for people; may be empty
  record Nothing(Doubt doubt, String detail) implements Learned {}
}
