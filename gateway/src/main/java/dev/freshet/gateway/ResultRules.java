package dev.freshet.gateway;

import dev.freshet.gateway.ResultsConfig.Life;
import dev.freshet.sql.Shape;
import dev.freshet.sql.SqlComment;
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
import org.jspecify.annotations.Nullable;

/// Which statements an operator, or the statement's own comment, wants kept.
final class ResultRules {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

  private final Map<Long, Life> byFingerprint = new HashMap<>();
  private final List<ResultsConfig.ByTable> byTable;
  private final @Nullable Life otherwise;
  private final boolean comments;

  ResultRules(ResultsConfig config) {
    for (ResultsConfig.Rule rule : config.rules()) {
      if (rule instanceof ResultsConfig.ByFingerprint(long fingerprint, Life life)) {
        byFingerprint.putIfAbsent(fingerprint, life);
      }
    }
    byTable =
        config.rules().stream()
            .filter(ResultsConfig.ByTable.class::isInstance)
            .map(ResultsConfig.ByTable.class::cast)
            .toList();
    otherwise = config.rows() ? Life.rows() : null;
    comments = config.comments();
  }

  /// What a comment asks for: `freshet_cache='rows'`, `freshet_cache='off'` or `freshet_ttl='10s'`;
  /// empty where it asks nothing.
  static String wish(SqlComment comment) {
    String cache = comment.tags().get("freshet_cache");
    return cache == null ? comment.tags().getOrDefault("freshet_ttl", "") : cache;
  }

  /// How long its results may be kept; null for not at all.
  ///
  /// @param wish of its comment
  @Nullable Life life(Statement statement, String wish, Shape.Reads reads) {
    if (comments && !wish.isEmpty()) {
      return wished(wish.toLowerCase(Locale.ROOT));
    }
    Life told = byFingerprint.get(statement.fingerprint());
    return told != null ? told : byTables(reads);
  }

  private @Nullable Life byTables(Shape.Reads reads) {
    Life all = null;
    for (TableName table : reads.tables()) {
      Life one = of(table);
      if (one == null) {
        return null;
      }
      all = all == null ? one : all.and(one);
    }
    return all;
  }

  private @Nullable Life of(TableName table) {
    for (ResultsConfig.ByTable rule : byTable) {
      boolean isIt =
          rule.name().equals(table.name())
              && (rule.schema() == null || Objects.equals(rule.schema(), table.schema()));
      if (isIt) {
        return rule.life();
      }
    }
    return otherwise;
  }

  private static @Nullable Life wished(String wish) {
    if (wish.equals("rows")) {
      return Life.rows();
    }
    Matcher m = DURATION.matcher(wish);
    if (!m.matches()) {
      return null;
    }
    long number = Long.parseLong(m.group(1));
    Duration time =
        switch (m.group(2)) {
          case "ms" -> Duration.ofMillis(number);
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          default -> Duration.ofHours(number);
        };
    return time.isZero() ? null : Life.ttl(time);
  }
}
