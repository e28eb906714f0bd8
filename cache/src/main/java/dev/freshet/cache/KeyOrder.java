package dev.freshet.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/* Why whoever looks misses no key.
 *
 * Every change of the heap that brings or takes a key is followed by a [settle] of the same thread,
 * and settles of one key exclude each other. So the settle that runs last has seen the heap as the
 * last change left it. A removal that is told late finds the key there again, if it is, and leaves
 * it. Hence a key is here from the moment when the put that brought it has returned until it has
 * left the heap; a purge first waits for the puts that are under way.
 *
 * Rejected: a tree by the segments of the path, since one segment may have a million children and a
 * prefix may end within a segment; a skip list, since a store into a million keys then waited for
 * memory a hundred times and took seven times as long; looking at purged prefixes with each hit,
 * since that is paid by those who ask.
 */

/// The keys in the heap by their order, so that a purge by prefix looks at the keys that begin so
/// and at no others, however many are stored.
///
/// A new key costs comparisons, logarithmic in the number of keys; another entry under a key that
/// is there costs nothing. A URL's keys are on one of several shelves, so that event loops seldom
/// wait for each other; whoever asks for a prefix looks at each shelf.
final class KeyOrder {
  /// A power of two.
  private static final int SHELVES = 4;

  private static final int BLOCK = 256;

  private final KeyShelf[] shelves = new KeyShelf[SHELVES];

  KeyOrder() {
    for (int i = 0; i < SHELVES; i++) {
      shelves[i] = new KeyShelf(BLOCK);
    }
  }

  /// The URL's key within a key.
  static String url(String key) {
    int at = key.indexOf(Cache.SEPARATOR);
    return at < 0 ? key : key.substring(0, at);
  }

  private KeyShelf shelf(String key) {
    int hash = url(key).hashCode();
    return shelves[(hash ^ hash >>> 16) & (SHELVES - 1)];
  }

  /// To be told after every put that brought the key and after every removal of it.
  ///
  /// @param isPresent whether it is in the heap
  void settle(String key, Predicate<String> isPresent) {
    KeyShelf shelf = shelf(key);
    synchronized (shelf) {
      if (isPresent.test(key)) {
        shelf.add(key);
      } else {
        shelf.remove(key);
      }
    }
  }

  /// Shows all keys that begin so, also while they change; those that come or go meanwhile may be
  /// among them.
  void under(String prefix, Consumer<String> eye) {
    for (KeyShelf shelf : shelves) {
      show(shelf, prefix, eye);
    }
  }

  /// Shows the keys of users who have a copy of a URL of their own.
  void ofUsers(String url, Consumer<String> eye) {
    show(shelf(url), url + Cache.SEPARATOR, eye);
  }

  private static void show(KeyShelf shelf, String prefix, Consumer<String> eye) {
    List<String> some = new ArrayList<>();
    @Nullable String bound = prefix;
    while (bound != null) {
      synchronized (shelf) {
        bound = shelf.under(prefix, bound, some);
      }
      some.forEach(eye);
      some.clear();
    }
  }
}
