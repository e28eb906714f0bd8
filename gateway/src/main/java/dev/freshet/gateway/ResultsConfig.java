package dev.freshet.gateway;

import dev.freshet.base.ByteSize;
import dev.freshet.cache.CacheConfig;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which results of statements are kept in memory, and how much.
///
/// @param store bounds of the memory, and the second tier
/// @param maxResult octets of the largest one kept
/// @param rules the first that fits counts
/// @param rows whether every other statement's results are kept as long as its rows stay as they
///   are, where these can be told
/// @param comments whether a statement's own comment may say so: `/*freshet_ttl='10s'*/`
/// @param fence how long the answer to a transaction that wrote is held at most until everybody is
///   shown what it wrote; null to hold none
public record ResultsConfig(
    CacheConfig store,
    ByteSize maxResult,
    List<Rule> rules,
    boolean rows,
    boolean comments,
    @Nullable Duration fence) {

  public ResultsConfig {
    rules = List.copyOf(rules);
    if (maxResult.bytes() > store.memory().bytes() / 4) {
      throw new IllegalArgumentException("the largest result is a quarter of the memory at most");
    }
  }

  /// No rule, and comments not heeded: nothing is kept.
  public static ResultsConfig off() {
    return new ResultsConfig(
        CacheConfig.defaults().withMemory(new ByteSize(1 << 20)),
        new ByteSize(1 << 18),
        List.of(),
        false,
        false,
        null);
  }

  public boolean isOn() {
    return rows || comments || !rules.isEmpty();
  }

  /// Whether the configuration asks for results that live as long as their rows stay as they are.
  public boolean isByRows() {
    return rows || rules.stream().anyMatch(rule -> rule.life().byRows());
  }

  public ResultsConfig withFence(@Nullable Duration limit) {
    return new ResultsConfig(store, maxResult, rules, rows, comments, limit);
  }

  /// How long a result may be served.
  ///
  /// @param byRows only while the rows that it was made from stay as they are
  /// @param atMost in any case
  public record Life(boolean byRows, Duration atMost) {
    /// What has no time of its own is asked for anew once a day.
    public static final Duration LONGEST = Duration.ofDays(1);

    public static Life rows() {
      return new Life(true, LONGEST);
    }

    public static Life ttl(Duration atMost) {
      return new Life(false, atMost);
    }

    /// What holds for an answer that is made from both.
    Life and(Life other) {
      Duration shorter = atMost.compareTo(other.atMost) <= 0 ? atMost : other.atMost;
      return new Life(byRows || other.byRows, shorter);
    }
  }

  /// What an operator says about some statements.
  public sealed interface Rule {
    Life life();
  }

  /// One statement, by what `GET /statements` calls it.
  public record ByFingerprint(long fingerprint, Life life) implements Rule {}

  /// Statements that read this table; all others they read need a rule too.
  ///
  /// @param schema null for any
  public record ByTable(@Nullable String schema, String name, Life life) implements Rule {}
}
