package dev.freshet.shop;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.SplittableRandom;

/// A growing chunk of rows in the text format of PostgreSQL's COPY. For one thread.
final class Rows {
  private static final Instant TODAY = Instant.parse("2026-06-30T12:00:00Z");

  private final StringBuilder text = new StringBuilder(1 << 17);
  private boolean first = true;

  /// The chance that belongs to one row of one table, the same in every seeding.
  static SplittableRandom chance(String table, int id) {
    return new SplittableRandom(table.hashCode() * 0x9E3779B97F4A7C15L + id * 0xBF58476D1CE4E5B9L);
  }

  Rows add(String value) {
    separate();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\' -> text.append("\\\\");
        case '\t' -> text.append("\\t");
        case '\n' -> text.append("\\n");
        default -> text.append(c);
      }
    }
    return this;
  }

  Rows add(long value) {
    separate();
    text.append(value);
    return this;
  }

  /// A moment that many seconds before the shop's fixed last day.
  Rows ago(long seconds) {
    separate();
    text.append(TODAY.minus(seconds, ChronoUnit.SECONDS));
    return this;
  }

  void end() {
    text.append('\n');
    first = true;
  }

  int length() {
    return text.length();
  }

  /// The bytes so far, and begins anew.
  byte[] drain() {
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    text.setLength(0);
    return bytes;
  }

  private void separate() {
    if (!first) {
      text.append('\t');
    }
    first = false;
  }
}
