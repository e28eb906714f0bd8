package dev.freshet.assets;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What came of contents, by their hash, so that the same is not made twice: not for two URLs, and
/// not when it is stored again. Forgets what was not asked for the longest.
final class Memo {
  private static final int EACH = 200;
  private final long most;
  private final Map<String, Map<Refinement.Kind, byte[]>> known =
      new LinkedHashMap<>(64, 0.75f, true);
  private long octets;

  /// @param most octets of all that is kept
  Memo(long most) {
    this.most = most;
  }

  /// What is known of a content; empty when it can't be made better, null when nobody tried.
  synchronized @Nullable Map<Refinement.Kind, byte[]> get(String hash) {
    return known.get(hash);
  }

  synchronized void put(String hash, Map<Refinement.Kind, byte[]> made) {
    Map<Refinement.Kind, byte[]> before = known.put(hash, Map.copyOf(made));
    octets += weight(made) - (before == null ? 0 : weight(before));
    var eldest = known.entrySet().iterator();
    while (octets > most && eldest.hasNext()) {
      octets -= weight(eldest.next().getValue());
      eldest.remove();
    }
  }

  synchronized long octets() {
    return octets;
  }

  private static long weight(Map<Refinement.Kind, byte[]> made) {
    return EACH + made.values().stream().mapToLong(each -> each.length).sum();
  }
}
