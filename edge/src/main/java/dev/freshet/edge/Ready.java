package dev.freshet.edge;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Whole answers of one event loop, encoded once and given to everybody for as long as their `Age`
/// stays the same: a second.
///
/// What is asked for often is then neither built nor copied for each client, and what waits for
/// slow ones is one buffer for all of them. Nothing is looked up here by its key: an answer is
/// found by the head of the very entry that was found valid, which always goes with the same
/// content. Holds at most [#MAX_OCTETS], and lets go of what nobody asked for since the last look.
/// For one loop only.
final class Ready {
  static final int MAX_OCTETS = 4 << 20;

  /// A power of two.
  private static final int PLACES = 256;

  private final @Nullable Place[] places = new Place[PLACES];
  private int octets;
  private boolean closed;

  /// Where one head's answer is kept.
  private static final class Place {
    private final Stored head;
    private final Dynamic dynamic;
    private @Nullable ByteBuf answer;
    private boolean asked = true;

    Place(Stored head, Dynamic dynamic) {
      this.head = head;
      this.dynamic = dynamic;
    }
  }

  /// The answer made for the same head and fields before, to be sent or released by the caller; or
  /// null.
  @Nullable ByteBuf find(Stored head, Dynamic dynamic) {
    Place place = places[at(head)];
    if (place == null || place.answer == null || !isFor(place, head, dynamic)) {
      return null;
    }
    place.asked = true;
    return place.answer.retainedDuplicate();
  }

  /// Offers an answer that was just made. It is kept when it is the second that is made for the
  /// same head and fields; the caller keeps its own reference, and changes nothing any more.
  void offer(Stored head, Dynamic dynamic, ByteBuf made) {
    Place place = places[at(head)];
    if (place != null && isFor(place, head, dynamic)) {
      int size = made.capacity();
      if (place.answer == null && octets + size <= MAX_OCTETS && !closed) {
        place.answer = made.retain();
        octets += size;
      }
      place.asked = true;
    } else if (place == null || isSame(place.head, head)) {
      begin(head, dynamic);
    } else if (place.answer == null || !place.asked) {
      // Who is asked for more often keeps the place.
      begin(head, dynamic);
    }
  }

  private void begin(Stored head, Dynamic dynamic) {
    int at = at(head);
    letGo(at);
    places[at] = new Place(head, dynamic);
  }

  private static int at(Stored head) {
    return head.hashCode() & (PLACES - 1);
  }

  /// A head is itself only: another may say the same of other content.
  @SuppressWarnings("ReferenceEquality")
  private static boolean isSame(Stored one, Stored other) {
    return one == other;
  }

  private static boolean isFor(Place place, Stored head, Dynamic dynamic) {
    return isSame(place.head, head) && place.dynamic.equals(dynamic);
  }

  /// Lets go of what was not asked for since the last look.
  void sweep() {
    for (int i = 0; i < PLACES; i++) {
      Place place = places[i];
      if (place != null && place.asked) {
        place.asked = false;
      } else {
        letGo(i);
      }
    }
  }

  private void letGo(int at) {
    Place place = places[at];
    places[at] = null;
    if (place != null && place.answer != null) {
      octets -= place.answer.capacity();
      place.answer.release();
    }
  }

  /// Octets held at the moment.
  int octets() {
    return octets;
  }

  /// Lets go of everything, and keeps nothing from here on.
  void close() {
    closed = true;
    for (int i = 0; i < PLACES; i++) {
      letGo(i);
    }
  }
}
