package dev.freshet.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.edge.Pagination;
import java.net.URI;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Adds to the operations of one OpenAPI 3 document what lists that leave in pages take and give.
///
/// An operation that is not as OpenAPI has it stays as it is; all others get theirs.
final class PagedOperations {
  /// References that lead to others are followed so far.
  private static final int MAX_STEPS = 8;

  private final JsonNode document;
  private int odd;
  private String firstOdd = "";

  PagedOperations(JsonNode document) {
    this.document = document;
  }

  /// @param pages how lists under a path leave in pages, null where they leave whole
  void add(Function<String, @Nullable Pagination> pages) {
    String base = base(document.path("servers").path(0).path("url").asText(""));
    document
        .path("paths")
        .properties()
        .forEach(path -> {
          Pagination how = pages.apply(base + path.getKey());
          if (how == null || !(path.getValue().path("get") instanceof ObjectNode operation)) {
            return;
          }
          if (!isSound(operation)) {
            firstOdd = odd == 0 ? path.getKey() : firstOdd;
            odd++;
          } else if (mayBeList(operation, how)) {
            add(operation, how);
          }
        });
  }

  /// Operations left alone, because they are not as OpenAPI has them.
  int odd() {
    return odd;
  }

  /// Path of the first of them.
  String firstOdd() {
    return firstOdd;
  }

  /// The path that all others are below.
  private static String base(String server) {
    try {
      String path = URI.create(server).getPath();
      return path == null ? "" : path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /// What a reference within the document means; the node itself where it is none, or leads out of
  /// the document or nowhere.
  private JsonNode resolved(JsonNode node) {
    JsonNode at = node;
    for (int i = 0; i < MAX_STEPS; i++) {
      String reference = at.path("$ref").asText("");
      if (!reference.startsWith("#/")) {
        return at;
      }
      JsonNode next = document.at(reference.substring(1));
      if (next.isMissingNode()) {
        return at;
      }
      at = next;
    }
    return node;
  }

  private static boolean isAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private boolean isSound(ObjectNode operation) {
    JsonNode parameters = operation.path("parameters");
    JsonNode responses = operation.path("responses");
    JsonNode ok = resolved(responses.path("200"));
    JsonNode headers = ok.path("headers");
    return (isAbsent(parameters) || parameters.isArray())
        && (isAbsent(responses) || responses.isObject())
        && (isAbsent(ok) || ok.isObject())
        && (isAbsent(headers) || headers.isObject());
  }

  /// False where the document says that the answer is something else.
  private boolean mayBeList(ObjectNode operation, Pagination how) {
    JsonNode ok = resolved(operation.path("responses").path("200"));
    JsonNode schema = resolved(ok.path("content").path("application/json").path("schema"));
    String type = schema.path("type").asText("");
    return type.isEmpty() || type.equals(how.path().isEmpty() ? "array" : "object");
  }

  private void add(ObjectNode operation, Pagination how) {
    ArrayNode parameters = operation.withArrayProperty("parameters");
    ObjectNode limit =
        parameter(
            parameters, how.names().limit(), "Elements on the page, no more than the maximum");
    limit.put("type", "integer").put("minimum", 1).put("maximum", how.maxSize());
    limit.put("default", how.size());
    parameter(parameters, how.names().cursor(), "Where to go on: taken from a Link")
        .put("type", "string");
    ObjectNode fields =
        parameter(parameters, how.names().fields(), "Members to keep of each element");
    fields.put("type", "array").putObject("items").put("type", "string");
    ObjectNode list = (ObjectNode) parameters.get(parameters.size() - 1);
    list.put("style", "form").put("explode", false);
    ObjectNode responses = operation.withObjectProperty("responses");
    headers(responses);
    refusal(responses, "400", "A parameter of the page is wrong");
    refusal(responses, "410", "The cursor leads nowhere any more: begin again with first");
  }

  /// Beside a reference nothing counts, so what it means is written in its place: others may mean
  /// the same. Where it leads elsewhere nothing is known of it, and it stays.
  private void headers(ObjectNode responses) {
    JsonNode ok = resolved(responses.path("200"));
    if (ok.has("$ref")) {
      return;
    }
    ObjectNode made = ok.isObject() ? ok.deepCopy() : responses.objectNode();
    responses.set("200", made);
    if (!made.has("description")) {
      made.put("description", "A page of the list");
    }
    ObjectNode headers = made.withObjectProperty("headers");
    header(headers, "Link", "The pages beside this one: next, prev, first", "string");
    header(headers, "X-Total-Count", "Elements of the whole list", "integer");
    header(headers, "ETag", "Of this page", "string");
  }

  /// Adds a parameter in the place of one of that name, which the app never sees; returns its
  /// schema.
  private ObjectNode parameter(ArrayNode parameters, String name, String description) {
    for (int i = parameters.size() - 1; i >= 0; i--) {
      JsonNode other = resolved(parameters.get(i));
      if (other.path("name").asText("").equals(name)
          && other.path("in").asText("").equals("query")) {
        parameters.remove(i);
      }
    }
    ObjectNode made = parameters.addObject();
    made.put("name", name).put("in", "query").put("description", description);
    return made.putObject("schema");
  }

  private static void header(ObjectNode headers, String name, String description, String type) {
    headers.putObject(name).put("description", description).putObject("schema").put("type", type);
  }

  private static void refusal(ObjectNode responses, String status, String description) {
    if (responses.has(status)) {
      return;
    }
    responses
        .putObject(status)
        .put("description", description)
        .putObject("content")
        .putObject("application/problem+json")
        .putObject("schema")
        .put("type", "object");
  }
}
