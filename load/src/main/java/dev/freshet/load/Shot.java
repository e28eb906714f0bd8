package dev.freshet.load;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One request that a user makes.
///
/// @param target path and query
/// @param json content, or null for none
/// @param authorization value of `Authorization`, or null
/// @param sets what it writes that can be seen elsewhere, or null
public record Shot(
    Kind kind,
    String method,
    String target,
    @Nullable String json,
    @Nullable String authorization,
    @Nullable Figure sets) {

  /// What it is for; figures are kept by kind.
  public enum Kind {
    PAGE("pages"),
    API("API"),
    STATIC("static files"),
    WRITE("writes");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /// As reports call it.
    public String text() {
      return text;
    }
  }

  static Shot get(Kind kind, String target) {
    return new Shot(kind, "GET", target, null, null, null);
  }

  byte[] content() {
    return json == null ? new byte[0] : json.getBytes(StandardCharsets.UTF_8);
  }
}
