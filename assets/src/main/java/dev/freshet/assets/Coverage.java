package dev.freshet.assets;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.assets.PageSight.Unused;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What of scripts and style sheets was used, from what a browser counted.
final class Coverage {
  /// Below that, what could be spared isn't worth a word.
  private static final long MIN_OCTETS = 1_000;

  private Coverage() {}

  /// @param result of `Profiler.takePreciseCoverage`: ranges are nested, outer ones first
  static List<Unused> ofScripts(JsonNode result) {
    Map<String, BitSet> used = new LinkedHashMap<>();
    Map<String, Integer> lengths = new LinkedHashMap<>();
    for (JsonNode script : result.path("result")) {
      String url = script.path("url").asText();
      if (!url.startsWith("http")) {
        continue;
      }
      BitSet bits = new BitSet();
      int length = 0;
      for (JsonNode function : script.path("functions")) {
        for (JsonNode range : function.path("ranges")) {
          int from = range.path("startOffset").asInt();
          int to = range.path("endOffset").asInt();
          length = Math.max(length, to);
          bits.set(from, to, range.path("count").asInt() > 0);
        }
      }
      used.computeIfAbsent(url, u -> new BitSet()).or(bits);
      lengths.merge(url, length, Math::max);
    }
    List<Unused> all = new ArrayList<>();
    used.forEach((url, bits) -> {
      int length = lengths.getOrDefault(url, 0);
      add(url, length - bits.cardinality(), length, all);
    });
    return all;
  }

  /// @param result of `CSS.stopRuleUsageTracking`
  /// @param sheets id to what the browser said of a style sheet
  static List<Unused> ofStyles(JsonNode result, Map<String, JsonNode> sheets) {
    Map<String, Long> used = new LinkedHashMap<>();
    for (JsonNode rule : result.path("ruleUsage")) {
      if (rule.path("used").asBoolean()) {
        long octets = rule.path("endOffset").asLong() - rule.path("startOffset").asLong();
        used.merge(rule.path("styleSheetId").asText(), octets, Long::sum);
      }
    }
    List<Unused> all = new ArrayList<>();
    sheets.forEach((id, header) -> {
      String url = header.path("sourceURL").asText();
      if (!header.path("isInline").asBoolean() && url.startsWith("http")) {
        long length = header.path("length").asLong();
        add(url, length - used.getOrDefault(id, 0L), length, all);
      }
    });
    return all;
  }

  private static void add(String url, long unused, long length, List<Unused> all) {
    if (unused >= MIN_OCTETS) {
      all.add(new Unused(url, unused, length));
    }
  }
}
