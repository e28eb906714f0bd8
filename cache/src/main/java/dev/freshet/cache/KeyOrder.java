package dev.freshet.cache;

import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/* Why whoever looks misses no key.
 *
 * Every change of the heap that brings or takes a key is followed by a [settle] of the same thread,
 * and settles of one key exclude each other. So the settle that runs last has seen the heap as the
 * last change left it. A removal that is told late finds the key there again, if it is, and leaves
 * it. Hence a key is here from the moment when the put that brought it has returned until it has
 * left the heap; a purge first waits for the puts that are under way.
 *
 * Rejected: a tree by the segments of the path, since one segment may have a million children and a
 * prefix may end within a segment; looking at purged prefixes with each hit, since that is paid by
 * those who ask.
 */

/// The keys in the heap by their order, so that a purge by prefix looks at the keys that begin so
/// and at no others, however many are stored.
///
/// A new key costs comparisons, logarithmic in the number of keys; another entry under a key that
/// is there costs nothing.
final class KeyOrder {
  /// A power of two.
  private static final int LOCKS = 64;

  private final ConcurrentSkipListSet<String> keys = new ConcurrentSkipListSet<>();
  private final Object[] locks = new Object[LOCKS];

  KeyOrder() {
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new Object();
    }
  }

  /// The URL's key within a key.
  static String url(String key) {
    int at = key.indexOf(Cache.SEPARATOR);
    return at < 0 ? key : key.substring(0, at);
  }

  /// To be told after every put that brought the key and after every removal of it.
  ///
  /// @param isPresent whether it is in the heap
  void settle(String key, Predicate<String> isPresent) {
    synchronized (locks[key.hashCode() & (LOCKS - 1)]) {
      if (isPresent.test(key)) {
        keys.add(key);
      } else {
        keys.remove(key);
      }
    }
  }

  /// Shows all keys that begin so, also while they change; those that come or go meanwhile may be
  /// among them.
  void under(String prefix, Consumer<String> eye) {
    for (String key : keys.tailSet(prefix)) {
      if (!key.startsWith(prefix)) {
        return;
      }
      eye.accept(key);
    }
  }

  /// Shows the keys of users who have a copy of a URL of their own.
  void ofUsers(String url, Consumer<String> eye) {
    under(url + Cache.SEPARATOR, eye);
  }
}
