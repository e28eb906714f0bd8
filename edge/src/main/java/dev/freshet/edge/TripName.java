package dev.freshet.edge;

import dev.freshet.http.RequestHead;

/// What trips are told apart by: the method, and the rule's pattern where that names one kind of
/// page; else the path, with `*` for what looks like a number or a key.
final class TripName {
  private static final int MAX_SEGMENTS = 6;
  private static final int LONG = 32;

  private TripName() {}

  static String of(RouteRule rule, RequestHead head) {
    String pattern = rule.match();
    return head.method() + ' ' + (pattern.contains("**") ? shape(head.path()) : pattern);
  }

  private static String shape(String path) {
    StringBuilder out = new StringBuilder(path.length());
    int at = 0;
    for (int n = 0; at < path.length(); n++) {
      int slash = path.indexOf('/', at + 1);
      int end = slash < 0 ? path.length() : slash;
      if (n == MAX_SEGMENTS) {
        return out.append("/**").toString();
      }
      out.append('/');
      if (isKey(path, at + 1, end)) {
        out.append('*');
      } else {
        out.append(path, Math.min(at + 1, end), end);
      }
      at = end;
    }
    return out.toString();
  }

  private static boolean isKey(String path, int from, int to) {
    if (to - from > LONG) {
      return true;
    }
    for (int i = from; i < to; i++) {
      char c = path.charAt(i);
      // Versions as in /api/v2 tell kinds of pages apart, other digits hardly ever.
      if (c >= '0' && c <= '9' && !(path.charAt(from) == 'v' && to - from <= 3)) {
        return true;
      }
    }
    return false;
  }
}
