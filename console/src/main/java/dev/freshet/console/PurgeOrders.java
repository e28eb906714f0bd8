package dev.freshet.console;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.http.AbsoluteUrl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads a [PurgeOrder]; every complaint names the key and the way out.
final class PurgeOrders {
  private static final Set<String> KEYS =
      Set.of("urls", "groups", "tables", "prefix", "all", "soft", "wait");

  /// For an app that purges while somebody waits for its answer.
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private static final int MAX_SECONDS = 600;

  private PurgeOrders() {}

  static PurgeOrder read(JsonNode node) {
    if (!node.isObject()) {
      throw new IllegalArgumentException(
          "send an object like {\"urls\": [\"http://shop.example/a\"], \"soft\": false}");
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!KEYS.contains(entry.getKey())) {
        throw new IllegalArgumentException(
            "'"
                + entry.getKey()
                + "' is not a key; known: urls, groups, tables, prefix, all, soft, wait");
      }
    }
    List<String> urls = strings(node, "urls");
    for (String url : urls) {
      check(url, "urls");
    }
    JsonNode beginning = node.path("prefix");
    if (!beginning.isMissingNode() && !beginning.isNull() && !beginning.isTextual()) {
      throw new IllegalArgumentException("prefix: write a string");
    }
    String prefix = beginning.asText("");
    if (!prefix.isEmpty()) {
      check(prefix, "prefix");
    }
    return new PurgeOrder(
        urls,
        strings(node, "groups"),
        strings(node, "tables"),
        prefix.isEmpty() ? null : prefix,
        flag(node, "all"),
        flag(node, "soft"),
        wait(node.path("wait")));
  }

  private static Duration wait(JsonNode value) {
    if (value.isMissingNode()) {
      return PATIENCE;
    }
    if (!value.canConvertToInt() || !value.isIntegralNumber()) {
      throw new IllegalArgumentException("wait: write a number of whole seconds");
    }
    if (value.asInt() < 0 || value.asInt() > MAX_SECONDS) {
      throw new IllegalArgumentException("wait: write 0 to " + MAX_SECONDS);
    }
    return Duration.ofSeconds(value.asInt());
  }

  private static void check(String url, String key) {
    try {
      AbsoluteUrl.parse(url);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
    }
  }

  private static boolean flag(JsonNode node, String key) {
    JsonNode value = node.path(key);
    if (!value.isMissingNode() && !value.isBoolean()) {
      throw new IllegalArgumentException(key + ": write true or false");
    }
    return value.asBoolean(false);
  }

  private static List<String> strings(JsonNode node, String key) {
    JsonNode value = node.path(key);
    List<String> out = new ArrayList<>();
    if (!value.isMissingNode() && !value.isArray()) {
      throw new IllegalArgumentException(key + ": write a list of strings");
    }
    for (JsonNode item : value) {
      if (!item.isTextual()) {
        throw new IllegalArgumentException(key + ": write a list of strings");
      }
      out.add(item.asText());
    }
    return out;
  }
}
