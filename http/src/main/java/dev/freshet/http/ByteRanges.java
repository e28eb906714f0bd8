package dev.freshet.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The `Range` and `Content-Range` fields for the unit `bytes` (RFC 9110, sections 14.1.2, 14.2 and
/// 14.4).
public final class ByteRanges {
  private static final int MAX_RANGES = 16;
  private final List<Spec> specs;

  private ByteRanges(List<Spec> specs) {
    this.specs = specs;
  }

  /// @param first offset of the first octet, or -1 for a suffix
  /// @param last offset of the last octet, -1 for "to the end"; for a suffix its length
  private record Spec(long first, long last) {}

  /// Octets that exist, both ends included.
  public record Resolved(long first, long last) {}

  /// A `Content-Range`.
  ///
  /// @param length of the whole, or -1 when unknown
  public record ContentRange(long first, long last, long length) {}

  /// Null for another unit or anything that breaks the grammar: the field is then ignored (RFC
  /// 9110, section 14.2).
  public static @Nullable ByteRanges parse(String value) {
    if (!value.regionMatches(true, 0, "bytes=", 0, 6)) {
      return null;
    }
    List<Spec> out = new ArrayList<>();
    for (String element : FieldLists.split(value.substring(6))) {
      int dash = element.indexOf('-');
      if (dash < 0 || out.size() == MAX_RANGES) {
        return null;
      }
      long first = number(element, 0, dash);
      long last = number(element, dash + 1, element.length());
      boolean isSuffix = dash == 0 && last >= 0;
      boolean isOpen = first >= 0 && dash == element.length() - 1;
      boolean isClosed = first >= 0 && last >= first;
      if (!isSuffix && !isOpen && !isClosed) {
        return null;
      }
      out.add(new Spec(isSuffix ? -1 : first, isOpen ? -1 : last));
    }
    return out.isEmpty() ? null : new ByteRanges(out);
  }

  public int size() {
    return specs.size();
  }

  /// Whether a range can be satisfied by content of that length. A suffix that isn't empty always
  /// can (RFC 9110, section 14.1.2), even where [#resolve] finds no octets to name because there
  /// are none at all.
  public boolean isSatisfiable(int index, long length) {
    Spec spec = specs.get(index);
    return spec.first() < 0 ? spec.last() > 0 : spec.first() < length;
  }

  /// The octets that a range means for content of that length; null when there are none.
  public @Nullable Resolved resolve(int index, long length) {
    Spec spec = specs.get(index);
    if (spec.first() < 0) {
      long n = Math.min(spec.last(), length);
      return n == 0 ? null : new Resolved(length - n, length - 1);
    }
    if (spec.first() >= length) {
      return null;
    }
    long last = spec.last() < 0 ? length - 1 : Math.min(spec.last(), length - 1);
    return new Resolved(spec.first(), last);
  }

  /// Null when absent, of another unit, or not well-formed.
  public static @Nullable ContentRange parseContentRange(@Nullable String value) {
    if (value == null || !value.regionMatches(true, 0, "bytes ", 0, 6)) {
      return null;
    }
    int dash = value.indexOf('-', 6);
    int slash = value.indexOf('/', 6);
    if (dash < 0 || slash < dash) {
      return null;
    }
    long first = number(value, 6, dash);
    long last = number(value, dash + 1, slash);
    boolean isUnknown = value.substring(slash + 1).equals("*");
    long length = isUnknown ? -1 : number(value, slash + 1, value.length());
    boolean isSound = first >= 0 && last >= first && (isUnknown || length > last);
    boolean isCountable = last < Long.MAX_VALUE && length < Long.MAX_VALUE;
    return isSound && isCountable ? new ContentRange(first, last, length) : null;
  }

  /// -1 when there are no digits, or other characters; what is too large to count with becomes the
  /// largest number there is, since it lies beyond any content (RFC 9110, section 14.1.2).
  private static long number(String text, int from, int to) {
    long out = from < to ? 0 : -1;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      out = out > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : out * 10 + digit;
    }
    return out;
  }
}
