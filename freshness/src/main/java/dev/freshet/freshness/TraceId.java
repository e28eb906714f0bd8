package dev.freshet.freshness;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The trace-id of a `traceparent` (W3C Trace Context, section 3.2.2.3): 16 octets, not all zero.
public record TraceId(long high, long low) {
  private static final int LENGTH = 55;
  private static final int FROM = 3;

  public static TraceId random(RandomGenerator random) {
    long low = random.nextLong();
    return new TraceId(random.nextLong(), low == 0 ? 1 : low);
  }

  /// Reads 32 hex digits; null when they are none, or all zero.
  public static @Nullable TraceId ofHex(String digits) {
    return digits.length() == 32 ? ofTraceparent("00-" + digits + "-0000000000000001-00") : null;
  }

  /// Reads the trace-id of a `traceparent`; null when it is none that may be used.
  public static @Nullable TraceId ofTraceparent(CharSequence field) {
    boolean isFormed =
        field.length() >= LENGTH
            && field.charAt(2) == '-'
            && field.charAt(35) == '-'
            && field.charAt(52) == '-'
            && (field.length() == LENGTH || field.charAt(LENGTH) == '-')
            && !(field.charAt(0) == 'f' && field.charAt(1) == 'f');
    if (!isFormed) {
      return null;
    }
    long high = 0;
    long low = 0;
    for (int i = FROM; i < FROM + 32; i++) {
      int digit = lowerHex(field.charAt(i));
      if (digit < 0) {
        return null;
      }
      if (i < FROM + 16) {
        high = high << 4 | digit;
      } else {
        low = low << 4 | digit;
      }
    }
    return high == 0 && low == 0 ? null : new TraceId(high, low);
  }

  private static int lowerHex(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }

  /// A `traceparent` of this trace.
  ///
  /// @param parent the span-id, not 0
  /// @param sampled whether who comes behind should record it
  public String traceparent(long parent, boolean sampled) {
    HexFormat hex = HexFormat.of();
    return "00-" + this + '-' + hex.toHexDigits(parent) + (sampled ? "-01" : "-00");
  }

  /// 32 hex digits.
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}
