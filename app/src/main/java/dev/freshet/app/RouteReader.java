package dev.freshet.app;

import dev.freshet.edge.RouteRule;
import org.jspecify.annotations.Nullable;

/// Reads one element of `routes`.
final class RouteReader {
  private RouteReader() {}

  static @Nullable RouteRule read(Section route) {
    String match = route.text("match", "");
    String cache = route.text("cache", "on");
    RouteRule.Share share =
        route.read(
            "share",
            RouteRule.Share.BY_RESPONSE,
            value -> SettingsReader.choice(value, RouteRule.Share.class));
    var ttl = route.durationOrNull("ttl");
    var whileRevalidate = route.durationOrNull("stale-while-revalidate");
    var ifError = route.durationOrNull("stale-if-error");
    var users = route.texts("user-cookies");
    boolean compress = route.flag("compress", true);
    route.notYet("depends", "leave it out, and give the route a `ttl`");
    route.notYet("paginate", "leave it out: pagination comes with a later version");
    route.end();
    boolean stores = true;
    switch (cache) {
      case "on", "true", "yes", "http" -> stores = true;
      case "off", "false", "no" -> stores = false;
      case "rows" ->
          route.wrong(
              "cache",
              "`rows` is not supported by this version",
              "leave it out, and give the route a `ttl`");
      default -> route.wrong("cache", "'" + cache + "' is not on or off", "write on or off");
    }
    if (share != RouteRule.Share.BY_USER && !users.isEmpty()) {
      route.wrong("user-cookies", "counts only with share: by-user", "add `share: by-user`");
    }
    if (match.isEmpty()) {
      route.wrong("match", "is missing", "say which paths the rule is for, like `match: /api/**`");
      return null;
    }
    try {
      return new RouteRule(match, stores, ttl, whileRevalidate, ifError, share, users, compress);
    } catch (IllegalArgumentException e) {
      route.wrong("match", String.valueOf(e.getMessage()), "begin it with a slash");
      return null;
    }
  }
}
