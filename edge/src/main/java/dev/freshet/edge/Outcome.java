package dev.freshet.edge;

/// How an exchange was answered: metric label, column of `/routes`, and the words of `Cache-Status`
/// (RFC 9211, section 2.2).
enum Outcome {
  /// From the cache, fresh.
  HIT("hit"),
  /// From the cache, stale by permission.
  STALE("stale"),
  /// From the cache after the origin confirmed it.
  REVALIDATED("revalidated"),
  /// Shared the answer of another request's trip to the origin.
  COLLAPSED("collapsed"),
  /// From the origin: nothing stored under the key.
  MISS("uri-miss"),
  /// From the origin: stored, but for other values of the selecting fields.
  VARY_MISS("vary-miss"),
  /// From the origin: what is stored is no longer fresh.
  EXPIRED("stale"),
  /// From the origin: the request asked for it.
  REQUEST("request"),
  /// From the origin: the method is not one that is answered from a cache.
  METHOD("method"),
  /// From the origin: only a part is stored, and not the one asked for.
  PARTIAL("partial"),
  /// From the origin: a rule, or credentials, forbid an answer from the cache.
  BYPASS("bypass"),
  /// Made here: an error page or a refusal.
  ERROR("error");

  private final String word;

  Outcome(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }

  /// True when the origin was not needed for the content.
  boolean isServedFromCache() {
    return this == HIT || this == STALE || this == REVALIDATED || this == COLLAPSED;
  }
}
