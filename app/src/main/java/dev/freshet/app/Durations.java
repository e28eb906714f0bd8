package dev.freshet.app;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations as people write them: `300ms`, `10s`, `5m`, `1h`, `1d`.
final class Durations {
  private static final Pattern SHAPE = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d)");

  /// What is counted in nanoseconds must fit into 63 bits.
  private static final Duration LONGEST = Duration.ofDays(3_660);

  private Durations() {}

  /// As [#parse], for a flag: what is wrong becomes a trouble that names it.
  static Duration flag(String name, String text) {
    return Flags.read(name, () -> parse(text));
  }

  static Duration parse(String text) {
    Matcher m = SHAPE.matcher(text.strip());
    if (!m.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a duration; write it like 30s");
    }
    long n = Long.parseLong(m.group(1));
    Duration duration =
        switch (m.group(2)) {
          case "ms" -> Duration.ofMillis(n);
          case "s" -> Duration.ofSeconds(n);
          case "m" -> Duration.ofMinutes(n);
          case "h" -> Duration.ofHours(n);
          default -> Duration.ofDays(n);
        };
    if (duration.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("'" + text + "' is more than ten years");
    }
    return duration;
  }
}
