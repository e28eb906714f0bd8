package dev.freshet.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An OpenAPI document, version 2 or 3: what can be asked for by GET without knowing more than it
/// tells. That is what needs nobody's credentials, and of which each parameter that must be there
/// has an example, a default or a list of what it may be.
final class ApiDocument {
  /// Where frameworks put it.
  static final List<String> PLACES =
      List.of(
          "/openapi.json",
          "/v3/api-docs",
          "/openapi/v1.json",
          "/swagger/v1/swagger.json",
          "/swagger.json",
          "/api-json",
          "/api/openapi.json");

  private final JsonNode document;

  private ApiDocument(JsonNode document) {
    this.document = document;
  }

  /// Null where the text is something else.
  static @Nullable ApiDocument read(String text) {
    try {
      JsonNode read = new ObjectMapper().readTree(text);
      boolean isOne = read.path("openapi").isTextual() || read.path("swagger").isTextual();
      return isOne ? new ApiDocument(read) : null;
    } catch (JsonProcessingException e) {
      System.getLogger("freshet.load").log(System.Logger.Level.DEBUG, "no document", e);
      return null;
    }
  }

  /// Paths with their queries, in the document's order.
  List<String> targets() {
    List<String> out = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      JsonNode get = path.getValue().path("get");
      if (get.isObject() && path.getKey().startsWith("/") && isOpen(get)) {
        String target = filled(path.getKey(), parameters(path.getValue(), get));
        if (target != null) {
          out.add(base() + target);
        }
      }
    }
    return out;
  }

  /// What stands before all paths: the first server's path, or version 2's base.
  private String base() {
    String said = document.path("servers").path(0).path("url").asText();
    String path = document.path("basePath").asText();
    try {
      String own = URI.create(said).getRawPath();
      path = own == null || own.isEmpty() ? path : own;
    } catch (IllegalArgumentException e) {
      System.getLogger("freshet.load").log(System.Logger.Level.DEBUG, "no address of a server", e);
    }
    String whole = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return whole.isEmpty() || whole.startsWith("/") ? whole : "/" + whole;
  }

  private boolean isOpen(JsonNode operation) {
    JsonNode asked = operation.has("security") ? operation : document;
    JsonNode ways = asked.path("security");
    for (JsonNode way : ways) {
      if (way.isEmpty()) {
        return true;
      }
    }
    return ways.isEmpty();
  }

  /// By name and place; an operation's own stand for those of its path.
  private Map<String, JsonNode> parameters(JsonNode path, JsonNode operation) {
    Map<String, JsonNode> out = new LinkedHashMap<>();
    for (JsonNode side : List.of(path, operation)) {
      for (JsonNode each : side.path("parameters")) {
        JsonNode meant = meant(each);
        out.put(meant.path("in").asText() + ' ' + meant.path("name").asText(), meant);
      }
    }
    return out;
  }

  private JsonNode meant(JsonNode node) {
    String reference = node.path("$ref").asText();
    return reference.startsWith("#/") ? document.at(reference.substring(1)) : node;
  }

  private @Nullable String filled(String path, Map<String, JsonNode> parameters) {
    String target = path;
    StringBuilder query = new StringBuilder();
    for (JsonNode parameter : parameters.values()) {
      String name = parameter.path("name").asText();
      String in = parameter.path("in").asText();
      if (!in.equals("path") && !parameter.path("required").asBoolean()) {
        continue;
      }
      String value = example(parameter);
      if (value == null || (!in.equals("path") && !in.equals("query"))) {
        return null;
      }
      if (in.equals("path")) {
        target = target.replace("{" + name + "}", encoded(value));
      } else {
        query.append(query.isEmpty() ? '?' : '&');
        query.append(encoded(name)).append('=').append(encoded(value));
      }
    }
    return target.indexOf('{') < 0 ? target + query : null;
  }

  private @Nullable String example(JsonNode parameter) {
    JsonNode schema = meant(parameter.path("schema"));
    List<JsonNode> told = new ArrayList<>();
    told.add(parameter.path("example"));
    parameter.path("examples").forEach(each -> told.add(meant(each).path("value")));
    told.add(parameter.path("x-example"));
    told.add(schema.path("example"));
    told.add(schema.path("examples").path(0));
    told.add(schema.path("default"));
    told.add(parameter.path("default"));
    told.add(schema.path("enum").path(0));
    told.add(parameter.path("enum").path(0));
    for (JsonNode each : told) {
      if (each.isValueNode() && !each.isNull() && !each.asText().isEmpty()) {
        return each.asText();
      }
    }
    return null;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
