package dev.freshet.sql;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Strings as SQL and arrays write them.
final class Literals {
  private Literals() {}

  /// What a string constant says; null for forms that are not resolved here.
  static @Nullable String string(byte[] sql, int from, int to) {
    String text = new String(sql, from, to - from, StandardCharsets.UTF_8);
    if (text.startsWith("$")) {
      int tag = text.indexOf('$', 1) + 1;
      return text.substring(tag, text.length() - tag);
    }
    boolean isEscaping = text.startsWith("e") || text.startsWith("E");
    int quote = isEscaping ? 1 : 0;
    if (text.charAt(quote) != '\'' || (isEscaping && text.indexOf('\\') >= 0)) {
      return null;
    }
    StringBuilder out = new StringBuilder(text.length());
    for (int i = quote + 1; i < text.length() - 1; i++) {
      char c = text.charAt(i);
      if (c == '\'') {
        i++;
        if (i == text.length() - 1 || text.charAt(i) != '\'') {
          // Goes on in another line.
          return null;
        }
      }
      out.append(c);
    }
    return out.toString();
  }

  /// Adds the elements of an array in its text form, `{1,NULL,"a b"}`; false where it is not plain.
  static boolean array(String text, Form form, List<String> out) {
    int last = text.length() - 1;
    if (last < 1 || text.charAt(0) != '{' || text.charAt(last) != '}') {
      return false;
    }
    int at = 1;
    while (at < last) {
      StringBuilder element = new StringBuilder();
      boolean isQuoted = text.charAt(at) == '"';
      at = isQuoted ? quoted(text, at + 1, last, element) : bare(text, at, last, element);
      boolean isOver = at == last;
      if (at < 0 || (!isOver && (text.charAt(at) != ',' || at == last - 1))) {
        return false;
      }
      at++;
      String value = element.toString();
      if (!isQuoted && value.isEmpty()) {
        return false;
      }
      if (isQuoted || !value.equalsIgnoreCase("null")) {
        String canonical = form.canonical(value);
        if (canonical == null) {
          return false;
        }
        out.add(canonical);
      }
    }
    return true;
  }

  private static int quoted(String text, int from, int last, StringBuilder out) {
    for (int i = from; i < last; i++) {
      char c = text.charAt(i);
      if (c == '"') {
        return i + 1;
      }
      i = c == '\\' ? i + 1 : i;
      out.append(text.charAt(i));
    }
    return -1;
  }

  private static int bare(String text, int from, int last, StringBuilder out) {
    for (int i = from; i < last; i++) {
      char c = text.charAt(i);
      if (c == ',') {
        return i;
      }
      if (c == '{' || c == '}' || c == '\\' || c == '"' || c <= ' ') {
        return -1;
      }
      out.append(c);
    }
    return last;
  }
}
