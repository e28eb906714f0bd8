package dev.freshet.edge;

import org.jspecify.annotations.Nullable;

/// Writes `Cache-Status` (RFC 9211): a hit, or why the request went forward and what became of the
/// response.
final class CacheStatusLine {
  private CacheStatusLine() {}

  /// @param ttl seconds of freshness left; negative when stale
  static String ofStored(String cache, Outcome outcome, long ttl) {
    return switch (outcome) {
      case REVALIDATED -> cache + "; hit; fwd=stale; fwd-status=304; ttl=" + ttl;
      case COLLAPSED -> cache + "; hit; fwd=stale; fwd-status=304; collapsed; ttl=" + ttl;
      case STALE -> cache + "; hit; ttl=" + ttl + "; detail=stale";
      default -> cache + "; hit; ttl=" + ttl;
    };
  }

  static String of(
      String cache,
      Outcome outcome,
      int originStatus,
      boolean stored,
      boolean collapsed,
      @Nullable Reason notStored) {
    StringBuilder out = new StringBuilder(64).append(cache);
    if (outcome == Outcome.ERROR) {
      return out.append("; detail=error").toString();
    }
    out.append("; fwd=").append(outcome.word());
    if (originStatus > 0) {
      out.append("; fwd-status=").append(originStatus);
    }
    if (stored) {
      out.append("; stored");
    }
    if (collapsed) {
      out.append("; collapsed");
    }
    if (notStored != null) {
      out.append("; detail=").append(notStored.word());
    }
    return out.toString();
  }
}
