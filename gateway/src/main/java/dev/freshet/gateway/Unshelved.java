package dev.freshet.gateway;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/* Work that is done once in a hundred statements finds neither its code nor its data in the
 * processor's caches: putting one answer away then takes several times as long as when it is done
 * for a few in a row. So they wait for each other, as long as nobody asks for one of them and for a
 * tenth of a second at most. When it is done makes no difference to what may be served: an answer
 * carries the stamp and the position that were taken before it was asked for.
 */

/// Answers that are to be kept and are not put away yet. On the gateway's loop.
final class Unshelved {
  private static final int MOST = 16;
  private static final int MOST_OCTETS = 1 << 20;

  private final Map<String, Runnable> byKey = new LinkedHashMap<>();
  private int octets;

  /// @param size of the answer, octets
  /// @param putsAway it
  void add(String key, int size, Runnable putsAway) {
    if (byKey.containsKey(key)) {
      putAway();
    }
    byKey.put(key, putsAway);
    octets += size;
    if (byKey.size() >= MOST || octets >= MOST_OCTETS) {
      putAway();
    }
  }

  boolean has(String key) {
    return !byKey.isEmpty() && byKey.containsKey(key);
  }

  void putAway() {
    if (byKey.isEmpty()) {
      return;
    }
    List<Runnable> all = List.copyOf(byKey.values());
    byKey.clear();
    octets = 0;
    all.forEach(Runnable::run);
  }
}
