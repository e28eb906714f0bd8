package dev.freshet.edge;

import dev.freshet.base.ByteSize;
import dev.freshet.cache.CacheConfig;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// Everything the edge is told.
///
/// @param fronts addresses to listen on, at least one
/// @param cache both tiers
/// @param routes first match wins
/// @param ignoredParameters query parameters that don't change a response, exact or as prefix
///   `utm_*`
/// @param sessionCookies names of session cookies beyond the well-known ones
/// @param trustForwarded whether what is in front may say where requests come from
/// @param loops event loops; 0 for one a core
public record EdgeConfig(
    List<FrontConfig> fronts,
    OriginConfig origin,
    CacheConfig cache,
    CompressionConfig compression,
    List<RouteRule> routes,
    List<String> ignoredParameters,
    Set<String> sessionCookies,
    boolean trustForwarded,
    Limits limits,
    int loops) {

  /// Parameters that advertisers and mailers add to links; no app reads them on the server.
  public static final List<String> TRACKING =
      List.of(
          "utm_*",
          "gclid",
          "gclsrc",
          "dclid",
          "gbraid",
          "wbraid",
          "fbclid",
          "msclkid",
          "yclid",
          "twclid",
          "ttclid",
          "igshid",
          "mc_cid",
          "mc_eid",
          "_ga",
          "_gl",
          "_hsenc",
          "_hsmi",
          "mkt_tok",
          "srsltid",
          "li_fat_id",
          "epik",
          "ref_src",
          "_openstat");

  /// @param maxEntry largest content that is stored
  /// @param maxFills octets that fills under way may hold together
  /// @param coalesce whether requests for the same key wait for one trip
  /// @param coalesceWait how long one waits before a new trip is begun, for all who have waited as
  ///   long; who has done so three times goes by himself
  /// @param bridge how long after its freshness a response may be served while its origin can't be
  ///   reached
  /// @param hitForMiss how long a key that turned out not shareable is not waited for
  /// @param renewals popular answers that are made again at a time before anybody asks, when rows
  ///   have changed; 0 for none
  public record Limits(
      ByteSize maxEntry,
      ByteSize maxFills,
      boolean coalesce,
      Duration coalesceWait,
      Duration bridge,
      Duration hitForMiss,
      int renewals) {

    /// A tenth of a default cache for one entry, a quarter for fills under way.
    public static Limits defaults() {
      return new Limits(
          new ByteSize(25L << 20),
          new ByteSize(64L << 20),
          true,
          // Longer than nearly every page takes, shorter than people wait.
          Duration.ofSeconds(5),
          // An app restart; RFC 9111 allows it to a cache that is disconnected.
          Duration.ofMinutes(1),
          Duration.ofMinutes(2),
          2);
    }

    long maxEntryBytes() {
      return maxEntry.bytes();
    }

    long maxFillBytes() {
      return maxFills.bytes();
    }
  }

  public EdgeConfig {
    fronts = List.copyOf(fronts);
    routes = List.copyOf(routes);
    ignoredParameters = List.copyOf(ignoredParameters);
    sessionCookies = Set.copyOf(sessionCookies);
    if (fronts.isEmpty()) {
      throw new IllegalArgumentException("the edge needs an address to listen on");
    }
  }

  /// The same on other addresses.
  public EdgeConfig withFronts(List<FrontConfig> others) {
    return new EdgeConfig(
        others,
        origin,
        cache,
        compression,
        routes,
        ignoredParameters,
        sessionCookies,
        trustForwarded,
        limits,
        loops);
  }

  /// Plain HTTP caching between one address and one origin.
  public static EdgeConfig defaults(FrontConfig front, OriginConfig origin) {
    return new EdgeConfig(
        List.of(front),
        origin,
        CacheConfig.defaults(),
        CompressionConfig.defaults(),
        List.of(),
        TRACKING,
        Set.of(),
        false,
        Limits.defaults(),
        0);
  }
}
