package dev.freshet.edge;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Where the elements of a JSON array stand in a content, and which is which. Immutable.
///
/// The version says which elements there are in which order: by their keys where each has one of
/// its own, so that it stays when only other members change; else by their octets.
final class ListIndex {
  /// Of a content that is no list: not JSON, or without an array at the place.
  static final ListIndex NONE = new ListIndex(0, 0, new int[0], new int[0], null, 0);

  /// Of a list with more elements than are kept count of.
  static final ListIndex TOO_LONG = new ListIndex(0, 0, new int[0], new int[0], null, 0);

  private static final int NO_ELEMENT = -1;

  private final int open;
  private final int close;
  private final int[] starts;
  private final int[] ends;
  private final long @Nullable [] keys;
  private final long version;
  private volatile int @Nullable [] places;

  private ListIndex(
      int open, int close, int[] starts, int[] ends, long @Nullable [] keys, long version) {
    this.open = open;
    this.close = close;
    this.starts = starts;
    this.ends = ends;
    this.keys = keys;
    this.version = version;
  }

  /// Reads a content through.
  ///
  /// @param most elements that are kept count of
  static ListIndex of(Pieces content, JsonPointer path, JsonPointer key, int most) {
    if (content.length() > Integer.MAX_VALUE) {
      return NONE;
    }
    Indexing indexing = new Indexing(content, path, key, most);
    JsonScanner scanner = new JsonScanner(indexing);
    for (byte[] piece : content.pieces()) {
      if (!scanner.read(piece) || indexing.isHopeless) {
        return indexing.isTooLong ? TOO_LONG : NONE;
      }
    }
    return scanner.end() ? indexing.made() : NONE;
  }

  boolean isList() {
    return !equals(NONE) && !isTooLong();
  }

  boolean isTooLong() {
    return equals(TOO_LONG);
  }

  int size() {
    return starts.length;
  }

  /// Offset behind the opening bracket.
  int open() {
    return open;
  }

  /// Offset of the closing bracket.
  int close() {
    return close;
  }

  int start(int element) {
    return starts[element];
  }

  /// Offset behind an element.
  int end(int element) {
    return ends[element];
  }

  long version() {
    return version;
  }

  /// What an element is known by, or 0 where elements have no keys of their own.
  long key(int element) {
    return keys == null ? 0 : keys[element];
  }

  /// In the list's order, or null; must not be changed.
  @SuppressWarnings("MutableMethodReturnType")
  long @Nullable [] keys() {
    return keys;
  }

  /// Where the element with that key stands, or -1.
  int find(long key) {
    long[] all = keys;
    if (all == null) {
      return NO_ELEMENT;
    }
    int[] table = places;
    if (table == null) {
      table = table(all);
      places = table;
    }
    int mask = table.length - 1;
    for (int at = Long.hashCode(key) & mask; table[at] != NO_ELEMENT; at = (at + 1) & mask) {
      if (all[table[at]] == key) {
        return table[at];
      }
    }
    return NO_ELEMENT;
  }

  private static int[] table(long[] keys) {
    int[] table = new int[Integer.highestOneBit(Math.max(1, keys.length)) * 4];
    Arrays.fill(table, NO_ELEMENT);
    int mask = table.length - 1;
    for (int i = 0; i < keys.length; i++) {
      int at = Long.hashCode(keys[i]) & mask;
      while (table[at] != NO_ELEMENT) {
        at = (at + 1) & mask;
      }
      table[at] = i;
    }
    return table;
  }

  /// Octets of heap, with the table that a search needs.
  int weight() {
    return 200 + WEIGHT * starts.length;
  }

  /// Octets of heap for an element.
  static final int WEIGHT = 32;

  /// Notes elements as a content is scanned.
  private static final class Indexing implements JsonScanner.Events {
    private final Pieces content;
    private final int most;
    private final int elementDepth;
    private final JsonPointer.Walk toList;
    private final JsonPointer.Walk toKey;
    private int[] starts = new int[64];
    private int[] ends = new int[64];
    private long[] keys = new long[64];
    private int size;
    private int open = -1;
    private int close = -1;
    private boolean isInList;
    private boolean isHopeless;
    private boolean isTooLong;
    private boolean isKeyed = true;
    private boolean hasKey;
    private boolean isInKey;
    private long keyFrom;

    Indexing(Pieces content, JsonPointer path, JsonPointer key, int most) {
      this.content = content;
      this.most = most;
      this.elementDepth = path.length() + 1;
      this.toList = new JsonPointer.Walk(path, 0);
      this.toKey = new JsonPointer.Walk(key, elementDepth);
    }

    @Override
    public void begin(int depth, long at, int octet) {
      if (isInList) {
        if (depth == elementDepth) {
          element((int) at);
        }
        if (toKey.begin(depth)) {
          isInKey = octet != '{' && octet != '[';
          isKeyed &= isInKey && !hasKey;
          keyFrom = at;
        }
      } else if (toList.begin(depth)) {
        // A second member of that name leaves open which one counts.
        isHopeless |= octet != '[' || open >= 0;
        isInList = octet == '[';
        open = (int) at + 1;
      }
    }

    private void element(int at) {
      if (size == most) {
        isTooLong = true;
        isHopeless = true;
        return;
      }
      if (size == starts.length) {
        int capacity = Math.min(most, size * 2);
        starts = Arrays.copyOf(starts, capacity);
        ends = Arrays.copyOf(ends, capacity);
        keys = Arrays.copyOf(keys, capacity);
      }
      starts[size] = at;
      hasKey = false;
    }

    @Override
    public void end(int depth, long at) {
      if (!isInList) {
        toList.end(depth);
        return;
      }
      if (toKey.end(depth) && isInKey) {
        isInKey = false;
        hasKey = true;
        keys[Math.min(size, keys.length - 1)] = hash(content, keyFrom, at);
      }
      if (depth == elementDepth && !isHopeless) {
        ends[size++] = (int) at;
        isKeyed &= hasKey;
      } else if (depth == elementDepth - 1) {
        isInList = false;
        close = (int) at - 1;
        toList.end(depth);
      }
    }

    @Override
    public void name(int depth, long from, long to) {
      if (isInList) {
        toKey.name(depth, content, from, to);
      } else {
        toList.name(depth, content, from, to);
      }
    }

    ListIndex made() {
      if (isHopeless || close < 0) {
        return isTooLong ? TOO_LONG : NONE;
      }
      int[] allStarts = Arrays.copyOf(starts, size);
      int[] allEnds = Arrays.copyOf(ends, size);
      long[] allKeys = isKeyed ? Arrays.copyOf(keys, size) : new long[0];
      if (isKeyed && areDistinct(allKeys)) {
        return new ListIndex(open, close, allStarts, allEnds, allKeys, versionOf(allKeys));
      }
      long version = hash(content, open, close);
      return new ListIndex(open, close, allStarts, allEnds, null, version);
    }

    private static boolean areDistinct(long[] keys) {
      long[] sorted = keys.clone();
      Arrays.sort(sorted);
      for (int i = 1; i < sorted.length; i++) {
        if (sorted[i] == sorted[i - 1]) {
          return false;
        }
      }
      return true;
    }

    private static long versionOf(long[] keys) {
      long hash = keys.length;
      for (long key : keys) {
        hash = mixed(hash ^ key);
      }
      return hash;
    }

    /// The same in every process, since a cursor made by one node may be shown to another.
    private static long hash(Pieces content, long from, long to) {
      long hash = to - from;
      long word = 0;
      int many = 0;
      for (long i = from; i < to; i++) {
        word = word << 8 | (content.at(i) & 0xff);
        if (++many == Long.BYTES) {
          hash = mixed(hash ^ word);
          word = 0;
          many = 0;
        }
      }
      return mixed(hash ^ word);
    }

    /// Every bit of it depends on every bit (the finishing steps of MurmurHash3).
    private static long mixed(long value) {
      long x = value + 0x9e3779b97f4a7c15L;
      x = (x ^ (x >>> 33)) * 0xff51afd7ed558ccdL;
      x = (x ^ (x >>> 33)) * 0xc4ceb9fe1a85ec53L;
      return x ^ (x >>> 33);
    }
  }
}
