package dev.freshet.app;

import dev.freshet.edge.Pagination;
import dev.freshet.edge.RouteRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads one element of `routes`.
final class RouteReader {
  private RouteReader() {}

  static @Nullable RouteRule read(Section route) {
    String match = route.text("match", "");
    List<String> depends = route.texts("depends");
    List<String> unshown = route.texts("unshown");
    List<String> beside = route.texts("unshown-beside");
    String cache = route.text("cache", depends.isEmpty() ? "on" : "rows");
    boolean byRows = cache.equals("rows");
    RouteRule.Share share =
        route.read(
            "share",
            byRows ? RouteRule.Share.BY_USER : RouteRule.Share.BY_RESPONSE,
            value -> SettingsReader.choice(value, RouteRule.Share.class));
    var ttl = route.durationOrNull("ttl");
    var whileRevalidate = route.durationOrNull("stale-while-revalidate");
    var ifError = route.durationOrNull("stale-if-error");
    var browserTtl = route.durationOrNull("browser-ttl");
    var users = route.texts("user-cookies");
    boolean compress = route.flag("compress", true);
    Pagination pages = PaginationReader.read(route);
    route.end();
    boolean stores = true;
    switch (cache) {
      case "on", "true", "yes", "http" -> stores = true;
      case "off", "false", "no" -> stores = false;
      case "rows" -> stores = true;
      default ->
          route.wrong("cache", "'" + cache + "' is not on, off or rows", "write on, off or rows");
    }
    checkUnshown(route, match, byRows && depends.isEmpty(), unshown, beside);
    if (byRows) {
      check(route, share, whileRevalidate != null, ifError != null);
    } else if (!depends.isEmpty()) {
      route.wrong("depends", "counts only with cache: rows", "leave `cache` out");
    }
    if (browserTtl != null && (byRows || share == RouteRule.Share.BY_USER)) {
      route.wrong(
          "browser-ttl",
          "does not go with " + (byRows ? "cache: rows" : "share: by-user"),
          "leave it out");
    }
    if (share != RouteRule.Share.BY_USER && !users.isEmpty()) {
      route.wrong("user-cookies", "counts only with share: by-user", "add `share: by-user`");
    }
    if (match.isEmpty()) {
      route.wrong("match", "is missing", "say which paths the rule is for, like `match: /api/**`");
      return null;
    }
    try {
      return new RouteRule(
          match,
          stores,
          ttl,
          whileRevalidate,
          ifError,
          browserTtl,
          share,
          users,
          compress,
          byRows ? new RouteRule.Rows(depends, unshown, beside) : null,
          pages);
    } catch (IllegalArgumentException e) {
      route.wrong("match", String.valueOf(e.getMessage()), "begin it with a slash");
      return null;
    }
  }

  private static void checkUnshown(
      Section route, String match, boolean isLearned, List<String> unshown, List<String> beside) {
    checkColumns(route, isLearned, "unshown", unshown);
    checkColumns(route, isLearned, "unshown-beside", beside);
    if (!beside.isEmpty() && !RouteRule.hasOneStar(match)) {
      route.wrong(
          "unshown-beside",
          "takes a `match` with one `*`, a whole segment, where the path names the row",
          "write it like `match: /product/*`");
    }
  }

  private static void checkColumns(
      Section route, boolean isLearned, String key, List<String> columns) {
    if (!isLearned && !columns.isEmpty()) {
      route.wrong(key, "counts only with cache: rows, and not beside depends", "leave it out");
    }
    if (!columns.stream().allMatch(name -> name.indexOf('.') > 0 && !name.endsWith("."))) {
      route.wrong(key, "names columns with their tables", "write them like `products.stock`");
    }
  }

  /// What is known to have changed is never served.
  private static void check(
      Section route, RouteRule.Share share, boolean revalidates, boolean repairs) {
    if (share == RouteRule.Share.BY_RESPONSE) {
      route.wrong("share", "with cache: rows is by-user or public", "write one of them");
    }
    for (String key : new String[] {"stale-while-revalidate", "stale-if-error"}) {
      boolean isGiven = key.equals("stale-if-error") ? repairs : revalidates;
      if (isGiven) {
        route.wrong(key, "does not go with cache: rows, which is never stale", "leave it out");
      }
    }
  }
}
