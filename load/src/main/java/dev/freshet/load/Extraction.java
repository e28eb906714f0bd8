package dev.freshet.load;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.http.FieldName;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Takes one value out of an answer.
public sealed interface Extraction {

  /// A value of JSON content.
  record Json(JsonPointer pointer) implements Extraction {
    private static final ObjectMapper MAPPER = new ObjectMapper();
  }

  /// A response field.
  record Header(FieldName name) implements Extraction {}

  /// The first group of the first match in the content, or the match where there is no group.
  record Regex(Pattern pattern) implements Extraction {}

  /// By JSON pointer (RFC 6901); throws [IllegalArgumentException] for what is none.
  static Extraction json(String pointer) {
    return new Json(JsonPointer.compile(pointer));
  }

  static Extraction header(String name) {
    return new Header(FieldName.of(name));
  }

  /// Throws [IllegalArgumentException] for what is no regular expression.
  static Extraction regex(String pattern) {
    return new Regex(Pattern.compile(pattern));
  }

  /// The value; null when it isn't there.
  default @Nullable String from(Reply reply) {
    return switch (this) {
      case Json(JsonPointer pointer) -> {
        try {
          JsonNode found = Json.MAPPER.readTree(reply.text()).at(pointer);
          yield found.isMissingNode() || found.isNull()
              ? null
              : found.isValueNode() ? found.asText() : found.toString();
        } catch (JsonProcessingException e) {
          // The app answered with something else than JSON: nothing is there.
          yield null;
        }
      }
      case Header(FieldName name) -> reply.fields().combined(name);
      case Regex(Pattern pattern) -> {
        Matcher m = pattern.matcher(reply.text());
        yield m.find() ? m.group(Math.min(1, m.groupCount())) : null;
      }
    };
  }

  /// Whether the content is looked at.
  default boolean wantsContent() {
    return !(this instanceof Header);
  }
}
