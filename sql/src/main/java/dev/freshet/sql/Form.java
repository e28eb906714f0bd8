package dev.freshet.sql;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How the values of a column are compared by its type's `=`, and so the one text that all equal
/// values share. Types of one form may be compared with each other; `NONE` has no such text.
///
/// Takes what PostgreSQL prints, whatever zone it prints in, so long as `DateStyle` is ISO; of what
/// it would read only what can mean one thing. Neither takes part where a text is not given: then
/// any value may be meant.
public enum Form {
  /// int2, int4, int8 and numeric: equal whatever their scale.
  NUMBER,
  /// text and varchar with a deterministic collation: equal octet by octet.
  TEXT,
  /// char(n): blanks at the end don't count.
  PADDED,
  BOOLEAN,
  UUID,
  DATE,
  TIMESTAMP,
  /// timestamptz, in UTC.
  INSTANT,
  /// An enum of the user's.
  LABEL,
  /// Floats, whose zero has two signs, nondeterministic collations, citext, json and whatever else
  /// is compared in its own way.
  NONE;

  private static final String INFINITY = "infinity";
  private static final String MINUS_INFINITY = "-infinity";
  private static final int MAX_DIGITS = 1_000;

  /// The canonical text of a value that is not null; null where this one has none.
  public @Nullable String canonical(String text) {
    return switch (this) {
      case NUMBER -> number(text);
      case TEXT, LABEL -> text;
      case PADDED -> padded(text);
      case BOOLEAN -> bool(text);
      case UUID -> uuid(text);
      case DATE -> isInfinite(text) ? text : date(text);
      case TIMESTAMP -> isInfinite(text) ? text : timestamp(text, false);
      case INSTANT -> isInfinite(text) ? text : timestamp(text, true);
      case NONE -> null;
    };
  }

  private static boolean isInfinite(String text) {
    return text.equals(INFINITY) || text.equals(MINUS_INFINITY);
  }

  private static @Nullable String number(String text) {
    int length = text.length();
    boolean isSigned = length > 0 && (text.charAt(0) == '-' || text.charAt(0) == '+');
    int from = isSigned ? 1 : 0;
    int point = -1;
    for (int i = from; i < length; i++) {
      char c = text.charAt(i);
      if (c == '.' && point < 0) {
        point = i;
      } else if (c < '0' || c > '9') {
        return text.equals("NaN") || text.equals("Infinity") || text.equals("-Infinity")
            ? text
            : null;
      }
    }
    int digits = length - from - (point < 0 ? 0 : 1);
    if (digits == 0 || digits > MAX_DIGITS) {
      return null;
    }
    int to = length;
    if (point >= 0) {
      while (text.charAt(to - 1) == '0') {
        to--;
      }
      to = to - 1 == point ? point : to;
    }
    int whole = point < 0 ? to : Math.min(point, to);
    while (from < whole - 1 && text.charAt(from) == '0') {
      from++;
    }
    String out = text.substring(from, to);
    out = out.startsWith(".") ? "0" + out : out;
    if (out.isEmpty() || out.equals("0")) {
      return "0";
    }
    return text.charAt(0) == '-' ? "-" + out : out;
  }

  private static String padded(String text) {
    int to = text.length();
    while (to > 0 && text.charAt(to - 1) == ' ') {
      to--;
    }
    return text.substring(0, to);
  }

  private static @Nullable String bool(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "t", "true", "y", "yes", "on", "1" -> "t";
      case "f", "false", "n", "no", "off", "0" -> "f";
      default -> null;
    };
  }

  private static @Nullable String uuid(String text) {
    if (text.length() != 36) {
      return null;
    }
    for (int i = 0; i < 36; i++) {
      char c = text.charAt(i);
      boolean isDash = i == 8 || i == 13 || i == 18 || i == 23;
      if (isDash ? c != '-' : Character.digit(c, 16) < 0 || c > 'f') {
        return null;
      }
    }
    return text.toLowerCase(Locale.ROOT);
  }

  private static @Nullable String date(String text) {
    // Drivers may send the zone of a date along: it doesn't count.
    boolean isWhole =
        text.length() == 10
            || (text.length() > 11 && text.charAt(10) == ' ' && offset(text, 11) != null);
    return isWhole && day(text) != null ? text.substring(0, 10) : null;
  }

  private static @Nullable LocalDate day(String text) {
    boolean isDate =
        text.length() >= 10
            && text.charAt(4) == '-'
            && text.charAt(7) == '-'
            && areDigits(text, 0, 4)
            && areDigits(text, 5, 7)
            && areDigits(text, 8, 10);
    if (!isDate) {
      return null;
    }
    try {
      int year = two(text, 0) * 100 + two(text, 2);
      return year == 0 ? null : LocalDate.of(year, two(text, 5), two(text, 8));
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static int two(String text, int at) {
    return (text.charAt(at) - '0') * 10 + text.charAt(at + 1) - '0';
  }

  private static boolean areDigits(String text, int from, int to) {
    if (to > text.length()) {
      return false;
    }
    for (int i = from; i < to; i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  /// PostgreSQL passes over the zone of a timestamp without one; one with needs it, lest it depend
  /// on the session.
  private static @Nullable String timestamp(String text, boolean isInstant) {
    LocalDate day = day(text);
    if (day == null) {
      return null;
    }
    if (text.length() == 10) {
      return isInstant ? null : day.atStartOfDay().toString();
    }
    boolean hasTime =
        (text.charAt(10) == ' ' || text.charAt(10) == 'T')
            && areDigits(text, 11, 13)
            && text.length() >= 16
            && text.charAt(13) == ':'
            && areDigits(text, 14, 16);
    if (!hasTime) {
      return null;
    }
    int at = 16;
    int second = 0;
    int nano = 0;
    if (at < text.length() && text.charAt(at) == ':') {
      if (!areDigits(text, 17, 19)) {
        return null;
      }
      second = two(text, 17);
      at = 19;
      int end = at + 1;
      while (end < text.length() && areDigits(text, end, end + 1)) {
        end++;
      }
      if (at < text.length() && text.charAt(at) == '.') {
        if (end == at + 1 || end > at + 7) {
          return null;
        }
        nano = Integer.parseInt((text.substring(at + 1, end) + "000000000").substring(0, 9));
        at = end;
      }
    }
    Integer offset = at == text.length() ? null : offset(text, at);
    boolean isWhole = at == text.length() ? !isInstant : offset != null;
    if (!isWhole || two(text, 11) > 23 || two(text, 14) > 59 || second > 59) {
      return null;
    }
    LocalDateTime local = day.atTime(two(text, 11), two(text, 14), second, nano);
    return isInstant && offset != null ? instant(local.minusSeconds(offset)) : local.toString();
  }

  private static @Nullable String instant(LocalDateTime utc) {
    return isCommon(utc) ? utc + "Z" : null;
  }

  private static boolean isCommon(LocalDateTime moment) {
    return moment.getYear() > 0 && moment.getYear() < 10_000;
  }

  /// In seconds; null where it is none.
  private static @Nullable Integer offset(String text, int at) {
    String rest = text.substring(at);
    if (rest.equals("Z")) {
      return 0;
    }
    int sign = rest.charAt(0) == '+' ? 1 : rest.charAt(0) == '-' ? -1 : 0;
    if (sign == 0 || !areDigits(rest, 1, 3)) {
      return null;
    }
    int seconds = two(rest, 1) * 3_600;
    for (int i = 3, unit = 60; i < rest.length(); i += 3, unit /= 60) {
      if (unit == 0 || rest.charAt(i) != ':' || !areDigits(rest, i + 1, i + 3)) {
        return null;
      }
      seconds += two(rest, i + 1) * unit;
    }
    return sign * seconds;
  }

  /// Of the binary form of a date or time, counted from 2000-01-01; null where it has no canonical
  /// text.
  @Nullable String canonical(long since2000) {
    boolean isDate = this == DATE;
    if (since2000 == (isDate ? Integer.MAX_VALUE : Long.MAX_VALUE)) {
      return INFINITY;
    }
    if (since2000 == (isDate ? Integer.MIN_VALUE : Long.MIN_VALUE)) {
      return MINUS_INFINITY;
    }
    try {
      LocalDateTime start = LocalDate.of(2000, 1, 1).atStartOfDay();
      LocalDateTime moment =
          isDate ? start.plusDays(since2000) : start.plus(since2000, ChronoUnit.MICROS);
      if (!isCommon(moment)) {
        return null;
      }
      return switch (this) {
        case DATE -> moment.toLocalDate().toString();
        case TIMESTAMP -> moment.toString();
        case INSTANT -> moment + "Z";
        default -> null;
      };
    } catch (DateTimeException e) {
      return null;
    }
  }
}
