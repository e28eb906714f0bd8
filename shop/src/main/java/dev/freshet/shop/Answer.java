package dev.freshet.shop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One response, whole in memory as such shops have them; the session cookie is added by [Web].
final class Answer {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final int status;
  private final byte[] body;
  private final Map<String, String> fields = new LinkedHashMap<>();
  private @Nullable String session;

  private Answer(int status, @Nullable String type, byte[] body) {
    this.status = status;
    this.body = body;
    if (type != null) {
      fields.put("Content-Type", type);
    }
  }

  static Answer html(String page) {
    return html(200, page);
  }

  static Answer html(int status, String page) {
    return new Answer(status, "text/html; charset=utf-8", page.getBytes(StandardCharsets.UTF_8));
  }

  static Answer json(Object value) {
    return json(200, value);
  }

  static Answer json(int status, Object value) {
    try {
      return new Answer(status, "application/json", JSON.writeValueAsBytes(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not JSON: " + value.getClass(), e);
    }
  }

  static Answer of(String type, byte[] body) {
    return new Answer(200, type, body);
  }

  /// 204.
  static Answer nothing() {
    return new Answer(204, null, new byte[0]);
  }

  /// 303: go and read that page.
  static Answer see(String location) {
    return new Answer(303, null, new byte[0]).with("Location", location);
  }

  Answer with(String name, String value) {
    fields.put(name, value);
    return this;
  }

  /// Gives the visitor another session than the one he came with.
  Answer withSession(Visitor visitor) {
    session = visitor.session();
    return this;
  }

  int status() {
    return status;
  }

  byte[] body() {
    return body;
  }

  Map<String, String> fields() {
    return fields;
  }

  /// The new session, if this answer changes it.
  @Nullable String session() {
    return session;
  }
}
