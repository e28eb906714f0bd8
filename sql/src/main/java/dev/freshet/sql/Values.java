package dev.freshet.sql;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Values in PostgreSQL's binary form, and which types a column of some form may be compared with
/// so that canonical texts tell equality.
final class Values {
  /// An enum, if anything: Screening refuses other types of the user's.
  static final long OTHER = -1;

  static final long BOOL = 16;
  static final long INT8 = 20;
  static final long INT2 = 21;
  static final long INT4 = 23;
  static final long TEXT = 25;
  static final long BPCHAR = 1042;
  static final long VARCHAR = 1043;
  static final long DATE = 1082;
  static final long TIMESTAMP = 1114;
  static final long TIMESTAMPTZ = 1184;
  static final long NUMERIC = 1700;
  static final long UUID_TYPE = 2950;

  private static final Map<Long, Long> ELEMENTS =
      Map.ofEntries(
          Map.entry(1000L, BOOL),
          Map.entry(1005L, INT2),
          Map.entry(1007L, INT4),
          Map.entry(1009L, TEXT),
          Map.entry(1014L, BPCHAR),
          Map.entry(1015L, VARCHAR),
          Map.entry(1016L, INT8),
          Map.entry(1115L, TIMESTAMP),
          Map.entry(1182L, DATE),
          Map.entry(1185L, TIMESTAMPTZ),
          Map.entry(1231L, NUMERIC),
          Map.entry(2951L, UUID_TYPE));

  private static final int MAX_WEIGHT = 200;

  private Values() {}

  static boolean isNumber(long type) {
    return type == INT2 || type == INT4 || type == INT8 || type == NUMERIC;
  }

  /// The type of an array's elements, or -1.
  static long element(long array) {
    return ELEMENTS.getOrDefault(array, -1L);
  }

  /// @param type of the other side; 0 where it takes the column's
  static boolean areComparable(Term term, long type) {
    if (type == 0) {
      return term.form() != Form.NONE;
    }
    return switch (term.form()) {
      case NUMBER -> isNumber(type);
      case TEXT -> isText(type);
      case PADDED -> isText(type) || type == BPCHAR;
      case BOOLEAN -> type == BOOL;
      case UUID -> type == UUID_TYPE;
      case DATE -> type == DATE;
      case TIMESTAMP -> type == TIMESTAMP;
      case INSTANT -> type == TIMESTAMPTZ;
      case LABEL -> type == term.type() || type == OTHER;
      case NONE -> false;
    };
  }

  /// Whether a cast leaves the value what it was; one from text reads it as the other type would.
  static boolean keeps(long from, long to) {
    boolean isWhole = isNumber(from) && from != NUMERIC;
    return from == to || (isWhole && isNumber(to)) || isText(from);
  }

  private static boolean isText(long type) {
    return type == TEXT || type == VARCHAR;
  }

  /// Adds the canonical text of a value; false where it has none.
  static boolean scalar(byte[] from, int at, int length, long type, Form form, List<String> out) {
    String text = text(from, at, length, type, form);
    String canonical = text == null ? null : form.canonical(text);
    if (canonical != null) {
      out.add(canonical);
    }
    return canonical != null;
  }

  private static @Nullable String text(byte[] from, int at, int length, long type, Form form) {
    if (type == TEXT || type == VARCHAR || type == BPCHAR || form == Form.LABEL) {
      return new String(from, at, length, StandardCharsets.UTF_8);
    }
    if (type == NUMERIC) {
      return numeric(from, at, length);
    }
    return switch (length) {
      case 1 -> type == BOOL ? (from[at] == 0 ? "f" : "t") : null;
      case 2 -> type == INT2 ? Integer.toString((short) Arguments.int2(from, at)) : null;
      case 4 -> {
        int value = Arguments.int4(from, at);
        yield type == INT4
            ? Integer.toString(value)
            : type == DATE ? Form.DATE.canonical((long) value) : null;
      }
      case 8 -> {
        long value = int8(from, at);
        yield type == INT8
            ? Long.toString(value)
            : type == TIMESTAMP
                ? Form.TIMESTAMP.canonical(value)
                : type == TIMESTAMPTZ ? Form.INSTANT.canonical(value) : null;
      }
      case 16 -> type == UUID_TYPE ? new UUID(int8(from, at), int8(from, at + 8)).toString() : null;
      default -> null;
    };
  }

  private static long int8(byte[] from, int at) {
    return (long) Arguments.int4(from, at) << 32 | (Arguments.int4(from, at + 4) & 0xffffffffL);
  }

  /// Digits to the base of 10,000, the first of which counts 10,000 to the power of the weight.
  private static @Nullable String numeric(byte[] from, int at, int length) {
    if (length < 8) {
      return null;
    }
    int digits = Arguments.int2(from, at);
    int weight = (short) Arguments.int2(from, at + 2);
    int sign = Arguments.int2(from, at + 4);
    if (length != 8 + 2 * digits || Math.abs(weight) > MAX_WEIGHT || digits > MAX_WEIGHT) {
      return null;
    }
    if (sign != 0 && sign != 0x4000) {
      return sign == 0xC000 ? "NaN" : sign == 0xD000 ? "Infinity" : "-Infinity";
    }
    StringBuilder out = new StringBuilder(sign == 0 ? "" : "-").append('0');
    for (int power = Math.max(weight, 0); power > weight - digits || power >= 0; power--) {
      if (power == -1) {
        out.append('.');
      }
      int digit = weight - power;
      int value = digit >= 0 && digit < digits ? Arguments.int2(from, at + 8 + 2 * digit) : 0;
      String four = Integer.toString(value);
      out.append("0".repeat(4 - Math.min(4, four.length()))).append(four);
    }
    return out.toString();
  }

  /// Adds those of an array of one dimension.
  static boolean array(byte[] from, int at, int length, long type, Form form, List<String> out) {
    if (length < 12) {
      return false;
    }
    int dimensions = Arguments.int4(from, at);
    long element = Arguments.int4(from, at + 8) & 0xffffffffL;
    boolean isSame = element == type || (isText(element) && isText(type));
    if (dimensions == 0) {
      return true;
    }
    if (dimensions != 1 || length < 20 || !isSame) {
      return false;
    }
    int count = Arguments.int4(from, at + 12);
    int next = at + 20;
    int end = at + length;
    for (int i = 0; i < count; i++) {
      if (next + 4 > end) {
        return false;
      }
      int size = Arguments.int4(from, next);
      next += 4;
      if (size >= 0) {
        if (next + size > end || !scalar(from, next, size, element, form, out)) {
          return false;
        }
        next += size;
      }
    }
    return true;
  }
}
