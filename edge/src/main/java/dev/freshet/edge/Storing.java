package dev.freshet.edge;

import dev.freshet.edge.RouteRule.Share;
import dev.freshet.edge.StoredResponse.Rules;
import dev.freshet.edge.StoredResponse.Selecting;
import dev.freshet.edge.StoredResponse.Times;
import dev.freshet.edge.StoredResponse.Validators;
import dev.freshet.http.AgeField;
import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.HttpDate;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.VaryKey;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Decides whether a response may be stored and on what terms (RFC 9111, sections 3 and 4.2; RFC
/// 9213).
final class Storing {
  /// Statuses whose caching semantics are understood here (RFC 9111, section 5.2.2.3), for
  /// must-understand.
  private static final Set<Integer> UNDERSTOOD =
      Set.of(
          200, 203, 204, 206, 300, 301, 302, 303, 307, 308, 400, 403, 404, 405, 410, 414, 451, 500,
          501, 502, 503, 504);

  /// Statuses that may be given a lifetime nobody stated (RFC 9110, section 15.1).
  private static final Set<Integer> HEURISTIC =
      Set.of(200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501);

  /// Statuses that say what is in the database, or that something is not.
  private static final Set<Integer> BY_ROWS =
      Set.of(200, 203, 204, 206, 301, 302, 303, 307, 308, 404, 410);

  private static final Set<String> STATIC_SUFFIXES =
      Set.of(
          "css", "js", "mjs", "map", "json", "png", "jpg", "jpeg", "gif", "webp", "avif", "svg",
          "ico", "woff", "woff2", "ttf", "otf", "eot", "mp4", "webm", "mp3", "pdf", "zip", "txt");

  private static final long HEURISTIC_MAX_MILLIS = TimeUnit.DAYS.toMillis(1);

  private Storing() {}

  /// The decision.
  sealed interface Verdict {
    /// @param unstored fields that must not be kept (RFC 9111, sections 5.2.2.4 and 5.2.2.7)
    record Store(Times times, Rules rules, Selecting selecting, Set<FieldName> unstored)
        implements Verdict {}

    record Refuse(Reason reason) implements Verdict {}
  }

  /// One exchange with the origin, as far as storing cares.
  ///
  /// @param hasSession the request carried a session cookie, and no rule took it away
  /// @param requestMillis wall clock when the request was sent
  /// @param responseMillis wall clock when the response head was complete
  record Trip(
      RequestHead request,
      RouteRule rule,
      boolean hasSession,
      ResponseHead response,
      long requestMillis,
      long responseMillis) {}

  static Verdict judge(Trip trip) {
    boolean byRows = trip.rule().rows() != null;
    Fields fields = trip.response().fields();
    CacheDirectives targeted = CacheDirectives.targeted(fields, FieldName.CDN_CACHE_CONTROL);
    CacheDirectives cc = targeted != null ? targeted : CacheDirectives.parse(fields);
    Set<FieldName> unstored = unstored(cc);
    Reason no = refusal(trip, cc, targeted != null, unstored);
    if (no != null) {
      return new Verdict.Refuse(no);
    }
    VaryKey vary = VaryKey.parse(fields);
    if (Varying.isBlind(vary)) {
      return new Verdict.Refuse(Reason.VARY_STAR);
    }
    boolean wasRuled = trip.rule().share() == Share.PUBLIC;
    Times times = byRows ? byRows(trip) : times(trip, cc, targeted != null);
    boolean hasValidator = fields.has(FieldName.ETAG) || fields.has(FieldName.LAST_MODIFIED);
    if (times == null) {
      if (!hasValidator || trip.response().status() != 200) {
        return new Verdict.Refuse(Reason.NO_FRESHNESS);
      }
      times = new Times(born(trip), 0, 0, 0);
    } else if (times.leftMillis(trip.responseMillis()) <= 0
        && !hasValidator
        && times.whileRevalidateMillis() + times.ifErrorMillis() == 0) {
      return new Verdict.Refuse(Reason.NO_FRESHNESS);
    }
    if (isTypeMismatch(trip)) {
      return new Verdict.Refuse(Reason.TYPE_MISMATCH);
    }
    boolean shared =
        wasRuled
            || trip.rule().share() == Share.BY_USER
            || targeted != null
            || cc.isPublic()
            || cc.sMaxage() >= 0;
    boolean strict = byRows || mustRevalidate(cc);
    boolean anonymous = !trip.hasSession() && !trip.request().fields().has(FieldName.AUTHORIZATION);
    return new Verdict.Store(
        times,
        new Rules(strict, shared, byRows, anonymous),
        Varying.of(vary, trip.rule(), trip.request()),
        unstored);
  }

  private static boolean mustRevalidate(CacheDirectives cc) {
    return cc.mustRevalidate()
        || cc.proxyRevalidate()
        || cc.sMaxage() >= 0
        || (cc.noCache() && cc.noCacheFields().isEmpty());
  }

  private static @Nullable Reason refusal(
      Trip trip, CacheDirectives cc, boolean isTargeted, Set<FieldName> unstored) {
    RouteRule rule = trip.rule();
    Fields request = trip.request().fields();
    int status = trip.response().status();
    if (!rule.cache()) {
      return Reason.ROUTE_OFF;
    }
    if (CacheDirectives.parse(request).noStore()) {
      return Reason.REQUEST_NO_STORE;
    }
    if (status < 200 || status == 304 || status == 416) {
      return Reason.STATUS;
    }
    if (cc.mustUnderstand() && !UNDERSTOOD.contains(status)) {
      return Reason.NOT_UNDERSTOOD;
    }
    if (cc.noStore() && !cc.mustUnderstand()) {
      return Reason.NO_STORE;
    }
    if (Groups.areTooMany(trip.request().authority(), trip.response().fields())) {
      return Reason.TOO_LARGE;
    }
    if (rule.rows() != null && refusesByRows(trip)) {
      return isPlain(status) ? Reason.SET_COOKIE : Reason.STATUS;
    }
    boolean isByResponse = rule.share() == Share.BY_RESPONSE;
    if (isByResponse && cc.isPrivate() && cc.privateFields().isEmpty()) {
      return Reason.PRIVATE;
    }
    // Who has no cookie yet shares with all others that have none: also where users are kept apart.
    if (rule.share() != Share.PUBLIC
        && trip.response().fields().has(FieldName.SET_COOKIE)
        && !unstored.contains(FieldName.SET_COOKIE)) {
      return Reason.SET_COOKIE;
    }
    boolean says = cc.isPublic() || cc.sMaxage() >= 0 || isTargeted;
    return rule.share() == Share.BY_USER || says ? null : personal(trip, cc);
  }

  /// What a request had by which its answer may be one user's, where the answer doesn't say that
  /// everybody may have it. A public rule takes cookies out of requests; `Authorization` stays, as
  /// some apps answer nobody without it.
  private static @Nullable Reason personal(Trip trip, CacheDirectives cc) {
    boolean isByResponse = trip.rule().share() == Share.BY_RESPONSE;
    boolean isAllowed = isByResponse && cc.mustRevalidate();
    if (trip.request().fields().has(FieldName.AUTHORIZATION) && !isAllowed) {
      return Reason.AUTHORIZATION;
    }
    return isByResponse && trip.hasSession() ? Reason.SESSION_COOKIE : null;
  }

  /// An error is not made from rows, nor is a stream that has no end; a cookie is for one answer
  /// only.
  private static boolean refusesByRows(Trip trip) {
    Fields response = trip.response().fields();
    int status = trip.response().status();
    return !BY_ROWS.contains(status)
        || isEventStream(response)
        || (trip.rule().share() != Share.PUBLIC && response.has(FieldName.SET_COOKIE));
  }

  /// As long as its rows stay as they are, or as the rule says at most.
  private static Times byRows(Trip trip) {
    Duration most = trip.rule().ttl();
    return new Times(born(trip), most == null ? Times.UNBOUNDED : most.toMillis(), 0, 0);
  }

  private static Set<FieldName> unstored(CacheDirectives cc) {
    if (cc.noCacheFields().isEmpty() && cc.privateFields().isEmpty()) {
      return Set.of();
    }
    Set<FieldName> out = new HashSet<>(cc.noCacheFields());
    out.addAll(cc.privateFields());
    return out;
  }

  /// Null when nothing gives a lifetime.
  private static @Nullable Times times(Trip trip, CacheDirectives cc, boolean isTargeted) {
    long lifetime = explicitLifetime(trip, cc, isTargeted);
    RouteRule rule = trip.rule();
    boolean mayRule = isPlain(trip.response().status()) && !isEventStream(trip.response().fields());
    if (lifetime < 0 && rule.ttl() != null && mayRule) {
      lifetime = rule.ttl().toMillis();
    }
    if (lifetime < 0) {
      lifetime = heuristicLifetime(trip, cc);
    }
    if (lifetime < 0) {
      return null;
    }
    boolean strict = mustRevalidate(cc);
    if (cc.noCache() && cc.noCacheFields().isEmpty()) {
      lifetime = 0;
    }
    return new Times(
        born(trip),
        lifetime,
        strict ? 0 : window(cc.staleWhileRevalidate(), rule.staleWhileRevalidate()),
        strict ? 0 : window(cc.staleIfError(), rule.staleIfError()));
  }

  /// Milliseconds, or -1 when the response states none (RFC 9111, section 4.2.1).
  private static long explicitLifetime(Trip trip, CacheDirectives cc, boolean isTargeted) {
    if (cc.sMaxage() >= 0) {
      return TimeUnit.SECONDS.toMillis(cc.sMaxage());
    }
    if (cc.maxAge() >= 0) {
      return TimeUnit.SECONDS.toMillis(cc.maxAge());
    }
    Fields fields = trip.response().fields();
    if (cc.noCache() && cc.noCacheFields().isEmpty()) {
      return 0;
    }
    if (isTargeted || !fields.has(FieldName.EXPIRES)) {
      return -1;
    }
    List<String> expires = fields.all(FieldName.EXPIRES);
    long at = expires.size() == 1 ? HttpDate.parse(expires.getFirst()) : HttpDate.INVALID;
    return at == HttpDate.INVALID
        ? 0
        : Math.max(0, TimeUnit.SECONDS.toMillis(at) - dateMillis(trip));
  }

  /// A tenth of the time since the last change, at most a day; only with `Last-Modified` and
  /// without credentials (RFC 9111, section 4.2.2).
  private static long heuristicLifetime(Trip trip, CacheDirectives cc) {
    String modified = trip.response().fields().first(FieldName.LAST_MODIFIED);
    boolean mayGuess = HEURISTIC.contains(trip.response().status()) || cc.isPublic();
    if (modified == null || !mayGuess || trip.hasSession()) {
      return -1;
    }
    long at = HttpDate.parse(modified);
    if (at == HttpDate.INVALID) {
      return -1;
    }
    long since = dateMillis(trip) - TimeUnit.SECONDS.toMillis(at);
    return since <= 0 ? -1 : Math.min(since / 10, HEURISTIC_MAX_MILLIS);
  }

  private static long window(long seconds, @Nullable Duration ruled) {
    if (seconds >= 0) {
      return TimeUnit.SECONDS.toMillis(seconds);
    }
    return ruled == null ? 0 : ruled.toMillis();
  }

  private static boolean isPlain(int status) {
    return status == 200
        || status == 203
        || status == 301
        || status == 308
        || status == 404
        || status == 410;
  }

  /// What never ends can't be kept, and what it said before is nobody else's news: a rule's
  /// lifetime is not meant for it.
  private static boolean isEventStream(Fields response) {
    String type = response.first(FieldName.CONTENT_TYPE);
    return type != null && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
  }

  /// A page where a file was asked for: storing it under a rule's lifetime would make it public
  /// (web cache deception).
  private static boolean isTypeMismatch(Trip trip) {
    String type = trip.response().fields().first(FieldName.CONTENT_TYPE);
    boolean isRuled = trip.rule().ttl() != null || trip.rule().rows() != null;
    if (!isRuled || type == null || trip.response().status() != 200) {
      return false;
    }
    String path = trip.request().path();
    int dot = path.lastIndexOf('.');
    return dot > path.lastIndexOf('/')
        && STATIC_SUFFIXES.contains(path.substring(dot + 1).toLowerCase(Locale.ROOT))
        && type.toLowerCase(Locale.ROOT).startsWith("text/html");
  }

  /// When the response's age was zero (RFC 9111, section 4.2.3: corrected_initial_age before the
  /// response time).
  static long born(Trip trip) {
    long apparent = Math.max(0, trip.responseMillis() - dateMillis(trip));
    long stated = TimeUnit.SECONDS.toMillis(AgeField.parse(trip.response().fields()));
    long corrected = stated + (trip.responseMillis() - trip.requestMillis());
    return trip.responseMillis() - Math.max(apparent, corrected);
  }

  private static long dateMillis(Trip trip) {
    String date = trip.response().fields().first(FieldName.DATE);
    long at = date == null ? HttpDate.INVALID : HttpDate.parse(date);
    return at == HttpDate.INVALID ? trip.responseMillis() : TimeUnit.SECONDS.toMillis(at);
  }

  static Validators validators(Fields fields) {
    String etag = fields.first(FieldName.ETAG);
    return new Validators(OwnTag.is(etag) ? null : etag, fields.first(FieldName.LAST_MODIFIED));
  }
}
