package dev.freshet.assets;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/// Takes metadata out of a WebP (RFC 9649, section 2.7): not every libvips does when it is told to.
final class WebpFile {
  private static final Set<String> METADATA = Set.of("ICCP", "EXIF", "XMP ");

  /// The flags of an extended header that say which of them are there.
  private static final int FLAGS = 0x20 | 0x08 | 0x04;

  private static final int HEAD = 12;
  private static final int CHUNK = 8;

  private WebpFile() {}

  /// @param webp made here, in sRGB
  static byte[] withoutMetadata(byte[] webp) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(webp.length);
    out.write(webp, 0, HEAD);
    ByteBuffer in = ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN);
    int at = HEAD;
    while (at + CHUNK <= webp.length) {
      String name = new String(webp, at, 4, StandardCharsets.US_ASCII);
      long size = in.getInt(at + 4) & 0xffffffffL;
      int end = (int) Math.min(webp.length, at + CHUNK + size + (size & 1));
      if (!METADATA.contains(name)) {
        int begin = out.size();
        out.write(webp, at, end - at);
        if (name.equals("VP8X")) {
          byte[] sofar = out.toByteArray();
          sofar[begin + CHUNK] &= (byte) ~FLAGS;
          out.reset();
          out.writeBytes(sofar);
        }
      }
      at = end;
    }
    byte[] all = out.toByteArray();
    ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putInt(4, all.length - CHUNK);
    return all;
  }
}
