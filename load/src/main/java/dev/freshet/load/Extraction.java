package dev.freshet.load;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.Rolls;
import dev.freshet.http.FieldName;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
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

  /// As [Regex], of any of the matches: visitors don't all take the first.
  record Any(Pattern pattern) implements Extraction {}

  /// By JSON pointer (RFC 6901); throws [IllegalArgumentException] for what is none.
  static Extraction json(String pointer) {
    return new Json(JsonPointer.compile(pointer));
  }

  static Extraction header(String name) {
    return new Header(FieldName.of(name));
  }

  /// Throws [IllegalArgumentException] for what is no regular expression.
  static Extraction any(String pattern) {
    return new Any(Pattern.compile(pattern));
  }

  /// Throws [IllegalArgumentException] for what is no regular expression.
  static Extraction regex(String pattern) {
    return new Regex(Pattern.compile(pattern));
  }

  /// The value; null when it isn't there. Of several the first.
  default @Nullable String from(Reply reply) {
    return from(reply, choices -> choices.getFirst());
  }

  /// The value, one that chance takes where any will do.
  default @Nullable String from(Reply reply, Rolls rolls) {
    return from(reply, rolls::oneOf);
  }

  private @Nullable String from(Reply reply, Function<List<String>, String> choice) {
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
      case Any(Pattern pattern) -> {
        List<String> all =
            pattern
                .matcher(reply.text())
                .results()
                .map(m -> m.group(Math.min(1, m.groupCount())))
                .filter(Objects::nonNull)
                .toList();
        yield all.isEmpty() ? null : choice.apply(all);
      }
    };
  }

  /// Whether the content is looked at.
  default boolean wantsContent() {
    return !(this instanceof Header);
  }
}
