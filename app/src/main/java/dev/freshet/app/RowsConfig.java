package dev.freshet.app;

import dev.freshet.changes.ChangeFeed;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an operator says about keeping answers on the strength of rows.
///
/// @param fence how long an answer to a write is held until everybody is shown the write; null to
///   hold none
/// @param visitorTables tables whose rows are touched by nearly every request and concern one
///   visitor each: what is read and written there makes no answer another
/// @param jobs users and application names whose statements never belong to a request
public record RowsConfig(@Nullable Duration fence, List<String> visitorTables, Set<String> jobs) {
  /// Far longer than a feed needs, shorter than people wait.
  static final Duration FENCE = Duration.ofSeconds(1);

  public RowsConfig {
    visitorTables = List.copyOf(visitorTables);
    jobs = Set.copyOf(jobs);
  }

  static RowsConfig defaults() {
    return new RowsConfig(FENCE, List.of(), Set.of());
  }

  /// How far behind a node may be at most that others share the database with: with the eighth that
  /// they wait longer, because clocks differ, it is less than they hold an answer.
  Duration lease() {
    return fence == null ? ChangeFeed.LEASE : fence.multipliedBy(4).dividedBy(5);
  }

  static RowsConfig read(Section root) {
    Section section = root.section("rows");
    Duration fence =
        section.<@Nullable Duration>read(
            "fence", FENCE, value -> value.equals("off") ? null : Durations.parse(value));
    RowsConfig out =
        new RowsConfig(fence, section.texts("visitor-tables"), Set.copyOf(section.texts("jobs")));
    section.end();
    return out;
  }
}
