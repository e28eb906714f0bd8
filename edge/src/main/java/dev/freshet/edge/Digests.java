package dev.freshet.edge;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDictCompress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Dictionaries as the coder has them once it has read them, which takes longer than coding a page
/// against one: kept, outside the heap, for whoever is next. The least used leave first.
final class Digests implements AutoCloseable {
  /// Octets outside the heap.
  static final long MAX_OCTETS = 8 << 20;

  /// Somebody waits for what is coded.
  private static final int LEVEL = 9;

  private final Map<String, Digest> byName = new LinkedHashMap<>(16, 0.75f, true);
  private long octets;
  private boolean isClosed;

  /// Freed when it is not to be kept any more, and the last who uses it is done: the library does
  /// not look after that.
  private static final class Digest {
    final ZstdDictCompress made;
    final long octets;
    int users;
    boolean isKept;

    Digest(Dictionary of) {
      made = new ZstdDictCompress(Pieces.joined(of.content()), LEVEL);
      octets = Digests.octets(of.length());
    }

    void freeIfUnused() {
      if (users == 0 && !isKept) {
        made.close();
      }
    }
  }

  /// No fewer than a dictionary of that length takes: itself, and tables of four octets and one for
  /// twice as many places as its window has, and of four for as many.
  static long octets(int length) {
    // What is coded against it is taken for 513 octets while it is not known.
    long window = Long.highestOneBit(length + 513L - 1) << 1;
    return length + 14 * window;
  }

  /// One Zstandard frame.
  byte[] code(Dictionary dictionary, byte[] plain) {
    Digest digest = take(dictionary);
    try (ZstdCompressCtx coder = new ZstdCompressCtx()) {
      coder.setLevel(LEVEL).setChecksum(false);
      if (digest == null) {
        coder.loadDict(Pieces.joined(dictionary.content()));
      } else {
        coder.loadDict(digest.made);
      }
      return coder.compress(plain);
    } finally {
      if (digest != null) {
        giveBack(digest);
      }
    }
  }

  /// Null for one that is too large to be kept.
  private @Nullable Digest take(Dictionary dictionary) {
    if (octets(dictionary.length()) > MAX_OCTETS) {
      return null;
    }
    synchronized (this) {
      Digest known = byName.get(dictionary.name());
      if (known != null) {
        known.users++;
        return known;
      }
    }
    Digest made = new Digest(dictionary);
    made.users = 1;
    keep(dictionary.name(), made);
    return made;
  }

  private synchronized void keep(String name, Digest made) {
    // Somebody else may have made one meanwhile, which does as well.
    if (isClosed || byName.get(name) != null) {
      return;
    }
    made.isKept = true;
    byName.put(name, made);
    octets += made.octets;
    Iterator<Digest> eldest = byName.values().iterator();
    while (octets > MAX_OCTETS && eldest.hasNext()) {
      leave(eldest.next());
      eldest.remove();
    }
  }

  private void leave(Digest digest) {
    octets -= digest.octets;
    digest.isKept = false;
    digest.freeIfUnused();
  }

  private synchronized void giveBack(Digest digest) {
    digest.users--;
    digest.freeIfUnused();
  }

  synchronized long octets() {
    return octets;
  }

  synchronized int size() {
    return byName.size();
  }

  /// Keeps none from now on.
  @Override
  public synchronized void close() {
    isClosed = true;
    byName.values().forEach(this::leave);
    byName.clear();
  }
}
