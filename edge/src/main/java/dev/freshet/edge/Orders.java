package dev.freshet.edge;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Keys of lists in the order in which they stood, for walks that began then; those that nobody
/// used for longest go first.
final class Orders {
  private final long most;
  private final Map<Place, long[]> kept = new LinkedHashMap<>(16, 0.75f, true);
  private long octets;

  private record Place(int list, long version) {}

  /// @param most octets of heap
  Orders(long most) {
    this.most = most;
  }

  /// Remembers the order of a list that somebody was given a cursor of.
  synchronized void keep(int list, ListIndex index) {
    long[] keys = index.keys();
    if (keys == null || weight(keys) > most) {
      return;
    }
    if (kept.put(new Place(list, index.version()), keys) == null) {
      octets += weight(keys);
    }
    var eldest = kept.entrySet().iterator();
    while (octets > most) {
      octets -= weight(eldest.next().getValue());
      eldest.remove();
    }
  }

  /// Null where it is not known any more.
  synchronized long @Nullable [] of(int list, long version) {
    return kept.get(new Place(list, version));
  }

  private static long weight(long[] keys) {
    return 120 + 8L * keys.length;
  }
}
