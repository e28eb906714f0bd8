package dev.freshet.app;

import dev.freshet.base.ByteSize;
import dev.freshet.cache.CacheConfig;
import dev.freshet.gateway.GatewayConfig;
import dev.freshet.gateway.ResultsConfig;
import dev.freshet.gateway.ResultsConfig.Life;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads `gateway.cache` and `gateway.fence`.
final class ResultsReader {
  private static final ByteSize MAX_RESULT = new ByteSize(1 << 20);

  private ResultsReader() {}

  /// @param cache whose memory is shared
  static ResultsConfig read(Section gateway, CacheConfig cache) {
    ResultsConfig kept = kept(gateway.section("cache"), cache);
    return kept.withFence(gateway.<@Nullable Duration>read("fence", null, ResultsReader::fence));
  }

  /// Where nothing is said of answers to writes, they are held as elsewhere as soon as results are
  /// kept by their rows.
  static GatewayConfig fenced(Section root, GatewayConfig gateway, RowsConfig rows) {
    Section section = root.section("gateway");
    Duration own = gateway.results().fence();
    Duration lease = rows.fence();
    if (own != null && lease != null && own.compareTo(lease) < 0) {
      section.wrong(
          "fence",
          "is shorter than rows.fence (" + lease.toMillis() + " ms), by which other nodes are held",
          "make it as long at least, or lower rows.fence at every node");
    }
    boolean isUsual = !section.has("fence") && gateway.results().isByRows();
    return isUsual ? gateway.withResults(gateway.results().withFence(rows.fence())) : gateway;
  }

  private static @Nullable Duration fence(String value) {
    return switch (value) {
      case "off" -> null;
      case "on" -> RowsConfig.FENCE;
      default -> Durations.parse(value);
    };
  }

  private static ResultsConfig kept(Section section, CacheConfig cache) {
    long whole = cache.memory().bytes();
    ByteSize memory = section.size("memory", new ByteSize(Math.max(1 << 20, whole / 4)));
    ByteSize most = new ByteSize(Math.min(MAX_RESULT.bytes(), memory.bytes() / 4));
    ByteSize largest = section.size("max-result", most);
    boolean rows = section.flag("rows", false);
    boolean comments = section.flag("comments", false);
    List<ResultsConfig.Rule> rules = new ArrayList<>();
    for (Section each : section.sections("rules")) {
      ResultsConfig.Rule rule = rule(each);
      if (rule != null) {
        rules.add(rule);
      }
    }
    section.end();
    boolean isOn = rows || comments || !rules.isEmpty();
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
    return isOn
        ? new ResultsConfig(store, largest, rules, rows, comments, null)
        : ResultsConfig.off();
  }

  private static ResultsConfig.@Nullable Rule rule(Section section) {
    String table = section.text("table", "");
    Long fingerprint =
        section.<@Nullable Long>read("fingerprint", null, ResultsReader::fingerprint);
    Duration ttl = section.duration("ttl", Duration.ZERO);
    boolean byRows = section.read("cache", false, ResultsReader::isByRows);
    section.end();
    if (ttl.isZero() && !byRows) {
      section.wrong(
          "ttl", "is missing", "say how long results are kept: `ttl: 10s`, or `cache: rows`");
      return null;
    }
    Life life = new Life(byRows, ttl.isZero() ? Life.LONGEST : ttl);
    if (table.isEmpty() == (fingerprint == null)) {
      section.wrong("table", "a rule names a table or a fingerprint", "write `table: products`");
      return null;
    }
    if (fingerprint != null) {
      return new ResultsConfig.ByFingerprint(fingerprint, life);
    }
    int dot = table.indexOf('.');
    String schema = dot < 0 ? null : table.substring(0, dot);
    return new ResultsConfig.ByTable(schema, table.substring(dot + 1), life);
  }

  private static boolean isByRows(String value) {
    if (!value.equals("rows")) {
      throw new IllegalArgumentException("'" + value + "' is not rows");
    }
    return true;
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
