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
/// @param comments whether a statement's own comment may say so: `/*freshet_ttl='10s'*/`
public record ResultsConfig(
    CacheConfig store, ByteSize maxResult, List<Rule> rules, boolean comments) {

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
        false);
  }

  public boolean isOn() {
    return comments || !rules.isEmpty();
  }

  /// What an operator says about some statements.
  public sealed interface Rule {
    /// How long a result is served at most.
    Duration ttl();
  }

  /// One statement, by what `GET /statements` calls it.
  public record ByFingerprint(long fingerprint, Duration ttl) implements Rule {}

  /// Statements that read this table; all others they read need a rule too.
  ///
  /// @param schema null for any
  public record ByTable(@Nullable String schema, String name, Duration ttl) implements Rule {}
}
