package dev.freshet.gateway;

import dev.freshet.sql.Shape;
import dev.freshet.sql.Statement;
import dev.freshet.sql.TableName;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which statements an operator, or the statement's own comment, wants kept.
final class ResultRules {
  /// The tag that a statement may carry.
  static final String TAG = "freshet_ttl";

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
  private final Map<Long, Duration> byFingerprint = new HashMap<>();
  private final List<ResultsConfig.ByTable> byTable;
  private final boolean comments;

  ResultRules(List<ResultsConfig.Rule> rules, boolean comments) {
    for (ResultsConfig.Rule rule : rules) {
      if (rule instanceof ResultsConfig.ByFingerprint(long fingerprint, Duration ttl)) {
        byFingerprint.putIfAbsent(fingerprint, ttl);
      }
    }
    byTable =
        rules.stream()
            .filter(ResultsConfig.ByTable.class::isInstance)
            .map(ResultsConfig.ByTable.class::cast)
            .toList();
    this.comments = comments;
  }

  /// How long its results may be kept; zero for not at all.
  ///
  /// @param tag what its comment asks for, empty where it asks nothing
  long millis(Statement statement, String tag, Shape.Reads reads) {
    if (comments && !tag.isEmpty()) {
      return tagged(tag);
    }
    Duration told = byFingerprint.get(statement.fingerprint());
    return told != null ? told.toMillis() : byTables(reads);
  }

  private long byTables(Shape.Reads reads) {
    if (reads.tables().isEmpty()) {
      return 0;
    }
    long least = Long.MAX_VALUE;
    for (TableName table : reads.tables()) {
      long millis = 0;
      for (ResultsConfig.ByTable rule : byTable) {
        boolean isIt =
            rule.name().equals(table.name())
                && (rule.schema() == null || Objects.equals(rule.schema(), table.schema()));
        if (isIt) {
          millis = rule.ttl().toMillis();
          break;
        }
      }
      least = Math.min(least, millis);
    }
    return least;
  }

  private static long tagged(String tag) {
    Matcher m = DURATION.matcher(tag.toLowerCase(Locale.ROOT));
    if (!m.matches()) {
      return 0;
    }
    long number = Long.parseLong(m.group(1));
    return switch (m.group(2)) {
      case "ms" -> number;
      case "s" -> Duration.ofSeconds(number).toMillis();
      case "m" -> Duration.ofMinutes(number).toMillis();
      default -> Duration.ofHours(number).toMillis();
    };
  }
}
