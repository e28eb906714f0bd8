package dev.freshet.cache;

import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A set of keys by their order, in blocks: of the keys that a new one is compared with, only those
/// in its own block are likely to be out of the processor's reach, and a key takes eight octets.
/// For one thread at a time.
final class SortedKeys {
  private static final int ROOM_MIN = 8;

  /// By a bound: none of a block's keys is below its own, all are below the next.
  private final NavigableMap<String, Block> blocks = new TreeMap<>();

  private final int blockMax;

  /// @param blockMax keys in a block
  SortedKeys(int blockMax) {
    this.blockMax = blockMax;
    blocks.put("", new Block());
  }

  private static final class Block {
    private @Nullable String[] keys = new @Nullable String[ROOM_MIN];
    private int size;

    /// Where it is; where it is not, minus one less where it would be.
    int find(String key) {
      return Arrays.binarySearch(keys, 0, size, key);
    }

    void insert(int at, String key) {
      if (size == keys.length) {
        keys = Arrays.copyOf(keys, size * 2);
      }
      System.arraycopy(keys, at, keys, at + 1, size - at);
      keys[at] = key;
      size++;
    }

    void delete(int at) {
      System.arraycopy(keys, at + 1, keys, at, size - at - 1);
      size--;
      keys[size] = null;
      if (size <= keys.length / 4 && keys.length > ROOM_MIN) {
        keys = Arrays.copyOf(keys, keys.length / 2);
      }
    }

    /// Takes the upper half away.
    Block split() {
      Block upper = new Block();
      int half = size / 2;
      upper.keys = Arrays.copyOfRange(keys, half, size);
      upper.size = size - half;
      keys = Arrays.copyOf(keys, half);
      size = half;
      return upper;
    }

    void append(Block other) {
      keys = Arrays.copyOf(keys, Math.max(ROOM_MIN, size + other.size));
      System.arraycopy(other.keys, 0, keys, size, other.size);
      size += other.size;
    }
  }

  void add(String key) {
    Block block = blocks.floorEntry(key).getValue();
    int at = block.find(key);
    if (at >= 0) {
      return;
    }
    block.insert(-at - 1, key);
    if (block.size > blockMax) {
      Block upper = block.split();
      String bound = upper.keys[0];
      if (bound != null) {
        blocks.put(bound, upper);
      }
    }
  }

  void remove(String key) {
    Map.Entry<String, Block> floor = blocks.floorEntry(key);
    Block block = floor.getValue();
    int at = block.find(key);
    if (at < 0) {
      return;
    }
    block.delete(at);
    if (block.size < blockMax / 4) {
      Map.Entry<String, Block> next = blocks.higherEntry(floor.getKey());
      if (next != null && block.size + next.getValue().size <= blockMax / 2) {
        block.append(next.getValue());
        blocks.remove(next.getKey());
      }
    }
  }

  /// The first keys that are not below a bound, at most so many as are in one block; none when
  /// there are no such keys.
  ///
  /// @param isAfter whether the bound itself is left out
  String[] from(String bound, boolean isAfter) {
    Map.Entry<String, Block> at = blocks.floorEntry(bound);
    while (at != null) {
      Block block = at.getValue();
      int found = block.find(bound);
      int first = found < 0 ? -found - 1 : isAfter ? found + 1 : found;
      if (first < block.size) {
        return Arrays.copyOfRange(block.keys, first, block.size);
      }
      at = blocks.higherEntry(at.getKey());
    }
    return new String[0];
  }
}
