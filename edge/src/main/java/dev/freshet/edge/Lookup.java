package dev.freshet.edge;

import dev.freshet.cache.Cache;
import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.cache.Standing;
import dev.freshet.edge.StoredResponse.Selecting;
import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.VaryKey;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Finds what is stored for a request and says what may be done with it (RFC 9111, section 4).
///
/// Request directives only ever narrow reuse: `max-stale` is not honoured, since a shared cache
/// serves many who did not ask for old answers.
final class Lookup {
  private final Cache<StoredResponse> cache;

  Lookup(Cache<StoredResponse> cache) {
    this.cache = cache;
  }

  /// What was found.
  sealed interface Found {
    /// May be used as it is.
    record Fresh(Entry<StoredResponse> entry) implements Found {}

    /// May be used while a newer one is fetched (RFC 5861, section 3).
    record Usable(Entry<StoredResponse> entry) implements Found {}

    /// Must be confirmed by the origin first.
    ///
    /// @param asked true when only the request's own directives demand it
    record Validate(Entry<StoredResponse> entry, boolean asked) implements Found {}

    /// Nothing that fits.
    ///
    /// @param why [Outcome#MISS], [Outcome#VARY_MISS] or [Outcome#PARTIAL]
    record Nothing(Outcome why) implements Found {}
  }

  private static final Found MISS = new Found.Nothing(Outcome.MISS);
  private static final Found VARY_MISS = new Found.Nothing(Outcome.VARY_MISS);

  Found find(@Nullable Resource<StoredResponse> resource, Wish wish, long now) {
    if (resource == null) {
      return MISS;
    }
    Found nothing = MISS;
    for (int i = 0; i < resource.size(); i++) {
      Entry<StoredResponse> entry = resource.get(i);
      Standing standing = cache.standing(entry);
      if (standing == Standing.GONE) {
        continue;
      }
      if (!selects(entry.meta(), wish.head().fields())) {
        nothing = VARY_MISS;
        continue;
      }
      if (wish.hasCredentials() && !entry.meta().rules().shared()) {
        continue;
      }
      if (!entry.meta().isWhole() && !wish.fits(entry.meta())) {
        nothing = new Found.Nothing(Outcome.PARTIAL);
        continue;
      }
      return judge(entry, standing, wish, now);
    }
    return nothing;
  }

  private static Found judge(Entry<StoredResponse> entry, Standing standing, Wish wish, long now) {
    StoredResponse.Times times = entry.meta().times();
    long left = times.leftMillis(now);
    boolean isFresh = left > 0 && standing == Standing.LIVE;
    CacheDirectives asked = wish.directives();
    if (isFresh) {
      return !asked.narrows() || wish.accepts(times, left, now)
          ? new Found.Fresh(entry)
          : new Found.Validate(entry, true);
    }
    boolean isInWindow = left > -times.whileRevalidateMillis();
    if (isInWindow && times.whileRevalidateMillis() > 0 && !asked.narrows()) {
      return new Found.Usable(entry);
    }
    return new Found.Validate(entry, false);
  }

  /// True when a stored response was selected by the same values that this request has (RFC 9111,
  /// section 4.1).
  static boolean selects(StoredResponse stored, Fields request) {
    Selecting selecting = stored.selecting();
    List<FieldName> names = selecting.names();
    for (int i = 0; i < names.size(); i++) {
      FieldName name = names.get(i);
      boolean isSame = VaryKey.normalised(name, request).equals(selecting.values().get(i));
      if (!isSame && !isInPreferredLanguage(name, stored, request)) {
        return false;
      }
    }
    return true;
  }

  /// A response in the very language that the request wants most fits, whatever else was accepted
  /// when it was made.
  private static boolean isInPreferredLanguage(
      FieldName name, StoredResponse stored, Fields request) {
    if (!name.equals(FieldName.ACCEPT_LANGUAGE)) {
      return false;
    }
    String language = stored.head().fields().first(FieldName.CONTENT_LANGUAGE);
    return language != null && language.equalsIgnoreCase(VaryKey.preferredLanguage(request));
  }

  /// Whether a stale response may stand in for an error (RFC 5861, section 4).
  static boolean mayReplaceError(StoredResponse stored, long now) {
    StoredResponse.Times times = stored.times();
    return !stored.rules().mustRevalidate()
        && times.ifErrorMillis() > 0
        && times.leftMillis(now) > -times.ifErrorMillis();
  }

  /// Either of them, now.
  static boolean mayStandIn(StoredResponse stored, Site site) {
    long now = site.time().millis();
    return mayReplaceError(stored, now)
        || mayBridge(stored, now, site.limits().bridge().toMillis());
  }

  /// Whether a stale response may be served because its origin can't be reached (RFC 9111, section
  /// 4.2.4: "disconnected").
  ///
  /// @param limitMillis how long after its freshness the operator still wants it
  static boolean mayBridge(StoredResponse stored, long now, long limitMillis) {
    return !stored.rules().mustRevalidate() && stored.times().leftMillis(now) > -limitMillis;
  }

  /// A request, as far as reuse cares.
  ///
  /// @param hasCredentials Authorization or a session cookie, where no rule took them out of play
  record Wish(RequestHead head, CacheDirectives directives, boolean hasCredentials) {

    boolean accepts(StoredResponse.Times times, long leftMillis, long now) {
      if (directives.noCache()) {
        return false;
      }
      long maxAge = directives.maxAge();
      if (maxAge >= 0 && times.ageMillis(now) > TimeUnit.SECONDS.toMillis(maxAge)) {
        return false;
      }
      long minFresh = directives.minFresh();
      return minFresh < 0 || leftMillis >= TimeUnit.SECONDS.toMillis(minFresh);
    }

    /// True when a stored part holds every octet asked for.
    boolean fits(StoredResponse stored) {
      return Ranges.coveredBy(head, stored);
    }
  }
}
