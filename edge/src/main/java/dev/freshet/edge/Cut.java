package dev.freshet.edge;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/* Where a walk goes on after its list has changed.
 *
 * A reader who walks a list has seen some of its elements. He is to see each of the others once,
 * though rows come, go and move meanwhile, and what he is shown is to be true at that moment. So a
 * walk keeps the order of the version in which it began (the keys only), and each page takes those
 * elements as they are now: what was deleted is left out, what moved comes at its old place, what
 * is new in the next walk.
 *
 * Where that order is no longer known, the walk goes on in the present order behind the element
 * that the reader saw last; where that is gone too, or elements have no keys, he is told to begin
 * again.
 */

/// Which elements make a page, and where the pages beside it begin.
sealed interface Cut {

  /// A page.
  ///
  /// @param elements their places in the list as it is now
  /// @param next where the next page begins, null when this is the last
  /// @param previous where the page before ends, null when this is the first
  record Page(List<Integer> elements, @Nullable Cursor next, @Nullable Cursor previous)
      implements Cut {

    /// Whether they stand one behind the other.
    boolean isRun() {
      for (int i = 1; i < elements.size(); i++) {
        if (elements.get(i) != elements.get(i - 1) + 1) {
          return false;
        }
      }
      return !elements.isEmpty();
    }
  }

  /// The walk can't go on.
  record Gone() implements Cut {}

  /// The cursor is of another list.
  record Foreign() implements Cut {}

  /// @param list a digest of the list's cache key
  /// @param limit elements at most
  /// @param octets of all elements at most, unless one alone has more
  static Cut of(
      ListIndex index, int list, @Nullable Cursor cursor, int limit, long octets, Orders orders) {
    if (cursor == null) {
      return new Walk(index, list, null, index.version(), limit, octets).page(0, false);
    }
    if (cursor.list() != list) {
      return new Foreign();
    }
    boolean isBackward = cursor.isBackward();
    if (cursor.version() == index.version()) {
      // A position beyond the end was made up.
      return cursor.position() > index.size()
          ? new Foreign()
          : new Walk(index, list, null, index.version(), limit, octets)
              .page(cursor.position(), isBackward);
    }
    long[] order = index.keys() == null ? null : orders.of(list, cursor.version());
    if (order != null) {
      return cursor.position() > order.length
          ? new Foreign()
          : new Walk(index, list, order, cursor.version(), limit, octets)
              .page(cursor.position(), isBackward);
    }
    int seen = cursor.key() == 0 ? -1 : index.find(cursor.key());
    return seen < 0
        ? new Gone()
        : new Walk(index, list, null, index.version(), limit, octets)
            .page(isBackward ? seen : seen + 1, isBackward);
  }

  /// One page's worth of steps along an order.
  ///
  /// @param order keys as they stood when the walk began; null for the present order
  @SuppressWarnings("ArrayRecordComponent")
  record Walk(
      ListIndex index, int list, long @Nullable [] order, long version, int limit, long octets) {

    private int length() {
      return order == null ? index.size() : order.length;
    }

    /// Where the element stands now, or -1.
    private int element(int position) {
      return order == null ? position : index.find(order[position]);
    }

    private long key(int position) {
      return order == null ? index.key(position) : order[position];
    }

    Page page(int from, boolean isBackward) {
      int step = isBackward ? -1 : 1;
      List<Integer> elements = new ArrayList<>();
      long sum = 0;
      int at = isBackward ? from - 1 : from;
      int nearest = -1;
      int farthest = -1;
      for (; at >= 0 && at < length() && elements.size() < limit; at += step) {
        int element = element(at);
        if (element < 0) {
          continue;
        }
        sum += index.end(element) - index.start(element);
        sum += elements.isEmpty() ? 0 : between(elements.getLast(), element);
        if (sum > octets && !elements.isEmpty()) {
          break;
        }
        elements.add(element);
        nearest = elements.size() == 1 ? at : nearest;
        farthest = at;
      }
      if (elements.isEmpty()) {
        return isBackward
            ? new Page(elements, beside(from, 1), null)
            : new Page(elements, null, beside(from - 1, -1));
      }
      int first = isBackward ? farthest : nearest;
      int last = isBackward ? nearest : farthest;
      if (isBackward) {
        elements = elements.reversed();
      }
      return new Page(elements, beside(last + 1, 1), beside(first - 1, -1));
    }

    /// Octets between two that come one after the other.
    private int between(int one, int other) {
      int first = Math.min(one, other);
      int second = Math.max(one, other);
      return second == first + 1 ? index.start(second) - index.end(first) : 1;
    }

    /// The cursor to what is left in that direction, or null where nothing is.
    private @Nullable Cursor beside(int from, int step) {
      for (int at = from; at >= 0 && at < length(); at += step) {
        if (element(at) >= 0) {
          boolean isBackward = step < 0;
          int position = isBackward ? from + 1 : from;
          int seen = isBackward ? from + 1 : from - 1;
          long key = seen >= 0 && seen < length() ? key(seen) : 0;
          return new Cursor(isBackward, list, version, position, key);
        }
      }
      return null;
    }
  }
}
