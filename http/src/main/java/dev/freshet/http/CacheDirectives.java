package dev.freshet.http;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The directives of `Cache-Control` (RFC 9111, section 5.2), or of a targeted field (RFC 9213);
/// immutable once parsed.
///
/// Reading is lenient, as the RFC wants: names without case, arguments as token or quoted string,
/// unknown directives ignored. Of conflicting or repeated lifetimes the shortest counts, and one
/// that can't be read counts as zero: the safe side.
public final class CacheDirectives {
  private static final long MAX_DELTA = 1L << 31;
  private static final CacheDirectives NONE = new CacheDirectives();

  private boolean noStore;
  private boolean noCache;
  private boolean isPrivate;
  private boolean isPublic;
  private boolean mustRevalidate;
  private boolean proxyRevalidate;
  private boolean mustUnderstand;
  private boolean noTransform;
  private boolean onlyIfCached;
  private boolean isImmutable;
  private long maxAge = -1;
  private long sMaxage = -1;
  private long minFresh = -1;
  private long staleWhileRevalidate = -1;
  private long staleIfError = -1;
  private Set<FieldName> noCacheFields = Set.of();
  private Set<FieldName> privateFields = Set.of();
  private boolean noCacheAll;
  private boolean privateAll;

  private CacheDirectives() {}

  /// From all `Cache-Control` lines of a message.
  public static CacheDirectives parse(Fields fields) {
    return of(fields.combined(FieldName.CACHE_CONTROL));
  }

  /// As [#parse], but `Pragma: no-cache` counts where there is no `Cache-Control` (RFC 9111,
  /// section 5.4).
  public static CacheDirectives ofRequest(Fields fields) {
    String value = fields.combined(FieldName.CACHE_CONTROL);
    if (value == null) {
      String pragma = fields.combined(FieldName.PRAGMA);
      if (pragma != null && pragma.toLowerCase(Locale.ROOT).contains("no-cache")) {
        return of("no-cache");
      }
    }
    return of(value);
  }

  private static CacheDirectives of(@Nullable String value) {
    if (value == null) {
      return NONE;
    }
    CacheDirectives out = new CacheDirectives();
    for (String element : FieldLists.split(value)) {
      int equals = element.indexOf('=');
      String name = equals < 0 ? element : FieldLists.trim(element, 0, equals);
      String argument = equals < 0 ? null : element.substring(equals + 1);
      out.take(name.toLowerCase(Locale.ROOT), argument);
    }
    return out;
  }

  /// From a targeted field (RFC 9213, section 2.1), a Structured Fields dictionary: null when it is
  /// absent, empty or invalid, or nothing in it has the type it should, so that the next field in
  /// the list counts.
  ///
  /// One directive of the wrong type spoils no other: where it would permit something it is
  /// ignored, where it would forbid something it forbids all it can, the safe side.
  public static @Nullable CacheDirectives targeted(Fields fields, FieldName field) {
    String value = fields.combined(field);
    if (value == null) {
      return null;
    }
    List<StructuredFields.Member> members = StructuredFields.dictionary(value);
    if (members == null) {
      return null;
    }
    CacheDirectives out = new CacheDirectives();
    boolean isEmpty = true;
    for (StructuredFields.Member member : members) {
      isEmpty &= !out.takeTyped(member.key(), member.value());
    }
    return isEmpty ? null : out;
  }

  /// False when it is a known directive with a value of the wrong type.
  private boolean takeTyped(String key, StructuredFields.Value value) {
    return switch (key) {
      case "max-age", "s-maxage", "stale-while-revalidate", "stale-if-error", "min-fresh" -> {
        if (value instanceof StructuredFields.Value.Whole(long number)) {
          take(key, Long.toString(Math.max(0, number)));
          yield true;
        }
        yield false;
      }
      case "public", "must-understand", "immutable" -> {
        if (value instanceof StructuredFields.Value.Truth(boolean on)) {
          takeIf(on, key);
          yield true;
        }
        yield false;
      }
      case "no-store", "must-revalidate", "proxy-revalidate" -> {
        boolean isTruth = value instanceof StructuredFields.Value.Truth;
        takeIf(!(value instanceof StructuredFields.Value.Truth(boolean on)) || on, key);
        yield isTruth;
      }
      case "no-cache", "private" -> {
        if (value instanceof StructuredFields.Value.Text(String text)) {
          take(key, '"' + text + '"');
          yield true;
        }
        boolean isTruth = value instanceof StructuredFields.Value.Truth;
        takeIf(!(value instanceof StructuredFields.Value.Truth(boolean on)) || on, key);
        yield isTruth;
      }
      default -> true;
    };
  }

  private void takeIf(boolean on, String key) {
    if (on) {
      take(key, null);
    }
  }

  private void take(String name, @Nullable String argument) {
    switch (name) {
      case "no-store" -> noStore = true;
      case "no-cache" -> {
        noCache = true;
        Set<FieldName> named = names(argument);
        noCacheAll |= named.isEmpty();
        noCacheFields = noCacheAll ? Set.of() : union(noCacheFields, named);
      }
      case "private" -> {
        isPrivate = true;
        Set<FieldName> named = names(argument);
        privateAll |= named.isEmpty();
        privateFields = privateAll ? Set.of() : union(privateFields, named);
      }
      case "public" -> isPublic = true;
      case "must-revalidate" -> mustRevalidate = true;
      case "proxy-revalidate" -> proxyRevalidate = true;
      case "must-understand" -> mustUnderstand = true;
      case "no-transform" -> noTransform = true;
      case "only-if-cached" -> onlyIfCached = true;
      case "immutable" -> isImmutable = true;
      case "max-age" -> maxAge = shorter(maxAge, argument);
      case "s-maxage" -> sMaxage = shorter(sMaxage, argument);
      case "min-fresh" -> minFresh = shorter(minFresh, argument);
      case "stale-while-revalidate" ->
          staleWhileRevalidate = shorter(staleWhileRevalidate, argument);
      case "stale-if-error" -> staleIfError = shorter(staleIfError, argument);
      default -> {}
    }
  }

  private static long shorter(long known, @Nullable String argument) {
    long given = argument == null ? 0 : deltaSeconds(unquote(argument));
    return known < 0 ? given : Math.min(known, given);
  }

  /// Delta-seconds (RFC 9111, section 1.2.2): beyond 2^31 counts as 2^31, anything unreadable as
  /// zero.
  static long deltaSeconds(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    long out = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return 0;
      }
      out = Math.min(MAX_DELTA, out * 10 + c - '0');
    }
    return out;
  }

  private static String unquote(String text) {
    boolean isQuoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
    return isQuoted ? text.substring(1, text.length() - 1) : text;
  }

  private static Set<FieldName> names(@Nullable String argument) {
    if (argument == null) {
      return Set.of();
    }
    Set<FieldName> out = new HashSet<>();
    for (String name : FieldLists.split(unquote(argument))) {
      if (FieldLists.isToken(name)) {
        out.add(FieldName.of(name));
      }
    }
    return out;
  }

  private static Set<FieldName> union(Set<FieldName> a, Set<FieldName> b) {
    Set<FieldName> out = new HashSet<>(a);
    out.addAll(b);
    return Set.copyOf(out);
  }

  /// True when a request's directives ask for something fresher than what is fresh by itself.
  public boolean narrows() {
    return noCache || maxAge >= 0 || minFresh >= 0;
  }

  public boolean noStore() {
    return noStore;
  }

  /// True with or without field names; see [#noCacheFields].
  public boolean noCache() {
    return noCache;
  }

  /// The fields that `no-cache` is limited to; empty when it covers the whole response.
  public Set<FieldName> noCacheFields() {
    return noCacheFields;
  }

  public boolean isPrivate() {
    return isPrivate;
  }

  /// The fields that `private` is limited to; empty when it covers the whole response.
  public Set<FieldName> privateFields() {
    return privateFields;
  }

  public boolean isPublic() {
    return isPublic;
  }

  public boolean mustRevalidate() {
    return mustRevalidate;
  }

  public boolean proxyRevalidate() {
    return proxyRevalidate;
  }

  public boolean mustUnderstand() {
    return mustUnderstand;
  }

  public boolean noTransform() {
    return noTransform;
  }

  public boolean onlyIfCached() {
    return onlyIfCached;
  }

  /// Said never to change while it is fresh (RFC 8246).
  public boolean isImmutable() {
    return isImmutable;
  }

  /// Seconds, or -1 when absent.
  public long maxAge() {
    return maxAge;
  }

  /// Seconds, or -1 when absent.
  public long sMaxage() {
    return sMaxage;
  }

  /// Seconds, or -1 when absent.
  public long minFresh() {
    return minFresh;
  }

  /// Seconds (RFC 5861, section 3), or -1 when absent.
  public long staleWhileRevalidate() {
    return staleWhileRevalidate;
  }

  /// Seconds (RFC 5861, section 4), or -1 when absent.
  public long staleIfError() {
    return staleIfError;
  }
}
