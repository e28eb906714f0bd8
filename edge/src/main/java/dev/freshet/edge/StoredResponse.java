package dev.freshet.edge;

import dev.freshet.cache.Cache;
import dev.freshet.http.FieldName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What the edge knows about one stored response beside its content: the `M` of `cache`'s entries.
/// Immutable.
///
/// @param head the fields to send, ready encoded
/// @param selecting what the request had in the fields that `Vary` names
/// @param times when it was made and how long it may live
/// @param rules what the origin allows
/// @param validators what it can be validated with
/// @param parts which octets the content is, or null when it is the whole
/// @param contentLength length of the whole content, -1 when not known (only for parts)
/// @param codable whether it may be sent in a coding made here
/// @param coded the same content in other codings, made here
/// @param refined better contents, made here; null while nobody was asked for any
record StoredResponse(
    Stored head,
    Selecting selecting,
    Times times,
    Rules rules,
    Validators validators,
    @Nullable Parts parts,
    long contentLength,
    boolean codable,
    Map<Coding, Coded> coded,
    @Nullable RefinedForms refined) {
  /// What may be chosen by without telling one visitor from another.
  private static final Set<FieldName> IMPERSONAL =
      Set.of(FieldName.ACCEPT_ENCODING, FieldName.ACCEPT_LANGUAGE);

  /// The request's side of `Vary` (RFC 9111, section 4.1).
  ///
  /// @param names what Vary named
  /// @param values the request's normalised value for each, empty when it had none
  record Selecting(List<FieldName> names, List<String> values) {
    static final Selecting NOTHING = new Selecting(List.of(), List.of());
  }

  /// Freshness arithmetic's inputs (RFC 9111, section 4.2).
  ///
  /// @param bornMillis wall clock at which its age was zero: response time minus corrected initial
  ///   age
  /// @param lifetimeMillis freshness lifetime, 0 when it must be validated before each use
  /// @param whileRevalidateMillis how long after it may be served while a newer one is fetched (RFC
  ///   5861, section 3)
  /// @param ifErrorMillis how long after it may be served when the origin fails (RFC 5861, section
  ///   4)
  record Times(
      long bornMillis, long lifetimeMillis, long whileRevalidateMillis, long ifErrorMillis) {

    /// A lifetime that nobody bounds by time.
    static final long UNBOUNDED = TimeUnit.DAYS.toMillis(365);

    boolean isBounded() {
      return lifetimeMillis < UNBOUNDED;
    }

    long ageMillis(long now) {
      return Math.max(0, now - bornMillis);
    }

    /// Milliseconds of freshness left; zero or negative when stale.
    long leftMillis(long now) {
      return lifetimeMillis - ageMillis(now);
    }
  }

  /// What the origin (or a route) said about reuse.
  ///
  /// @param mustRevalidate never served stale (must-revalidate, proxy-revalidate, s-maxage,
  ///   no-cache)
  /// @param shared said in so many words to be for everybody, also for requests with credentials
  /// @param byRows lives as long as the rows it was made from stay as they are
  /// @param anonymous made for a request without credentials
  record Rules(boolean mustRevalidate, boolean shared, boolean byRows, boolean anonymous) {}

  /// @param etag as the origin sent it, or null
  /// @param lastModified as the origin sent it, or null
  record Validators(@Nullable String etag, @Nullable String lastModified) {
    boolean isEmpty() {
      return etag == null && lastModified == null;
    }
  }

  /// The content in a coding made here.
  ///
  /// @param best false when made quickly, to be replaced when there is time
  /// @param finish how a page was made better before; null for what is no page
  record Coded(Form form, boolean best, @Nullable Finish finish) {}

  boolean isWhole() {
    return parts == null;
  }

  /// Whether it was chosen by nothing that tells one visitor from another.
  boolean isChosenImpersonally() {
    return IMPERSONAL.containsAll(selecting.names());
  }

  /// Whether anybody who asks for that key may have it, whoever it was made for: it may become part
  /// of what others are told.
  boolean isForEverybody(String key) {
    return key.indexOf(Cache.SEPARATOR) < 0
        && head.status() == 200
        && isWhole()
        && rules.anonymous()
        && isChosenImpersonally()
        && !head.fields().has(FieldName.SET_COOKIE);
  }

  /// Whether it takes the place of another, once it is stored: a whole does what its parts do.
  boolean replaces(StoredResponse other) {
    return other.selecting.equals(selecting) && (isWhole() || !other.isWhole());
  }

  StoredResponse with(Stored newHead, Times newTimes, Rules newRules, Validators newValidators) {
    return new StoredResponse(
        newHead,
        selecting,
        newTimes,
        newRules,
        newValidators,
        parts,
        contentLength,
        codable,
        coded,
        refined);
  }

  StoredResponse withSelecting(Selecting newSelecting) {
    return newSelecting.equals(selecting)
        ? this
        : new StoredResponse(
            head,
            newSelecting,
            times,
            rules,
            validators,
            parts,
            contentLength,
            codable,
            coded,
            refined);
  }

  /// The same with nothing made of it, now or later.
  StoredResponse untouched() {
    return with(false, Map.of(), RefinedForms.EMPTY);
  }

  StoredResponse withCoded(Map<Coding, Coded> newCoded) {
    return with(codable, newCoded, refined);
  }

  StoredResponse withRefined(RefinedForms newRefined) {
    return with(codable, coded, newRefined);
  }

  private StoredResponse with(
      boolean isCodable, Map<Coding, Coded> newCoded, @Nullable RefinedForms newRefined) {
    return new StoredResponse(
        head,
        selecting,
        times,
        rules,
        validators,
        parts,
        contentLength,
        isCodable,
        newCoded,
        newRefined);
  }

  /// Estimated octets of heap that this takes beside the content.
  long weight() {
    long weight = 600 + 3L * head.lines().length + (refined == null ? 0 : refined.weight());
    weight += parts == null ? 0 : parts.weight();
    for (Coded c : coded.values()) {
      weight += 300 + 3L * c.form().head().lines().length + c.form().length();
    }
    return weight;
  }
}
