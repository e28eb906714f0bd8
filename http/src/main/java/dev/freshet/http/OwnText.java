package dev.freshet.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;

/// Text under `/.freshet/` that is there to be read, validated by a tag made of it.
public final class OwnText implements OwnResource {
  private static final Talk NOTHING_MORE = new Talk() {};
  private final Function<RequestHead, Text> source;

  /// What is there at this moment.
  ///
  /// @param fields with its type and how long it may be kept
  public record Text(int status, String text, Fields fields) {
    /// There for everybody.
    public static Text of(String type, String control, String text) {
      return new Text(200, text, Fields.of("Content-Type", type, "Cache-Control", control));
    }

    /// Not there; says why.
    public static Text missing(int status, String why) {
      return new Text(
          status,
          why + "\n",
          Fields.of("Content-Type", "text/plain; charset=utf-8", "Cache-Control", "no-store"));
    }

    /// The same with another field.
    public Text with(String name, String value) {
      Fields more = fields.copy();
      more.add(FieldName.of(name), value);
      return new Text(status, text, more);
    }
  }

  /// @param source called for each request
  public OwnText(Function<RequestHead, Text> source) {
    this.source = source;
  }

  @Override
  public Talk begin(RequestHead head, Caller caller) {
    boolean isHead = head.method().equals("HEAD");
    if (!isHead && !head.method().equals("GET")) {
      Text refusal = Text.missing(405, "This is there to be read.").with("Allow", "GET, HEAD");
      say(caller, refusal.status(), refusal.fields(), octets(refusal), true);
      return NOTHING_MORE;
    }
    Text text = source.apply(head);
    byte[] content = octets(text);
    Fields fields = text.fields().copy();
    String tag = "\"" + Integer.toHexString(Arrays.hashCode(content)) + "\"";
    fields.set(FieldName.ETAG, tag);
    String known = head.fields().combined(FieldName.IF_NONE_MATCH);
    boolean isKnown =
        text.status() == 200 && known != null && (known.equals("*") || known.contains(tag));
    say(caller, isKnown ? 304 : text.status(), fields, content, !isKnown && !isHead);
    return NOTHING_MORE;
  }

  private static byte[] octets(Text text) {
    return text.text().getBytes(StandardCharsets.UTF_8);
  }

  private static void say(
      Caller caller, int status, Fields fields, byte[] content, boolean withContent) {
    caller.head(new ResponseHead(status, fields), status == 304 ? 0 : content.length);
    if (withContent) {
      caller.write(content);
    }
    caller.end();
  }
}
