package dev.freshet.app;

import dev.freshet.base.ByteSize;
import dev.freshet.cache.CacheConfig;
import dev.freshet.gateway.ResultsConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads `gateway.cache`.
final class ResultsReader {
  private static final ByteSize MAX_RESULT = new ByteSize(1 << 20);

  private ResultsReader() {}

  /// @param cache whose memory is shared
  static ResultsConfig read(Section gateway, CacheConfig cache) {
    Section section = gateway.section("cache");
    long whole = cache.memory().bytes();
    ByteSize memory = section.size("memory", new ByteSize(Math.max(1 << 20, whole / 4)));
    ByteSize most = new ByteSize(Math.min(MAX_RESULT.bytes(), memory.bytes() / 4));
    ByteSize largest = section.size("max-result", most);
    boolean comments = section.flag("comments", false);
    List<ResultsConfig.Rule> rules = new ArrayList<>();
    for (Section each : section.sections("rules")) {
      ResultsConfig.Rule rule = rule(each);
      if (rule != null) {
        rules.add(rule);
      }
    }
    section.end();
    boolean isOn = comments || !rules.isEmpty();
    if (isOn && (memory.bytes() > whole / 2 || memory.bytes() < 1 << 20)) {
      section.wrong(
          "memory", "is not between 1MB and half of cache.memory", "change either of them");
      return ResultsConfig.off();
    }
    if (largest.bytes() > memory.bytes() / 4) {
      section.wrong("max-result", "is more than a quarter of memory", "lower it");
      return ResultsConfig.off();
    }
    CacheConfig store = new CacheConfig(memory, 1, cache.second());
    return isOn ? new ResultsConfig(store, largest, rules, comments) : ResultsConfig.off();
  }

  private static ResultsConfig.@Nullable Rule rule(Section section) {
    String table = section.text("table", "");
    Long fingerprint =
        section.<@Nullable Long>read("fingerprint", null, ResultsReader::fingerprint);
    Duration ttl = section.duration("ttl", Duration.ZERO);
    section.end();
    if (ttl.isZero()) {
      section.wrong("ttl", "is missing", "say how long results are kept, like `ttl: 10s`");
      return null;
    }
    if (table.isEmpty() == (fingerprint == null)) {
      section.wrong("table", "a rule names a table or a fingerprint", "write `table: products`");
      return null;
    }
    if (fingerprint != null) {
      return new ResultsConfig.ByFingerprint(fingerprint, ttl);
    }
    int dot = table.indexOf('.');
    String schema = dot < 0 ? null : table.substring(0, dot);
    return new ResultsConfig.ByTable(schema, table.substring(dot + 1), ttl);
  }

  private static Long fingerprint(String text) {
    try {
      return Long.parseUnsignedLong(text, 16);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a fingerprint; take one from GET /statements, in quotes", e);
    }
  }
}
