package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.cache.Standing;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.edge.StoredResponse.Selecting;
import dev.freshet.freshness.Evidence;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import org.jspecify.annotations.Nullable;

/// An answer that several visitors were given from memory, and how Freshet itself asks for it.
///
/// @param head asks for it; tells nothing of a visitor
/// @param evidence what it was made from
/// @param uses so many visitors were answered with it or with what it took the place of, less what
///   was made again for them
/// @param hasYielded whether another node has had time to make it again
record Popular(Place place, RequestHead head, Evidence evidence, int uses, boolean hasYielded) {
  /// So many that some other will most likely come before its rows change again.
  private static final int SOUGHT = 4;

  /// Of these no more are kept in mind.
  private static final int MOST_USES = 16;

  private static final long OVERHEAD = 400;
  private static final long A_FIELD = 40;

  /// Where an answer is stored: of one key there may be several.
  record Place(String key, Selecting selecting) {}

  Popular used(int times) {
    return new Popular(place, head, evidence, Math.min(MOST_USES, uses + times), false);
  }

  /// After it was made again, for one of them.
  Popular spent(Evidence by) {
    return new Popular(place, head, by, uses - 1, false);
  }

  boolean isSought() {
    return uses >= SOUGHT;
  }

  Popular yielded() {
    return new Popular(place, head, evidence, uses, true);
  }

  /// Estimated octets of heap.
  long weight() {
    Fields fields = head.fields();
    long octets = OVERHEAD + place.key().length();
    octets += head.target().length() + head.authority().length();
    for (int i = 0; i < fields.size(); i++) {
      octets += A_FIELD + fields.value(i).length();
    }
    return octets + evidence.weight();
  }

  /// What memory holds there, current or not.
  @Nullable Entry<StoredResponse> stored(Site now) {
    Resource<StoredResponse> all = now.cache().heap(place.key());
    for (int i = 0; all != null && i < all.size(); i++) {
      Entry<StoredResponse> entry = all.get(i);
      if (entry.meta().isWhole() && entry.meta().selecting().equals(place.selecting())) {
        return entry;
      }
    }
    return null;
  }

  /// False where somebody was quicker, or other rules are in force by now.
  ///
  /// @param old what memory holds there
  boolean isDue(Site now, Entry<StoredResponse> old) {
    RouteRule rule = now.routes().of(head).rule();
    return now.cache().standing(old) == Standing.CHANGED
        && rule.cache()
        && rule.rows() != null
        && rule.share() == Share.PUBLIC
        && now.keys().of(head, rule).equals(place.key())
        && !now.hitForMiss().isMarked(place.key());
  }
}
