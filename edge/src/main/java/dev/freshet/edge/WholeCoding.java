package dev.freshet.edge;

import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;

/// Codes content whose length is known before, so that what coders keep of what went by is no
/// larger than it.
///
/// That is most of what short content costs: at level 9 a Brotli coder with a window of a megabyte
/// has 32 MB of tables to fill for a page of 10 kB, one with a window of 64 kB has a hundredth.
final class WholeCoding {
  /// Octets that a window may be, as powers of two; what lies further back gains little.
  private static final int MIN_WINDOW = 10;

  private static final int MAX_WINDOW = 20;

  private WholeCoding() {}

  /// @param effort as [Effort#of] says of that length
  static byte[] of(byte[] content, Coding coding, Effort effort) {
    try {
      return switch (coding) {
        case BR -> brotli(content, effort);
        case ZSTD -> zstd(content, effort);
        case GZIP -> gzip(content, effort);
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] brotli(byte[] content, Effort effort) throws IOException {
    int quality =
        switch (effort) {
          case QUICK -> 4;
          case WELL -> 9;
          case UTMOST -> 11;
        };
    int window = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, content.length - 1));
    int fitting = Math.clamp(window, MIN_WINDOW, MAX_WINDOW);
    return Encoder.compress(
        content, new Encoder.Parameters().setQuality(quality).setWindow(fitting));
  }

  private static byte[] zstd(byte[] content, Effort effort) {
    int level =
        switch (effort) {
          case QUICK -> 3;
          case WELL -> content.length <= Effort.SMALL ? 9 : 15;
          case UTMOST -> 19;
        };
    try (ZstdCompressCtx coder = new ZstdCompressCtx()) {
      coder.setLevel(level).setChecksum(false);
      return coder.compress(content);
    }
  }

  private static byte[] gzip(byte[] content, Effort effort) throws IOException {
    ByteArrayOutputStream sink = new ByteArrayOutputStream(content.length / 4 + 100);
    try (GZIPOutputStream coder = new Gzip(sink, effort == Effort.QUICK ? 4 : 9)) {
      coder.write(content);
    }
    return sink.toByteArray();
  }
}
