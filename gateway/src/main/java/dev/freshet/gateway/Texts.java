package dev.freshet.gateway;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Statements by their texts, bounded in number and in octets: those that nobody asked for for
/// longest are forgotten. A text may be as long as a message, and some programs never send the same
/// twice.
final class Texts {
  private static final int MAX = 20_000;

  /// Of heap.
  static final long MAX_OCTETS = 64 << 20;

  /// Longer ones would push out too many others.
  static final long MAX_WEIGHT = MAX_OCTETS / 32;

  /// Text, normal form and slots are each about as long.
  private static final int FORMS = 3;

  private static final int OVERHEAD = 400;

  private final Map<Key, SharedStatement> known = new LinkedHashMap<>(64, 0.75f, true);
  private long octets;

  /// @param scope settings under which it means what it means
  /// @param wish what its comment asks for its results
  record Key(ByteBuffer sql, ByteBuffer types, Object scope, String wish) {
    long weight() {
      return OVERHEAD + (long) FORMS * sql.capacity() + types.capacity() + wish.length();
    }
  }

  @Nullable SharedStatement get(Key key) {
    return known.get(key);
  }

  /// Keeps it, unless it is too long for that.
  void put(Key key, SharedStatement statement) {
    long weight = key.weight();
    if (weight > MAX_WEIGHT) {
      return;
    }
    octets += known.put(key, statement) == null ? weight : 0;
    Iterator<Key> eldest = known.keySet().iterator();
    while ((octets > MAX_OCTETS || known.size() > MAX) && eldest.hasNext()) {
      octets -= eldest.next().weight();
      eldest.remove();
    }
  }

  void clear() {
    known.clear();
    octets = 0;
  }

  /// Estimated octets of heap.
  long octets() {
    return octets;
  }
}
