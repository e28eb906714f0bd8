package dev.freshet.edge;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.ToLongFunction;

/// Prints the processor time that coding a file takes, and what it comes to: while it passes, and
/// whole with each effort: `java ... dev.freshet.edge.CodingSpeed FILE...`.
public final class CodingSpeed {
  private static final long WARM_NANOS = 200_000_000;

  private CodingSpeed() {}

  public static void main(String[] files) throws IOException {
    // Loads the libraries too.
    try (Compression here = new Compression(CompressionConfig.defaults())) {
      for (String file : files) {
        byte[] content = Files.readAllBytes(Path.of(file));
        System.out.printf(Locale.ROOT, "%s, %d octets%n", file, content.length);
        here.available().forEach(coding -> measure(content, coding));
      }
    }
  }

  private static void measure(byte[] content, Coding coding) {
    measure(coding + " passing", content, octets -> passing(octets, coding));
    for (Effort effort : Effort.values()) {
      Effort meant = effort.of(content.length);
      measure(
          coding + " " + effort, content, octets -> WholeCoding.of(octets, coding, meant).length);
    }
  }

  private static long passing(byte[] content, Coding coding) {
    StreamCoder coder = new StreamCoder(coding, null);
    long length = 0;
    for (int at = 0; at < content.length; at += Effort.SMALL) {
      int many = Math.min(Effort.SMALL, content.length - at);
      length += coder.encode(Unpooled.wrappedBuffer(content, at, many), false).readableBytes();
    }
    return length + coder.finish().readableBytes();
  }

  private static void measure(String what, byte[] content, ToLongFunction<byte[]> coding) {
    ThreadMXBean clock = ManagementFactory.getThreadMXBean();
    long rounds = 0;
    long begin = clock.getCurrentThreadCpuTime();
    do {
      var _ = coding.applyAsLong(content);
      rounds++;
    } while (clock.getCurrentThreadCpuTime() - begin < WARM_NANOS);
    long length = 0;
    begin = clock.getCurrentThreadCpuTime();
    for (long i = 0; i < rounds; i++) {
      length = coding.applyAsLong(content);
    }
    double millis = (clock.getCurrentThreadCpuTime() - begin) / 1e6 / rounds;
    System.out.printf(Locale.ROOT, "  %-14s %,9d octets %9.2f ms%n", what, length, millis);
  }
}
