package dev.freshet.live;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Something to tell, encoded once for everybody who hears it.
final class Event {
  private static final ObjectMapper JSON = new ObjectMapper();

  static final Event PAUSED = new Event(Kind.CONTROL, null, null, object("paused"), null);
  static final Event RESUMED = new Event(Kind.CONTROL, null, null, object("resumed"), null);
  static final Event BEAT = new Event(Kind.BEAT, null, null, object("beat"), null);

  private final Kind kind;
  private final @Nullable String url;
  private final @Nullable String version;
  private final byte[] json;
  private volatile byte @Nullable [] frame;

  enum Kind {
    /// A state, whatever was known before.
    WHOLE,
    /// A state for who knows the one before.
    NEXT,
    /// The URL is no longer followed.
    END,
    CONTROL,
    BEAT
  }

  private Event(
      Kind kind,
      @Nullable String url,
      @Nullable String version,
      ObjectNode json,
      byte @Nullable [] body) {
    this.kind = kind;
    this.url = url;
    this.version = version;
    this.json = body == null ? octets(json) : withBody(octets(json), body);
  }

  Kind kind() {
    return kind;
  }

  /// What it is about; null for none in particular.
  @Nullable String url() {
    return url;
  }

  /// What who hears it then knows; null when it is no state.
  @Nullable String version() {
    return version;
  }

  byte[] json() {
    return json;
  }

  /// As a WebSocket message.
  byte[] frame() {
    byte[] made = frame;
    if (made == null) {
      made = WebSocketFrames.frame(WebSocketFrames.TEXT, json);
      frame = made;
    }
    return made;
  }

  private static ObjectNode object(String event) {
    return JsonNodeFactory.instance.objectNode().put("event", event);
  }

  private static byte[] octets(ObjectNode json) {
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static ObjectNode about(String event, String url, State state) {
    ObjectNode json = object(event).put("url", url).put("version", state.version());
    if (state.etag() != null) {
      json.put("etag", state.etag());
    }
    return json.put("at", position(state.position()));
  }

  /// As PostgreSQL writes positions in its log.
  static String position(long position) {
    return (Long.toHexString(position >>> 32) + "/" + Long.toHexString(position & 0xffff_ffffL))
        .toUpperCase(Locale.ROOT);
  }

  /// The first state of a subscription, or one after some were skipped.
  ///
  /// @param withBody whether its content is wanted and not known already
  static Event subscribed(String url, State state, boolean withBody) {
    return whole("subscribed", url, state, withBody);
  }

  static Event notice(String url, State state) {
    return new Event(Kind.NEXT, url, state.version(), about("notice", url, state), null);
  }

  static Event body(String url, State state) {
    return whole("body", url, state, true);
  }

  static Event patch(String url, State before, State state, ArrayNode patch) {
    ObjectNode json = about("patch", url, state).put("from", before.version());
    json.set("patch", patch);
    return new Event(Kind.NEXT, url, state.version(), json, null);
  }

  static Event refused(String url, String reason, int status, String detail) {
    return end("refused", url, reason, status, detail);
  }

  static Event ended(String url, String reason, int status, String detail) {
    return end("ended", url, reason, status, detail);
  }

  private static Event end(String event, String url, String reason, int status, String detail) {
    ObjectNode json = object(event).put("url", url).put("reason", reason);
    if (status > 0) {
      json.put("status", status);
    }
    if (!detail.isEmpty()) {
      json.put("detail", detail);
    }
    return new Event(Kind.END, url, null, json, null);
  }

  static Event resync(Collection<String> urls) {
    ObjectNode json = object("resync");
    ArrayNode all = json.putArray("urls");
    urls.forEach(all::add);
    return new Event(Kind.CONTROL, null, null, json, null);
  }

  private static Event whole(String event, String url, State state, boolean withBody) {
    ObjectNode json = about(event, url, state).put("status", state.status());
    byte[] content = state.content();
    if (!withBody || content == null) {
      return new Event(Kind.WHOLE, url, state.version(), json, null);
    }
    json.put("type", state.type());
    return new Event(Kind.WHOLE, url, state.version(), json, value(state, content));
  }

  /// The content as a JSON value on one line: itself where it is JSON, else a string.
  private static byte[] value(State state, byte[] content) {
    if (state.isJson() && State.isJsonValue(content)) {
      byte[] out = content.clone();
      for (int i = 0; i < out.length; i++) {
        // Between tokens only: a string can't hold them unescaped.
        out[i] = out[i] == '\n' || out[i] == '\r' ? (byte) ' ' : out[i];
      }
      return out;
    }
    String text = new String(content, charset(state.type()));
    return JsonNodeFactory.instance.textNode(text).toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Charset charset(String type) {
    int at = type.toLowerCase(Locale.ROOT).indexOf("charset=");
    if (at < 0) {
      return StandardCharsets.UTF_8;
    }
    String name = type.substring(at + 8).replace("\"", "").split(";", 2)[0].strip();
    try {
      return Charset.forName(name);
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      return StandardCharsets.UTF_8;
    }
  }

  private static byte[] withBody(byte[] object, byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(object.length + body.length + 8);
    out.write(object, 0, object.length - 1);
    out.writeBytes(",\"body\":".getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(body);
    out.write('}');
    return out.toByteArray();
  }

  static ObjectMapper mapper() {
    return JSON;
  }
}
