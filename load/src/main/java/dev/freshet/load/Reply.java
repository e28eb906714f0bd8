package dev.freshet.load;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
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
    if (coding == null || coding.equalsIgnoreCase("identity")) {
      return new String(coded, StandardCharsets.UTF_8);
    }
    if (!coding.equalsIgnoreCase("gzip")) {
      return "";
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(coded))) {
      return new String(in.readNBytes(4 * MOST), StandardCharsets.UTF_8);
    } catch (IOException e) {
      // Longer than what is kept, or broken: no text to find anything in.
      return "";
    }
  }
}
