package dev.freshet.edge;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the operator says about the URLs that match a pattern; the first rule that matches counts.
///
/// @param match path pattern: `*` is anything within a segment, `**` anything
/// @param cache false keeps responses out of the cache altogether
/// @param ttl how long a response is fresh that says nothing itself; null leaves it to HTTP's own
///   rules
/// @param staleWhileRevalidate window where the response names none; null for none
/// @param staleIfError window where the response names none; null for none
/// @param browserTtl how long browsers may keep, without a question, a file about which the app
///   says nothing; null leaves it to what is known of the file
/// @param share who may get a stored response
/// @param userCookies with [Share#BY_USER]: the cookies that tell users apart; empty means all of
///   them
/// @param compress false leaves content as the origin sent it
/// @param rows with these a response lives as long as the rows it was made from stay as they are,
///   and `ttl` only bounds that; null to go by time
/// @param pages how lists leave in pages; null leaves answers whole
public record RouteRule(
    String match,
    boolean cache,
    @Nullable Duration ttl,
    @Nullable Duration staleWhileRevalidate,
    @Nullable Duration staleIfError,
    @Nullable Duration browserTtl,
    Share share,
    List<String> userCookies,
    boolean compress,
    @Nullable Rows rows,
    @Nullable Pagination pages) {

  /// How it is known what a response was made from.
  ///
  /// @param depends the tables, named by the operator; empty to learn it from the statements seen
  /// @param unshown columns, as `products.stock`, that the app reads and a response never shows
  /// @param unshownBeside the same, but for the row whose key stands in the path where the pattern
  ///   has its only star: of that one the response shows them
  public record Rows(List<String> depends, List<String> unshown, List<String> unshownBeside) {
    public Rows {
      depends = List.copyOf(depends);
      unshown = List.copyOf(unshown);
      unshownBeside = List.copyOf(unshownBeside);
    }

    public Rows(List<String> depends) {
      this(depends, List.of(), List.of());
    }
  }

  /// Who may get a stored response.
  public enum Share {
    /// Whoever the response's own fields allow (RFC 9111, section 3).
    BY_RESPONSE,
    /// Everybody: cookies are removed from requests and responses, so that nothing personal can be
    /// in them.
    PUBLIC,
    /// Only the user it was made for: the credentials are part of the key.
    BY_USER
  }

  public RouteRule {
    userCookies = List.copyOf(userCookies);
    if (!match.startsWith("/")) {
      throw new IllegalArgumentException("match must begin with '/': " + match);
    }
  }

  /// Whether one segment of the path, and nothing else of it, is any: what may name a row.
  public static boolean hasOneStar(String match) {
    List<String> segments = List.of(match.split("/", -1));
    return match.indexOf('*') == match.lastIndexOf('*') && segments.contains("*");
  }

  /// What the path has where the pattern has its only star.
  static String atStar(String match, String path) {
    int at = List.of(match.split("/", -1)).indexOf("*");
    String[] segments = path.split("/", -1);
    return at < 0 || at >= segments.length ? "" : segments[at];
  }

  /// The same for a response of which it is not known what it was made from: what it says itself
  /// counts.
  RouteRule byTime() {
    return rows == null
        ? this
        : new RouteRule(
            match, cache, null, null, null, null, share, userCookies, compress, null, pages);
  }

  /// The same with another lifetime.
  public RouteRule withTtl(@Nullable Duration lifetime) {
    return new RouteRule(
        match,
        cache,
        lifetime,
        staleWhileRevalidate,
        staleIfError,
        browserTtl,
        share,
        userCookies,
        compress,
        rows,
        pages);
  }

  /// The same with browsers told another time.
  public RouteRule withBrowserTtl(@Nullable Duration lifetime) {
    return new RouteRule(
        match,
        cache,
        ttl,
        staleWhileRevalidate,
        staleIfError,
        lifetime,
        share,
        userCookies,
        compress,
        rows,
        pages);
  }

  /// The same for others.
  public RouteRule withShare(Share who) {
    return new RouteRule(
        match,
        cache,
        ttl,
        staleWhileRevalidate,
        staleIfError,
        browserTtl,
        who,
        userCookies,
        compress,
        rows,
        pages);
  }

  /// The same with what a response was made from known that way.
  public RouteRule withRows(@Nullable Rows known) {
    return new RouteRule(
        match,
        cache,
        ttl,
        staleWhileRevalidate,
        staleIfError,
        browserTtl,
        share,
        userCookies,
        compress,
        known,
        pages);
  }

  /// The same with lists in pages.
  public RouteRule withPages(@Nullable Pagination how) {
    return new RouteRule(
        match,
        cache,
        ttl,
        staleWhileRevalidate,
        staleIfError,
        browserTtl,
        share,
        userCookies,
        compress,
        rows,
        how);
  }

  /// A rule that changes nothing: plain HTTP caching.
  public static RouteRule plain(String match) {
    return new RouteRule(
        match, true, null, null, null, null, Share.BY_RESPONSE, List.of(), true, null, null);
  }
}
