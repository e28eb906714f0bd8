package dev.freshet.edge;

import dev.freshet.cache.Cache;
import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.cache.Standing;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// How an answer compares with the one that changed rows have ended before: where it came out the
/// same, the trip was needless.
enum Refill {
  /// There was none that changed rows had ended.
  FIRST,
  SAME,
  OTHER;

  /// @param content of the whole answer, in any pieces
  static Refill of(
      Cache<StoredResponse> cache, String key, StoredResponse stored, byte[][] content) {
    @Nullable Resource<StoredResponse> before = cache.heap(key);
    for (int i = 0; before != null && i < before.size(); i++) {
      Entry<StoredResponse> entry = before.get(i);
      boolean isPredecessor =
          entry.evidence() != null
              && entry.meta().isWhole() == stored.isWhole()
              && entry.meta().selecting().equals(stored.selecting());
      if (isPredecessor) {
        if (cache.standing(entry) != Standing.CHANGED) {
          return FIRST;
        }
        return isEqual(entry.body(), content) ? SAME : OTHER;
      }
    }
    return FIRST;
  }

  /// Whether the octets are the same, however they are cut into pieces.
  private static boolean isEqual(byte[][] one, byte[][] other) {
    int piece = 0;
    int at = 0;
    for (byte[] octets : one) {
      for (int done = 0; done < octets.length; ) {
        if (piece == other.length) {
          return false;
        }
        int many = Math.min(octets.length - done, other[piece].length - at);
        if (!Arrays.equals(octets, done, done + many, other[piece], at, at + many)) {
          return false;
        }
        done += many;
        at += many;
        if (at == other[piece].length) {
          piece++;
          at = 0;
        }
      }
    }
    while (piece < other.length && other[piece].length == 0) {
      piece++;
    }
    return piece == other.length;
  }
}
