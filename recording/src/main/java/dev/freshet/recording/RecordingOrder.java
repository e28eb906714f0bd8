package dev.freshet.recording;

import dev.freshet.base.ByteSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/// What is to be recorded, where to, and when it ends at the latest.
///
/// @param file absolute, ends in `.frec`, and is not there yet
/// @param lasting at most a day
/// @param maxFile octets of the file, compressed
/// @param maxText octets before that
/// @param maxContent longest content of a request that is recorded
/// @param keep parameters and fields whose values are recorded as they are, see [Masking]
public record RecordingOrder(
    Path file,
    Duration lasting,
    ByteSize maxFile,
    ByteSize maxText,
    ByteSize maxContent,
    Set<String> keep) {
  /// How a file's name ends.
  public static final String EXTENSION = ".frec";

  private static final Duration LONGEST = Duration.ofDays(1);
  private static final long MOST_CONTENT = 1L << 20;

  public RecordingOrder {
    keep = Set.copyOf(keep);
    if (!file.isAbsolute() || !file.toString().endsWith(EXTENSION)) {
      throw new IllegalArgumentException(
          "the file must have an absolute name that ends in " + EXTENSION + ": " + file);
    }
    if (lasting.isNegative() || lasting.isZero() || lasting.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("it must last for some time, and a day at most");
    }
    if (maxFile.bytes() < 1 || maxText.bytes() < 1 || maxContent.bytes() > MOST_CONTENT) {
      throw new IllegalArgumentException(
          "the file must have room, and contents of at most " + new ByteSize(MOST_CONTENT));
    }
  }

  /// Ten minutes, 256 MB, contents up to 64 KB, no name kept.
  public static RecordingOrder of(Path file) {
    return new RecordingOrder(
        file,
        Duration.ofMinutes(10),
        new ByteSize(256L << 20),
        new ByteSize(4L << 30),
        new ByteSize(64L << 10),
        Set.of());
  }
}
