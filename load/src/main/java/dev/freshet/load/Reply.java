package dev.freshet.load;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One complete response; of one event loop.
public final class Reply {
  /// Octets of content that are kept for a visitor to read.
  static final int MOST = 4 << 20;

  private final int status;
  private final Fields fields;
  private final long wireOctets;
  private final long contentOctets;
  private final byte @Nullable [] content;
  private @Nullable String text;

  /// @param wireOctets head and content as sent, with what frames it
  /// @param contentOctets content alone, still coded
  /// @param content still coded, up to [#MOST] octets; null unless the call wanted it
  Reply(int status, Fields fields, long wireOctets, long contentOctets, byte @Nullable [] content) {
    this.status = status;
    this.fields = fields;
    this.wireOctets = wireOctets;
    this.contentOctets = contentOctets;
    this.content = content;
  }

  /// One of which only the status is known.
  static Reply of(int status) {
    return new Reply(status, Fields.of(), 0, 0, null);
  }

  public int status() {
    return status;
  }

  public Fields fields() {
    return fields;
  }

  long wireOctets() {
    return wireOctets;
  }

  long contentOctets() {
    return contentOctets;
  }

  /// The content as text, decoded; empty when it was not wanted or can't be read.
  public String text() {
    String known = text;
    if (known == null) {
      known = content == null ? "" : decoded(content);
      text = known;
    }
    return known;
  }

  private String decoded(byte[] coded) {
    String coding = fields.combined(FieldName.CONTENT_ENCODING);
    byte[] plain = Decoding.of(coded, coding == null ? "" : coding, 4 * MOST);
    return new String(plain, StandardCharsets.UTF_8);
  }

  /// As it came; null unless it was wanted.
  byte @Nullable [] content() {
    return content;
  }

  boolean isPage() {
    return status == 200 && isPage(fields);
  }

  static boolean isPage(Fields fields) {
    String type = fields.first(FieldName.CONTENT_TYPE);
    return type != null && type.toLowerCase(Locale.ROOT).contains("html");
  }

  /// The same for whoever asked, with the status that a stored answer had.
  Reply as(int other) {
    return new Reply(other, fields, wireOctets, contentOctets, content);
  }
}
