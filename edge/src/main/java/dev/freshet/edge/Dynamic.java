package dev.freshet.edge;

/// The fields of a stored response that differ each time it is sent.
///
/// @param ageSeconds value of `Age`, or -1 to leave it out
/// @param cacheStatus value of `Cache-Status` (RFC 9211), all but a `ttl`
/// @param ttl seconds of freshness left, negative when stale, or [#NO_TTL]
record Dynamic(long ageSeconds, String cacheStatus, long ttl) {
  static final long NO_TTL = Long.MIN_VALUE;

  /// The whole value of `Cache-Status`.
  String status() {
    return ttl == NO_TTL ? cacheStatus : cacheStatus + TTL + ttl;
  }

  /// What stands before the number.
  static final String TTL = "; ttl=";
}
