package dev.freshet.http;

import java.util.ArrayList;
import java.util.List;

/// Splits list-based field values (RFC 9110, section 5.6.1), minding quoted strings.
public final class FieldLists {
  private FieldLists() {}

  /// The elements without surrounding white space; empty ones are left out. A comma inside a quoted
  /// string does not separate.
  public static List<String> split(String value) {
    if (value.indexOf(',') < 0) {
      String only = trim(value, 0, value.length());
      return only.isEmpty() ? List.of() : List.of(only);
    }
    List<String> out = new ArrayList<>();
    boolean quoted = false;
    int from = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        add(out, value, from, i);
        from = i + 1;
      }
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
