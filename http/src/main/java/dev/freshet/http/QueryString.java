package dev.freshet.http;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Works on the query component as it was sent: pairs keep their order and their octets.
public final class QueryString {
  private QueryString() {}

  /// Parameters that don't matter: exact names, and prefixes written as `utm_*`.
  public static final class Ignored {
    private final Set<String> names = new HashSet<>();
    private final List<String> prefixes = new ArrayList<>();

    public Ignored(List<String> patterns) {
      for (String pattern : patterns) {
        if (pattern.endsWith("*")) {
          prefixes.add(pattern.substring(0, pattern.length() - 1));
        } else {
          names.add(pattern);
        }
      }
    }

    /// The query without them.
    public String strip(String query) {
      if (names.isEmpty() && prefixes.isEmpty()) {
        return query;
      }
      StringBuilder out = null;
      int at = 0;
      while (at <= query.length()) {
        int end = query.indexOf('&', at);
        end = end < 0 ? query.length() : end;
        if (matters(query, at, end)) {
          if (out != null) {
            out.append(out.isEmpty() ? "" : "&").append(query, at, end);
          }
        } else if (out == null) {
          out = new StringBuilder(query.length()).append(query, 0, Math.max(0, at - 1));
        }
        at = end + 1;
      }
      return out == null ? query : out.toString();
    }

    private boolean matters(String query, int from, int to) {
      int equals = query.indexOf('=', from);
      String name = query.substring(from, equals < 0 || equals > to ? to : equals);
      if (names.contains(name)) {
        return false;
      }
      for (String prefix : prefixes) {
        if (name.startsWith(prefix)) {
          return false;
        }
      }
      return true;
    }
  }

  /// The pairs, as sent; empty ones are left out.
  public static List<String> pairs(String query) {
    List<String> out = new ArrayList<>();
    int at = 0;
    while (at < query.length()) {
      int end = query.indexOf('&', at);
      end = end < 0 ? query.length() : end;
      if (end > at) {
        out.add(query.substring(at, end));
      }
      at = end + 1;
    }
    return out;
  }

  /// A pair's name, decoded.
  public static String nameOf(String pair) {
    int equals = pair.indexOf('=');
    return decode(equals < 0 ? pair : pair.substring(0, equals));
  }

  /// A name or value with `+` and percent-encoding undone where that is well-formed, one char per
  /// octet.
  public static String decode(String name) {
    if (name.indexOf('%') < 0 && name.indexOf('+') < 0) {
      return name;
    }
    StringBuilder out = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      int high = c == '%' && i + 2 < name.length() ? Character.digit(name.charAt(i + 1), 16) : -1;
      int low = high >= 0 ? Character.digit(name.charAt(i + 2), 16) : -1;
      if (low >= 0) {
        out.append((char) (high * 16 + low));
        i += 2;
      } else {
        out.append(c == '+' ? ' ' : c);
      }
    }
    return out.toString();
  }
}
