package dev.freshet.edge;

import dev.freshet.base.Meters;
import dev.freshet.http.RequestHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Finds the rule for a request; each rule carries its own figures.
///
/// Patterns are matched against the path as sent, never decoded. A path that servers may read in
/// more than one way (dot segments, encoded slashes or dots, semicolons, backslashes, doubled
/// slashes) gets the plain rule, so that no rule's lifetime can be stretched over a page it was not
/// written for (web cache deception).
final class Routes {
  private final List<Route> routes;
  private final Route rest;
  private final boolean hasPages;

  Routes(List<RouteRule> rules, Meters meters) {
    List<Route> made = new ArrayList<>();
    for (RouteRule rule : rules) {
      made.add(new Route(rule, new RouteFigures(rule.match(), meters)));
    }
    routes = List.copyOf(made);
    hasPages = rules.stream().anyMatch(rule -> rule.pages() != null);
    rest = new Route(RouteRule.plain("/**"), new RouteFigures("(no rule)", meters));
  }

  /// A rule and its figures.
  record Route(RouteRule rule, RouteFigures figures) {}

  Route of(RequestHead head) {
    return routes.isEmpty() ? rest : of(head.path());
  }

  Route of(String path) {
    if (isAmbiguous(path)) {
      return rest;
    }
    for (Route route : routes) {
      if (matches(route.rule().match(), path)) {
        return route;
      }
    }
    return rest;
  }

  /// Whether any rule cuts lists into pages.
  boolean hasPages() {
    return hasPages;
  }

  List<RouteFigures> figures() {
    List<RouteFigures> out = new ArrayList<>();
    routes.forEach(route -> out.add(route.figures()));
    out.add(rest.figures());
    return out;
  }

  static boolean isAmbiguous(String path) {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == ';' || c == '\\') {
        return true;
      }
      if (c == '/' && i + 1 < path.length()) {
        char next = path.charAt(i + 1);
        boolean dots = next == '.' && isDotSegment(path, i + 1);
        if (next == '/' || dots) {
          return true;
        }
      }
      if (c == '%' && i + 2 < path.length()) {
        String code = path.substring(i + 1, i + 3).toLowerCase(Locale.ROOT);
        switch (code) {
          case "2e", "2f", "5c", "3b", "00", "0a", "0d", "23", "3f", "25" -> {
            return true;
          }
          default -> {}
        }
      }
    }
    return false;
  }

  private static boolean isDotSegment(String path, int at) {
    int end = path.indexOf('/', at);
    String segment = path.substring(at, end < 0 ? path.length() : end);
    return segment.equals(".") || segment.equals("..");
  }

  /// Matches without backtracking beyond the last star of each kind: linear for real patterns,
  /// quadratic at worst.
  static boolean matches(String pattern, String path) {
    if (pattern.endsWith("/**") && path.equals(pattern.substring(0, pattern.length() - 3))) {
      return true;
    }
    return matches(pattern, 0, path, 0);
  }

  private static boolean matches(String pattern, int p, String path, int at) {
    int star = -1;
    int retry = -1;
    while (at < path.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        boolean isDeep = p + 1 < pattern.length() && pattern.charAt(p + 1) == '*';
        if (isDeep) {
          return matchesDeep(pattern, p + 2, path, at);
        }
        star = p++;
        retry = at;
      } else if (p < pattern.length() && pattern.charAt(p) == path.charAt(at)) {
        p++;
        at++;
      } else if (star >= 0 && path.charAt(retry) != '/') {
        p = star + 1;
        at = ++retry;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  private static boolean matchesDeep(String pattern, int p, String path, int at) {
    if (p == pattern.length()) {
      return true;
    }
    for (int i = at; i <= path.length(); i++) {
      if (matches(pattern, p, path, i)) {
        return true;
      }
    }
    return false;
  }
}
