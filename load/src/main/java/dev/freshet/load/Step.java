package dev.freshet.load;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One request of a visit, and what is done with its answer.
///
/// @param name under which figures are kept
/// @param path and query
/// @param body null for none
/// @param extract values by the variable they are kept in
/// @param thinkLeast shortest pause behind the answer
/// @param thinkMost longest
/// @param mark what its answer sets, which messages may show ([Delay.Marked]); null for nothing
/// @param talk what is done on the channel that it opens; null for a plain request
public record Step(
    String name,
    String method,
    Template path,
    List<Field> headers,
    @Nullable Template body,
    Map<String, Extraction> extract,
    List<Check> checks,
    Duration thinkLeast,
    Duration thinkMost,
    @Nullable Template mark,
    @Nullable Talk talk) {

  /// A field of the request.
  public record Field(String name, Template value) {}

  /// A plain request.
  public Step(
      String name,
      String method,
      Template path,
      List<Field> headers,
      @Nullable Template body,
      Map<String, Extraction> extract,
      List<Check> checks,
      Duration thinkLeast,
      Duration thinkMost) {
    this(name, method, path, headers, body, extract, checks, thinkLeast, thinkMost, null, null);
  }

  /// A plain GET without a pause.
  public static Step get(String name, String path) {
    return new Step(
        name,
        "GET",
        Template.of(path),
        List.of(),
        null,
        Map.of(),
        List.of(),
        Duration.ZERO,
        Duration.ZERO);
  }

  Step withoutPause() {
    Duration none = Duration.ZERO;
    return new Step(name, method, path, headers, body, extract, checks, none, none, mark, talk);
  }

  boolean wantsContent() {
    return extract.values().stream().anyMatch(Extraction::wantsContent)
        || checks.stream().anyMatch(Check::wantsContent);
  }

  /// Whether more of an answer is looked at than its status.
  boolean needsAnswer() {
    return !extract.isEmpty()
        || checks.stream().anyMatch(check -> !(check instanceof Check.Status));
  }

  /// Whether it is the same request each time, pause included.
  boolean isPlain() {
    return path.isPlain()
        && (body == null || body.isPlain())
        && (mark == null || mark.isPlain())
        && headers.stream().allMatch(field -> field.value().isPlain())
        && thinkLeast.equals(thinkMost);
  }
}
