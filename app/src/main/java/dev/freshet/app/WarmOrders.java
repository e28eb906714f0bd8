package dev.freshet.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.edge.Edge;
import dev.freshet.edge.WarmingSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What `POST /warm` asks for.
final class WarmOrders {
  static final int AT_ONCE = 2;
  private static final Set<String> KEYS = Set.of("urls", "atOnce");

  private WarmOrders() {}

  /// Throws [IllegalArgumentException] for what is no order, or when there are too many addresses.
  static WarmingSnapshot carryOut(Edge edge, JsonNode node) {
    if (node.path("stop").asBoolean() && node.size() == 1) {
      return edge.stopWarming();
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!KEYS.contains(entry.getKey())) {
        throw new IllegalArgumentException(
            "'" + entry.getKey() + "' is not a key; known: urls, atOnce, stop");
      }
    }
    JsonNode urls = node.path("urls");
    JsonNode most = node.path("atOnce");
    if (!urls.isArray()) {
      throw new IllegalArgumentException(
          "send {\"urls\": [\"http://shop.example/a\"]}, or {\"stop\": true}");
    }
    if (!most.isMissingNode() && !most.isInt()) {
      throw new IllegalArgumentException("atOnce: write a number");
    }
    List<String> all = new ArrayList<>();
    for (JsonNode url : urls) {
      if (!url.isTextual()) {
        throw new IllegalArgumentException("urls: write a list of strings");
      }
      all.add(url.asText());
    }
    return edge.warm(all, most.asInt(AT_ONCE));
  }
}
