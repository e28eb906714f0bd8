package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.edge.InnerAnswer;
import dev.freshet.edge.Pagination;
import dev.freshet.http.Caller;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Talk;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The app's OpenAPI 3 document with what Freshet adds to its operations: the parameters, fields
/// and refusals of lists that leave in pages.
///
/// The document is asked for as the client would ask the app for it, with his credentials.
final class OpenApi {
  static final String PATH = "/.freshet/openapi.json";
  private static final int MAX_OCTETS = 16 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Fields that concern the content of this very answer.
  private static final List<FieldName> OF_THE_ANSWER =
      List.of(
          FieldName.ACCEPT,
          FieldName.ACCEPT_ENCODING,
          FieldName.IF_NONE_MATCH,
          FieldName.IF_MODIFIED_SINCE,
          FieldName.IF_MATCH,
          FieldName.IF_UNMODIFIED_SINCE,
          FieldName.IF_RANGE,
          FieldName.RANGE);

  private final String url;
  private final Ask ask;
  private final Function<String, @Nullable Pagination> pages;

  /// Asks as a client would.
  @FunctionalInterface
  interface Ask {
    CompletableFuture<InnerAnswer> ask(RequestHead head, InetSocketAddress peer, int limit);
  }

  /// @param url path of the app's document
  /// @param pages how lists under a path leave in pages, null where they leave whole
  OpenApi(String url, Ask ask, Function<String, @Nullable Pagination> pages) {
    this.url = url;
    this.ask = ask;
    this.pages = pages;
  }

  /// What is said to a client.
  @SuppressWarnings("ArrayRecordComponent")
  private record Said(int status, String type, byte[] content) {
    static Said problem(int status, String title) {
      String text = "{\"title\":\"" + title + "\",\"status\":" + status + "}\n";
      return new Said(status, "application/problem+json", text.getBytes(StandardCharsets.UTF_8));
    }
  }

  Talk begin(RequestHead head, Caller caller) {
    Talk talk = new Talk() {};
    if (!head.method().equals("GET") && !head.method().equals("HEAD")) {
      say(caller, Said.problem(405, "The document is there to be read"));
      return talk;
    }
    Fields fields = head.fields().copy().removeIf(OF_THE_ANSWER::contains);
    RequestHead asked =
        new RequestHead("GET", head.scheme(), head.authority(), url, fields, head.version());
    var _ =
        ask.ask(asked, caller.peer(), MAX_OCTETS)
            .thenApplyAsync(this::said)
            .exceptionally(failure -> Said.problem(502, "The app did not answer properly"))
            .thenAcceptAsync(said -> say(caller, said), caller.loop());
    return talk;
  }

  private static void say(Caller caller, Said said) {
    Fields fields = new Fields(4);
    fields.add(FieldName.CONTENT_TYPE, said.type());
    fields.add(FieldName.CACHE_CONTROL, said.status() == 200 ? "no-cache" : "no-store");
    if (said.status() == 405) {
      fields.add(FieldName.ALLOW, "GET, HEAD");
    }
    caller.head(new ResponseHead(said.status(), fields), said.content().length);
    caller.write(said.content());
    caller.end();
  }

  private Said said(InnerAnswer answer) {
    if (answer.status() != 200 || answer.content().length > MAX_OCTETS) {
      return Said.problem(404, "The app has no OpenAPI document at its `openapi` URL");
    }
    try {
      JsonNode document = JSON.readTree(answer.content());
      if (!document.path("openapi").asText("").startsWith("3.")) {
        return Said.problem(404, "What the app has at its `openapi` URL is not OpenAPI 3 in JSON");
      }
      add(document);
      return new Said(200, "application/json", JSON.writeValueAsBytes(document));
    } catch (JsonProcessingException e) {
      return Said.problem(404, "What the app has at its `openapi` URL is not OpenAPI 3 in JSON");
    } catch (IOException e) {
      throw new IllegalStateException("octets in memory can be read", e);
    }
  }

  private void add(JsonNode document) {
    String base = base(document.path("servers").path(0).path("url").asText(""));
    document
        .path("paths")
        .properties()
        .forEach(path -> {
          Pagination how = pages.apply(base + path.getKey());
          if (how != null
              && path.getValue().path("get") instanceof ObjectNode operation
              && mayBeList(document, operation, how)) {
            add(operation, how);
          }
        });
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

  /// False where the document says that the answer is something else.
  private static boolean mayBeList(JsonNode document, ObjectNode operation, Pagination how) {
    JsonNode schema =
        operation
            .path("responses")
            .path("200")
            .path("content")
            .path("application/json")
            .path("schema");
    String reference = schema.path("$ref").asText("");
    JsonNode found = reference.startsWith("#/") ? document.at(reference.substring(1)) : schema;
    String type = found.path("type").asText("");
    return type.isEmpty() || type.equals(how.path().isEmpty() ? "array" : "object");
  }

  private static void add(ObjectNode operation, Pagination how) {
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
    ObjectNode headers = responses.withObjectProperty("200").withObjectProperty("headers");
    header(headers, "Link", "The pages beside this one: next, prev, first", "string");
    header(headers, "X-Total-Count", "Elements of the whole list", "integer");
    header(headers, "ETag", "Of this page", "string");
    refusal(responses, "400", "A parameter of the page is wrong");
    refusal(responses, "410", "The cursor leads nowhere any more: begin again with first");
  }

  /// Adds a parameter in the place of one of that name, which the app never sees; returns its
  /// schema.
  private static ObjectNode parameter(ArrayNode parameters, String name, String description) {
    for (int i = parameters.size() - 1; i >= 0; i--) {
      JsonNode other = parameters.get(i);
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
