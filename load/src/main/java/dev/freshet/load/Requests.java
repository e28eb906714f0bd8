package dev.freshet.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.freshet.recording.Line;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes calls of recorded requests, with values put in where somebody gave some.
final class Requests {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final int MOST_DIGITS = 200;
  private static final String AUTHORIZATION = "authorization";
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  /// What mixes letters and digits, or is very long, is one of many.
  private static final Pattern ONE_OF_MANY =
      Pattern.compile("(?=.*[0-9])(?=.*[A-Za-z]).{8,}|.{40,}");

  private final ReplayOrder order;

  Requests(ReplayOrder order) {
    this.order = order;
  }

  /// Why a request is not made again; null when it is.
  @Nullable String whyNot(Line.Asked asked) {
    if (asked.method().equals("OTHER")) {
      return "unknown methods";
    }
    if (asked.isWrite() && !order.withWrites()) {
      return "writes (--with-writes makes them)";
    }
    if (asked.said().isStream()) {
      return "streams";
    }
    Line.Content content = asked.content();
    return content != null && content.text() == null ? "contents that were not recorded" : null;
  }

  /// Names whose values are substitutes still.
  List<String> stillMasked(Line.Asked asked) {
    List<String> out = new ArrayList<>();
    for (String name : asked.masked()) {
      boolean isGiven =
          order.values().containsKey(name)
              || (order.logins() != null && order.logins().columns().contains(name));
      if (!isGiven) {
        out.add(name);
      }
    }
    return out;
  }

  /// The call; null when there is no way to make one.
  ///
  /// @param session its number, which says whose row of logins is taken
  @Nullable Call call(Line.Asked asked, int session) {
    Map<String, String> values = values(session);
    List<Call.Header> headers = headers(asked, values);
    Line.Content content = asked.content();
    String text = "";
    if (content != null && content.text() != null) {
      boolean isJson = content.type().endsWith("json");
      text = isJson ? json(content.text(), values) : form(content.text(), values);
      headers.add(new Call.Header("Content-Type", content.type()));
    }
    int query = asked.target().indexOf('?');
    String path = query < 0 ? asked.target() : asked.target().substring(0, query);
    String behind = query < 0 ? "" : '?' + form(asked.target().substring(query + 1), values);
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    String step = asked.method() + ' ' + pattern(path);
    try {
      return new Call(step, asked.method(), path + behind, headers, octets, false, 0);
    } catch (IllegalArgumentException e) {
      // A target like `*`, or a line that somebody has edited.
      return null;
    }
  }

  private Map<String, String> values(int session) {
    Rows logins = order.logins();
    if (logins == null) {
      return order.values();
    }
    Map<String, String> out = new HashMap<>(order.values());
    List<String> row = logins.rows().get(session % logins.rows().size());
    for (int i = 0; i < row.size(); i++) {
      out.put(logins.columns().get(i), row.get(i));
    }
    return out;
  }

  private List<Call.Header> headers(Line.Asked asked, Map<String, String> values) {
    List<Call.Header> out = new ArrayList<>();
    Line.Said said = asked.said();
    add(out, "Host", order.recordedHost() ? asked.host() : "");
    add(out, "Accept", said.accept());
    add(out, "Accept-Language", said.language());
    add(out, "Range", said.range());
    add(out, "X-Requested-With", said.isAjax() ? "XMLHttpRequest" : "");
    String given = values.get(AUTHORIZATION);
    add(out, "Authorization", said.authorization().isEmpty() || given == null ? "" : given);
    return out;
  }

  private static void add(List<Call.Header> headers, String name, String value) {
    if (!value.isEmpty()) {
      headers.add(new Call.Header(name, value));
    }
  }

  private static String form(String pairs, Map<String, String> values) {
    if (values.isEmpty()) {
      return pairs;
    }
    StringBuilder out = new StringBuilder(pairs.length());
    for (String pair : pairs.split("&", -1)) {
      int equals = pair.indexOf('=');
      String given = equals < 0 ? null : values.get(decoded(pair.substring(0, equals)));
      out.append(out.isEmpty() ? "" : "&");
      out.append(given == null ? pair : pair.substring(0, equals + 1) + encoded(given));
    }
    return out.toString();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  private static String json(String text, Map<String, String> values) {
    if (values.isEmpty()) {
      return text;
    }
    try {
      return JSON.writeValueAsString(given(JSON.readTree(text), values));
    } catch (JsonProcessingException e) {
      // Somebody has edited the line: as it is.
      return text;
    }
  }

  private static JsonNode given(JsonNode node, Map<String, String> values) {
    if (node instanceof ObjectNode object) {
      ObjectNode out = JSON.createObjectNode();
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        String value = field.getValue().isContainerNode() ? null : values.get(field.getKey());
        out.set(
            field.getKey(),
            value == null
                ? given(field.getValue(), values)
                : scalar(field.getValue().isNumber(), value));
      }
      return out;
    }
    if (node instanceof ArrayNode array) {
      ArrayNode out = JSON.createArrayNode();
      array.forEach(element -> out.add(given(element, values)));
      return out;
    }
    return node;
  }

  /// @param wasNumber whether a number was recorded: one is sent again where the value is one
  private static JsonNode scalar(boolean wasNumber, String value) {
    if (wasNumber && value.length() <= MOST_DIGITS) {
      try {
        JsonNode read = JSON.readTree(value);
        if (read.isNumber()) {
          return read;
        }
      } catch (JsonProcessingException e) {
        // No number: as text.
        return TextNode.valueOf(value);
      }
    }
    return TextNode.valueOf(value);
  }

  /// Paths that differ in numbers and tokens only are one: `/product/{n}`.
  static String pattern(String path) {
    StringBuilder out = new StringBuilder(path.length());
    for (String segment : path.substring(Math.min(1, path.length())).split("/", -1)) {
      out.append('/');
      if (NUMBER.matcher(segment).matches()) {
        out.append("{n}");
      } else {
        out.append(ONE_OF_MANY.matcher(segment).matches() ? "{x}" : segment);
      }
    }
    return out.toString();
  }
}
