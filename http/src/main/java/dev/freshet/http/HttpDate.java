package dev.freshet.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/// HTTP's dates (RFC 9110, section 5.6.7): writes the preferred form, reads it and the two obsolete
/// ones, and nothing else (but for case: real senders get it wrong and no other date could be
/// meant).
public final class HttpDate {
  /// What [#parse] returns for anything that is not exactly one of the three forms.
  public static final long INVALID = Long.MIN_VALUE;

  private static final String[] DAYS = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  private static final String[] LONG_DAYS = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
  };
  private static final String[] MONTHS = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
  };

  private HttpDate() {}

  /// Seconds since the epoch, or [#INVALID].
  public static long parse(String text) {
    try {
      int comma = text.indexOf(',');
      if (comma == 3) {
        return imfFixdate(text);
      }
      return comma > 3 ? rfc850(text, comma) : asctime(text);
    } catch (DateTimeException | NumberFormatException | StringIndexOutOfBoundsException e) {
      return INVALID;
    }
  }

  /// The preferred form: `Sun, 06 Nov 1994 08:49:37 GMT`.
  public static String format(long epochSeconds) {
    LocalDateTime t = LocalDateTime.ofInstant(Instant.ofEpochSecond(epochSeconds), ZoneOffset.UTC);
    StringBuilder out = new StringBuilder(29);
    out.append(DAYS[t.getDayOfWeek().getValue() - 1]).append(", ");
    two(out, t.getDayOfMonth()).append(' ').append(MONTHS[t.getMonthValue() - 1]).append(' ');
    String year = Integer.toString(t.getYear());
    out.append("0000", 0, Math.max(0, 4 - year.length())).append(year).append(' ');
    two(out, t.getHour()).append(':');
    two(out, t.getMinute()).append(':');
    return two(out, t.getSecond()).append(" GMT").toString();
  }

  private static StringBuilder two(StringBuilder out, int n) {
    return out.append((char) ('0' + n / 10)).append((char) ('0' + n % 10));
  }

  private static long imfFixdate(String text) {
    if (text.length() != 29
        || indexOf(DAYS, text.substring(0, 3)) < 0
        || text.charAt(4) != ' '
        || text.charAt(7) != ' '
        || text.charAt(11) != ' '
        || text.charAt(16) != ' '
        || !endsWithGmt(text)) {
      return INVALID;
    }
    return seconds(digits(text, 12, 16), text.substring(8, 11), digits(text, 5, 7), text, 17);
  }

  private static boolean endsWithGmt(String text) {
    return text.regionMatches(true, text.length() - 4, " GMT", 0, 4);
  }

  private static long rfc850(String text, int comma) {
    boolean isForm =
        indexOf(LONG_DAYS, text.substring(0, comma)) >= 0
            && text.length() == comma + 24
            && text.charAt(comma + 1) == ' '
            && text.charAt(comma + 4) == '-'
            && text.charAt(comma + 8) == '-'
            && text.charAt(comma + 11) == ' '
            && endsWithGmt(text);
    if (!isForm) {
      return INVALID;
    }
    // Two-digit years more than 50 years ahead are in the past; a fixed pivot keeps parsing a pure
    // function.
    int year = digits(text, comma + 9, comma + 11);
    int century = year >= 70 ? 1900 : 2000;
    return seconds(
        century + year,
        text.substring(comma + 5, comma + 8),
        digits(text, comma + 2, comma + 4),
        text,
        comma + 12);
  }

  private static long asctime(String text) {
    boolean isForm =
        text.length() == 24
            && indexOf(DAYS, text.substring(0, 3)) >= 0
            && text.charAt(3) == ' '
            && text.charAt(7) == ' '
            && text.charAt(10) == ' '
            && text.charAt(19) == ' ';
    if (!isForm) {
      return INVALID;
    }
    int day = text.charAt(8) == ' ' ? digits(text, 9, 10) : digits(text, 8, 10);
    return seconds(digits(text, 20, 24), text.substring(4, 7), day, text, 11);
  }

  private static long seconds(int year, String monthName, int day, String text, int timeAt) {
    int month = indexOf(MONTHS, monthName);
    if (month < 0 || text.charAt(timeAt + 2) != ':' || text.charAt(timeAt + 5) != ':') {
      return INVALID;
    }
    int second = digits(text, timeAt + 6, timeAt + 8);
    if (second > 60) {
      return INVALID;
    }
    return LocalDateTime.of(
                year,
                month + 1,
                day,
                digits(text, timeAt, timeAt + 2),
                digits(text, timeAt + 3, timeAt + 5),
                Math.min(second, 59))
            .toEpochSecond(ZoneOffset.UTC)
        + (second == 60 ? 1 : 0);
  }

  private static int digits(String text, int from, int to) {
    int out = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        throw new NumberFormatException(text);
      }
      out = out * 10 + c - '0';
    }
    return out;
  }

  private static int indexOf(String[] names, String name) {
    for (int i = 0; i < names.length; i++) {
      if (names[i].equalsIgnoreCase(name)) {
        return i;
      }
    }
    return -1;
  }
}
