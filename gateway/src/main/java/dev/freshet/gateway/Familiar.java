package dev.freshet.gateway;

import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/* A hit must not cost what reading a statement costs, and a question that never comes again must
 * cost next to nothing. So questions are looked for by the octets of their messages, where these
 * lie: hashed in place, compared in place. What is found was read when it came for the second time.
 * What is not found is noted by its hash and passes; only when it comes again is anything copied.
 */

/// Questions that came more than once, by the octets they came in. Bounded in octets and places.
final class Familiar {
  private static final int WAYS = 4;
  private static final int OVERHEAD = 240;
  private static final int MAX_SESSIONS = 10_000;

  private final @Nullable Known[] places;

  /// Those of the places, so that what is not there is told by one look at memory; 0 for none.
  private final long[] hashes;

  private final Sightings sightings;
  private final long most;
  private final Map<String, Long> sessions = new HashMap<>();
  private long sessionNumbers;
  private long weight;
  private int hand;

  /// @param of the statement that is bound; null for a simple query, whose text is in the octets
  @SuppressWarnings("ArrayRecordComponent")
  private record Known(
      long hash, long session, @Nullable SharedStatement of, byte[] octets, Question question) {
    long weight() {
      return (long) OVERHEAD + octets.length + question.key().length();
    }
  }

  /// @param octets of heap, at most
  Familiar(long octets) {
    int size = Integer.highestOneBit(Math.clamp(octets / 512, 1 << 10, 1 << 18));
    places = new Known[size];
    hashes = new long[size];
    sightings = new Sightings(size);
    most = octets - 16L * size;
  }

  /// A number for what of a session bears on answers; another text never gets the same.
  long session(String text) {
    Long known = sessions.get(text);
    if (known != null) {
      return known;
    }
    if (sessions.size() >= MAX_SESSIONS) {
      sessions.clear();
    }
    sessions.put(text, ++sessionNumbers);
    return sessionNumbers;
  }

  static long hash(long session, @Nullable SharedStatement of, ByteBuf in, int from, int to) {
    long seed = session * 31 + (of == null ? 0 : of.number());
    return Octets.hash(seed, in, from, to);
  }

  @Nullable Question find(
      long hash, long session, @Nullable SharedStatement of, ByteBuf in, int from, int to) {
    int set = set(hash);
    for (int i = set; i < set + WAYS; i++) {
      Known known = hashes[i] == hash ? places[i] : null;
      if (known != null
          && known.session == session
          && known.of == of
          && Octets.equal(known.octets, in, from, to)) {
        return known.question;
      }
    }
    return null;
  }

  /// Notes that it came; true when it had come before.
  boolean cameBefore(long hash) {
    return sightings.again(hash);
  }

  /// @param octets kept
  void put(
      long hash, long session, @Nullable SharedStatement of, byte[] octets, Question question) {
    Known made = new Known(hash, session, of, octets, question);
    int set = set(hash);
    int at = set + (hand & (WAYS - 1));
    for (int i = set; i < set + WAYS; i++) {
      Known there = places[i];
      if (there == null || (there.hash == hash && there.session == session && there.of == of)) {
        at = i;
      }
    }
    clear(at);
    places[at] = made;
    hashes[at] = hash;
    weight += made.weight();
    while (weight > most && weight > 0) {
      hand = (hand + 1) & (places.length - 1);
      clear(hand);
    }
    hand++;
    hand &= places.length - 1;
  }

  private void clear(int at) {
    Known gone = places[at];
    if (gone != null) {
      weight -= gone.weight();
      places[at] = null;
      hashes[at] = 0;
    }
  }

  long weight() {
    return weight;
  }

  private int set(long hash) {
    return (int) (hash >>> 16) & (places.length - 1) & -WAYS;
  }
}
