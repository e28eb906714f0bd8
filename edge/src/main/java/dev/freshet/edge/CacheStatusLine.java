package dev.freshet.edge;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Writes `Cache-Status` (RFC 9211): a hit, or why the request went forward and what became of the
/// response.
final class CacheStatusLine {
  private final String cache;
  private final String hit;

  /// @param cache the name this cache goes by
  CacheStatusLine(String cache) {
    this.cache = cache;
    this.hit = cache + "; hit";
  }

  /// For a stored response; its `ttl` is added when it is sent.
  String ofStored(Outcome outcome) {
    return switch (outcome) {
      case REVALIDATED -> hit + "; fwd=stale; fwd-status=304";
      case COLLAPSED -> hit + "; fwd=stale; fwd-status=304; collapsed";
      case STALE -> hit + "; detail=stale";
      default -> hit;
    };
  }

  /// For an answer made here because the app gave none.
  String ofFailure(UpstreamFailure.Kind kind) {
    return cache + "; detail=" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  String of(
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
