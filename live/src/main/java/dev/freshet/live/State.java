package dev.freshet.live;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.freshet.http.FieldName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One state of an answer.
///
/// @param version equal for equal answers, wherever and whenever they are made; so a client that
///   comes back can be told whether it has missed anything, also by another process
/// @param etag the app's own, or null
/// @param type the media type, empty when none was stated
/// @param content null where nobody wants it
/// @param position up to which it reflects the database
@SuppressWarnings("ArrayRecordComponent")
record State(
    String version,
    @Nullable String etag,
    int status,
    String type,
    byte @Nullable [] content,
    long position) {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int VERSION_OCTETS = 8;

  static State of(Fetched got, long position) {
    String type = got.fields().first(FieldName.CONTENT_TYPE);
    String stated = type == null ? "" : type;
    return new State(
        version(got.status(), stated, got.content()),
        got.fields().first(FieldName.ETAG),
        got.status(),
        stated,
        got.content(),
        position);
  }

  private static String version(int status, String type, byte[] content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((status + " " + type + "\n").getBytes(StandardCharsets.UTF_8));
      byte[] all = digest.digest(content);
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(Arrays.copyOf(all, VERSION_OCTETS));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// The same without its content.
  State bare() {
    return content == null ? this : new State(version, etag, status, type, null, position);
  }

  /// The same, confirmed later.
  State at(long later) {
    return new State(version, etag, status, type, content, later);
  }

  int size() {
    return content == null ? 0 : content.length;
  }

  private String mediaType() {
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  /// Whether it says to be JSON.
  boolean isJson() {
    String media = mediaType();
    return media.equals("application/json") || media.endsWith("+json");
  }

  /// Whether it can be sent in a text message.
  boolean isText() {
    String media = mediaType();
    return isJson()
        || media.startsWith("text/")
        || media.endsWith("xml")
        || media.equals("application/javascript");
  }

  /// Whether the content is one JSON value, whatever it says to be.
  static boolean isJsonValue(byte[] content) {
    try (JsonParser parser = JSON.createParser(content)) {
      JsonToken first = parser.nextToken();
      parser.skipChildren();
      return first != null && parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }
}
