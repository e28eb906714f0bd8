package dev.freshet.sql;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a statement does to which tables, as far as its text tells. Ask once for each new
/// fingerprint: statements that share one share their shape, except for those with
/// [Statement#namesClock], which must not be asked for the others, and for TOO_LARGE and TOO_SLOW,
/// which are about one text.
///
/// A name may be a view, a sequence, a foreign table or one that a trigger or policy stands behind,
/// `t.f` a function of a row, `lower` one of the user's that comes first in the search path, the
/// type of a cast one with an input function of the user's: that is for [Footprint], which knows
/// the catalog.
public sealed interface Shape {

  /// Reads these tables and nothing else; the same rows and the same session settings give an
  /// answer that PostgreSQL may give again.
  ///
  /// @param repeatable false where a row limit or DISTINCT ON has no order to choose by: another
  ///   answer would be right too
  /// @param outline which of their rows: for [Footprint]
  record Reads(Set<TableName> tables, boolean repeatable, Outline outline) implements Shape {}

  /// Changes rows of these tables, in table expressions too.
  ///
  /// @param outline what it calls, for [Footprint]; null where it may read any table
  record Writes(Set<TableName> tables, @Nullable Outline outline) implements Shape {}

  /// Whatever: never cached, and after it nothing can be taken for granted.
  record Unknown(NotCacheable reason) implements Shape {}

  /// The same with a limit of one second.
  static Shape of(String sql) {
    return of(sql, Duration.ofSeconds(1));
  }

  /// Never throws. Mostly takes less than a millisecond, but may wait for the whole limit: not for
  /// an event loop.
  static Shape of(String sql, Duration limit) {
    try {
      return Shaping.of(sql, limit);
    } catch (Refusal e) {
      return new Unknown(e.reason());
    }
  }
}
