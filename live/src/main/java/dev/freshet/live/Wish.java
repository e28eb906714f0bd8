package dev.freshet.live;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.http.QueryString;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A URL that a client wants to follow.
///
/// @param have the version that it has already; null for none
record Wish(String url, As as, @Nullable String have) {
  private static final int MAX_URL = 8_192;

  /// What a message asks for.
  ///
  /// @param add to follow
  /// @param drop no longer to follow
  record Order(List<Wish> add, List<String> drop) {}

  /// Why a client's words make no sense.
  static final class Unclear extends Exception {
    private static final long serialVersionUID = 1L;

    Unclear(String why) {
      super(why);
    }
  }

  /// Reads `{"subscribe": [...], "as": "body", "have": {url: version}, "unsubscribe": [...]}`.
  static Order message(String text) throws Unclear {
    JsonNode json;
    try {
      json = Event.mapper().readTree(text);
    } catch (JacksonException e) {
      throw new Unclear("a message is not JSON");
    }
    if (json == null || !json.isObject()) {
      throw new Unclear("a message is not a JSON object");
    }
    As as = as(json.path("as").asText("notice"));
    JsonNode have = json.path("have");
    List<Wish> add = new ArrayList<>();
    for (String url : texts(json.path("subscribe"))) {
      JsonNode version = have.path(url);
      add.add(new Wish(url, as, version.isTextual() ? version.asText() : null));
    }
    List<String> drop = texts(json.path("unsubscribe"));
    if (add.isEmpty() && drop.isEmpty()) {
      throw new Unclear("a message says neither subscribe nor unsubscribe");
    }
    return new Order(add, drop);
  }

  /// Reads the query of an event stream: `url`, again for each, `as`, and the `id` of the last
  /// event where there was one.
  static List<Wish> query(String query, @Nullable String lastEvent) throws Unclear {
    List<String> urls = new ArrayList<>();
    As as = As.NOTICE;
    String have = lastEvent;
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String value = equals < 0 ? "" : QueryString.decode(pair.substring(equals + 1));
      switch (equals < 0 ? pair : pair.substring(0, equals)) {
        case "url" -> urls.add(value);
        case "as" -> as = as(value);
        case "have" -> have = have == null ? value : have;
        default -> {}
      }
    }
    if (urls.isEmpty()) {
      throw new Unclear("the query names no url");
    }
    String[] versions = have == null ? new String[0] : have.split("\\.", -1);
    boolean isOurs = versions.length == urls.size();
    List<Wish> out = new ArrayList<>();
    for (int i = 0; i < urls.size(); i++) {
      boolean isKnown = isOurs && versions[i].length() > 1;
      out.add(new Wish(urls.get(i), as, isKnown ? versions[i] : null));
    }
    return out;
  }

  private static As as(String word) throws Unclear {
    As as = As.of(word);
    if (as == null) {
      throw new Unclear("as is one of notice, body, patch");
    }
    return as;
  }

  private static List<String> texts(JsonNode node) throws Unclear {
    List<String> out = new ArrayList<>();
    if (node.isTextual()) {
      out.add(node.asText());
    } else if (node.isArray()) {
      for (JsonNode each : node) {
        if (!each.isTextual()) {
          throw new Unclear("a url is not a text");
        }
        out.add(each.asText());
      }
    } else if (!node.isMissingNode()) {
      throw new Unclear("urls are given as a list");
    }
    return out;
  }

  /// Whether the URL may be asked for: a path on this site with or without a query, and not one of
  /// Freshet's own.
  boolean isSound() {
    boolean isPath = url.startsWith("/") && !url.startsWith("//") && url.length() <= MAX_URL;
    return isPath
        && !url.startsWith("/.freshet/")
        && url.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '#' && c != '\\');
  }
}
