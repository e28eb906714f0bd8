package dev.freshet.edge;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Why a URL is answered as it is, for `GET /why`.
///
/// @param entries what is stored in the heap tier, one a variant and user
/// @param moreEntries how many beyond those told
/// @param lastNotStored why the last answer was not kept on the strength of rows; null where none
///   was refused
public record WhySnapshot(
    String url, List<Line> entries, int moreEntries, @Nullable Refused lastNotStored) {

  /// @param byUser whether it is for one user only
  /// @param standing `live`, `soft`, `changed` or `gone`
  /// @param asOf position in the database's log, as `0/16B3748`; null where rows don't keep it
  /// @param dependencies `products` for any row of a table, `products.id = 42` for rows by the
  ///   value of a column
  public record Line(
      int status,
      long bytes,
      boolean byUser,
      String standing,
      long ageSeconds,
      @Nullable Long secondsLeft,
      @Nullable String asOf,
      List<String> dependencies) {}

  /// @param detail which statement or table; may be empty
  public record Refused(String reason, String detail, long secondsAgo) {}
}
