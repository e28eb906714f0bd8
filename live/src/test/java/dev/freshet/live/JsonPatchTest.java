package dev.freshet.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.base.Rolls;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Patches are applied by zjsonpatch, which knows RFC 6902 and nothing of ours.
class JsonPatchTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory MAKE = JsonNodeFactory.instance;

  private static String between(String from, String to) throws IOException {
    return JsonPatch.between(JSON.readTree(from), JSON.readTree(to)).toString();
  }

  @Test
  void saysOnlyWhatChanged() throws IOException {
    assertThat(between("{\"price\":10,\"stock\":3}", "{\"price\":9,\"stock\":3}"))
        .isEqualTo("[{\"op\":\"replace\",\"path\":\"/price\",\"value\":9}]");
    assertThat(between("{\"a\":1,\"b\":2}", "{\"b\":2,\"c\":null}"))
        .isEqualTo(
            "[{\"op\":\"remove\",\"path\":\"/a\"},"
                + "{\"op\":\"add\",\"path\":\"/c\",\"value\":null}]");
    assertThat(between("[1,2,3,4]", "[1,3,4]")).isEqualTo("[{\"op\":\"remove\",\"path\":\"/1\"}]");
    assertThat(between("[1,2]", "[1,2,3]"))
        .isEqualTo("[{\"op\":\"add\",\"path\":\"/2\",\"value\":3}]");
    assertThat(between("{\"a/b~\":1}", "{\"a/b~\":2}"))
        .isEqualTo("[{\"op\":\"replace\",\"path\":\"/a~1b~0\",\"value\":2}]");
    assertThat(between("{}", "{}")).isEqualTo("[]");
  }

  @Test
  void leadsFromAnyDocumentToAnyOther() {
    Rolls rolls = new Rolls(20_261_126);
    for (int i = 0; i < 20_000; i++) {
      JsonNode from = value(rolls, 3);
      JsonNode to = rolls.chance(0.7) ? altered(rolls, from) : value(rolls, 3);
      ArrayNode patch = JsonPatch.between(from, to);
      assertThat(com.flipkart.zjsonpatch.JsonPatch.apply(patch, from))
          .as("%s by %s, seed %d", from, patch, rolls.seed())
          .isEqualTo(to);
      assertThat(patch.isEmpty()).isEqualTo(from.equals(to));
    }
  }

  private static JsonNode value(Rolls rolls, int depth) {
    return switch (rolls.between(depth == 0 ? 2 : 0, 5)) {
      case 0 -> {
        ObjectNode out = MAKE.objectNode();
        for (int i = rolls.between(0, 5); i > 0; i--) {
          out.set(rolls.text(1, "/~é"), value(rolls, depth - 1));
        }
        yield out;
      }
      case 1 -> {
        ArrayNode out = MAKE.arrayNode();
        for (int i = rolls.between(0, 6); i > 0; i--) {
          out.add(value(rolls, depth - 1));
        }
        yield out;
      }
      case 2 -> MAKE.numberNode(rolls.between(0, 3));
      case 3 -> MAKE.textNode(rolls.text(rolls.between(0, 2), " "));
      case 4 -> MAKE.booleanNode(rolls.chance(0.5));
      default -> MAKE.nullNode();
    };
  }

  private static JsonNode altered(Rolls rolls, JsonNode from) {
    if (from instanceof ObjectNode object && !object.isEmpty()) {
      ObjectNode out = object.deepCopy();
      String name = rolls.oneOf(List.copyOf(object.properties())).getKey();
      if (rolls.chance(0.3)) {
        out.remove(name);
      } else {
        out.set(name, altered(rolls, out.path(name)));
      }
      return out;
    }
    if (from instanceof ArrayNode array && !array.isEmpty()) {
      ArrayNode out = array.deepCopy();
      int at = rolls.between(0, array.size() - 1);
      switch (rolls.between(0, 2)) {
        case 0 -> out.remove(at);
        case 1 -> out.insert(at, value(rolls, 1));
        default -> out.set(at, altered(rolls, array.get(at)));
      }
      return out;
    }
    return value(rolls, 2);
  }
}
