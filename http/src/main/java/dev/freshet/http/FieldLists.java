package dev.freshet.http;

import java.util.ArrayList;
import java.util.List;

/// Splits list-based field values (RFC 9110, section 5.6.1), minding quoted strings.
public final class FieldLists {
  private FieldLists() {}

  /// The elements without surrounding white space; empty ones are left out. A comma inside a quoted
  /// string does not separate; a quote that is never closed begins none, so that nothing hides
  /// behind it.
  public static List<String> split(String value) {
    return split(value, true);
  }

  /// @param escapes whether a backslash inside quotes takes the next octet's meaning away: it does
  ///   in a quoted string, but not in an entity tag
  static List<String> split(String value, boolean escapes) {
    if (value.indexOf(',') < 0) {
      String only = trim(value, 0, value.length());
      return only.isEmpty() ? List.of() : List.of(only);
    }
    List<String> out = new ArrayList<>();
    int opened = -1;
    int from = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (opened >= 0 && c == '\\' && escapes) {
        i++;
      } else if (c == '"') {
        opened = opened < 0 ? i : -1;
      } else if (c == ',' && opened < 0) {
        add(out, value, from, i);
        from = i + 1;
      }
    }
    int comma = opened < 0 ? -1 : value.indexOf(',', opened);
    while (comma >= 0) {
      add(out, value, from, comma);
      from = comma + 1;
      comma = value.indexOf(',', from);
    }
    add(out, value, from, value.length());
    return out;
  }

  private static void add(List<String> out, String value, int from, int to) {
    String element = trim(value, from, to);
    if (!element.isEmpty()) {
      out.add(element);
    }
  }

  /// Without leading and trailing spaces and tabs (OWS, RFC 9110, section 5.6.3).
  static String trim(String value, int from, int to) {
    int start = from;
    int end = to;
    while (start < end && isOws(value.charAt(start))) {
      start++;
    }
    while (end > start && isOws(value.charAt(end - 1))) {
      end--;
    }
    return value.substring(start, end);
  }

  private static boolean isOws(char c) {
    return c == ' ' || c == '\t';
  }

  /// True for `1*tchar` (RFC 9110, section 5.6.2).
  public static boolean isToken(String text) {
    if (text.isEmpty()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (!isTokenChar(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  static boolean isTokenChar(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }
}
