package dev.freshet.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/// Finds the difference of two JSON documents as a JSON Patch (RFC 6902) of `add`, `remove` and
/// `replace`.
///
/// Of an array the common head and tail are kept and the middle is compared place by place: short
/// for what was appended, removed or changed, if not always the shortest.
final class JsonPatch {
  private final ArrayNode operations = JsonNodeFactory.instance.arrayNode();

  private JsonPatch() {}

  static ArrayNode between(JsonNode from, JsonNode to) {
    JsonPatch patch = new JsonPatch();
    patch.compare("", from, to);
    return patch.operations;
  }

  private void compare(String path, JsonNode from, JsonNode to) {
    if (from.equals(to)) {
      return;
    }
    if (from instanceof ObjectNode a && to instanceof ObjectNode b) {
      objects(path, a, b);
    } else if (from instanceof ArrayNode a && to instanceof ArrayNode b) {
      arrays(path, a, b);
    } else {
      operation("replace", path).set("value", to);
    }
  }

  private void objects(String path, ObjectNode from, ObjectNode to) {
    for (Map.Entry<String, JsonNode> old : from.properties()) {
      JsonNode now = to.get(old.getKey());
      String at = path + "/" + escaped(old.getKey());
      if (now == null) {
        operation("remove", at);
      } else {
        compare(at, old.getValue(), now);
      }
    }
    for (Map.Entry<String, JsonNode> now : to.properties()) {
      if (!from.has(now.getKey())) {
        operation("add", path + "/" + escaped(now.getKey())).set("value", now.getValue());
      }
    }
  }

  private void arrays(String path, ArrayNode from, ArrayNode to) {
    int shorter = Math.min(from.size(), to.size());
    int head = 0;
    while (head < shorter && from.get(head).equals(to.get(head))) {
      head++;
    }
    int tail = 0;
    while (tail < shorter - head
        && from.get(from.size() - 1 - tail).equals(to.get(to.size() - 1 - tail))) {
      tail++;
    }
    int old = from.size() - head - tail;
    int now = to.size() - head - tail;
    int both = Math.min(old, now);
    for (int i = head; i < head + both; i++) {
      compare(path + "/" + i, from.get(i), to.get(i));
    }
    for (int i = old; i > both; i--) {
      operation("remove", path + "/" + (head + i - 1));
    }
    for (int i = both; i < now; i++) {
      operation("add", path + "/" + (head + i)).set("value", to.get(head + i));
    }
  }

  private ObjectNode operation(String what, String path) {
    return operations.addObject().put("op", what).put("path", path);
  }

  /// RFC 6901, section 3.
  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }
}
