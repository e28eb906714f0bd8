package dev.freshet.load;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/// Takes content codings off (RFC 9110, section 8.4.1).
final class Decoding {
  /// What is asked for: what browsers ask for, as far as this machine can read it.
  static final String ACCEPTED =
      Brotli4jLoader.isAvailable() ? "gzip, deflate, br, zstd" : "gzip, deflate, zstd";

  private static final byte[] NOTHING = new byte[0];

  private Decoding() {}

  /// The content; empty where it is broken, or in a coding that was not asked for.
  ///
  /// @param most octets that are wanted
  static byte[] of(byte[] coded, String coding, int most) {
    try (InputStream in = reader(new ByteArrayInputStream(coded), coding)) {
      return in.readNBytes(most);
    } catch (IOException e) {
      // Longer than what is kept, or broken: nothing can be found in it.
      return NOTHING;
    }
  }

  private static InputStream reader(InputStream in, String coding) throws IOException {
    return switch (coding.strip().toLowerCase(Locale.ROOT)) {
      case "", "identity" -> in;
      case "gzip", "x-gzip" -> new GZIPInputStream(in);
      case "deflate" -> new InflaterInputStream(in);
      case "br" -> new BrotliInputStream(in);
      case "zstd" -> new ZstdInputStream(in);
      default -> InputStream.nullInputStream();
    };
  }
}
