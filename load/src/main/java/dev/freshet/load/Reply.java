package dev.freshet.load;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// One complete response.
///
/// @param wireOctets head and content as sent, with what frames it
/// @param contentOctets content alone, still coded
/// @param content still coded, up to [#MOST] octets; null unless the call wanted it
public record Reply(
    int status, Fields fields, long wireOctets, long contentOctets, byte @Nullable [] content) {

  /// Octets of content that are kept for a visitor to read.
  static final int MOST = 4 << 20;

  /// The content as text, decoded; empty when it was not wanted or can't be read.
  public String text() {
    byte[] coded = content;
    if (coded == null) {
      return "";
    }
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
