package dev.freshet.assets;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// The coded forms of a file, each beside it and only when it is smaller than the file.
///
/// @param br octets of that form, 0 when there is none
record CodedForms(long br, long zstd, long gzip) {
  static final CodedForms NONE = new CodedForms(0, 0, 0);

  /// What is compressed already, by its nature.
  private static final Set<String> DENSE =
      Set.of(
          "png", "jpg", "jpeg", "gif", "webp", "avif", "woff", "woff2", "mp4", "webm", "mp3", "ogg",
          "zip", "gz", "br", "zst", "pdf");

  /// Every effort, as there is time. A browser takes windows of up to 8 MB for zstd (RFC 9659);
  /// level 19 keeps to that.
  private static final int BROTLI_QUALITY = 11;

  private static final int ZSTD_LEVEL = 19;

  /// More than anybody sends at once; it would take minutes.
  private static final long MAX_OCTETS = 64 << 20;

  static CodedForms write(Path file) throws IOException {
    if (DENSE.contains(Sizes.ending(file.toString())) || Files.size(file) > MAX_OCTETS) {
      return NONE;
    }
    byte[] plain = Files.readAllBytes(file);
    long br = 0;
    if (Brotli4jLoader.isAvailable()) {
      Encoder.Parameters best = new Encoder.Parameters().setQuality(BROTLI_QUALITY);
      br = keep(file, ".br", Encoder.compress(plain, best), plain.length);
    }
    long zstd = keep(file, ".zst", Zstd.compress(plain, ZSTD_LEVEL), plain.length);
    return new CodedForms(br, zstd, keep(file, ".gz", gzip(plain), plain.length));
  }

  private static long keep(Path file, String ending, byte[] coded, int plain) throws IOException {
    if (coded.length >= plain) {
      return 0;
    }
    Files.write(file.resolveSibling(file.getFileName() + ending), coded);
    return coded.length;
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream coded = new ByteArrayOutputStream();
    try (OutputStream out = new BestGzip(coded)) {
      out.write(plain);
    }
    return coded.toByteArray();
  }

  /// The JDK has no other door to the level.
  private static final class BestGzip extends GZIPOutputStream {
    BestGzip(OutputStream out) throws IOException {
      super(out);
      def.setLevel(Deflater.BEST_COMPRESSION);
    }
  }
}
