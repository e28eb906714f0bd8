package dev.freshet.cache;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A set of keys in blocks; the blocks are in order, the keys in a block are not. So of all keys a
/// new one is compared with a dozen bounds, and in its block only with what has the same hash:
/// among a million keys each comparison is a wait for memory. A key takes some ten octets here. For
/// one thread at a time.
final class KeyShelf {
  private static final int ROOM_MIN = 8;

  /// By a bound: none of a block's keys is below its own, all are below the next.
  private final NavigableMap<String, Block> blocks = new TreeMap<>();

  private final int blockMax;

  /// @param blockMax keys in a block
  KeyShelf(int blockMax) {
    this.blockMax = blockMax;
    blocks.put("", new Block(new String[0]));
  }

  private static final class Block {
    private String[] keys;
    private int[] hashes;
    private int size;

    Block(String[] keys) {
      this.keys = keys;
      this.hashes = new int[keys.length];
      this.size = keys.length;
      for (int i = 0; i < size; i++) {
        hashes[i] = keys[i].hashCode();
      }
    }

    /// Where it is, or -1.
    int find(String key) {
      int hash = key.hashCode();
      for (int i = 0; i < size; i++) {
        if (hashes[i] == hash && keys[i].equals(key)) {
          return i;
        }
      }
      return -1;
    }

    void append(String key) {
      if (size == keys.length) {
        room(Math.max(ROOM_MIN, size * 2));
      }
      keys[size] = key;
      hashes[size] = key.hashCode();
      size++;
    }

    void delete(int at) {
      size--;
      keys[at] = keys[size];
      hashes[at] = hashes[size];
      // Lets go of the key.
      keys[size] = "";
      if (size <= keys.length / 4 && keys.length > ROOM_MIN) {
        room(keys.length / 2);
      }
    }

    private void room(int length) {
      keys = Arrays.copyOf(keys, length);
      hashes = Arrays.copyOf(hashes, length);
    }

    String[] sorted() {
      String[] out = Arrays.copyOf(keys, size);
      Arrays.sort(out);
      return out;
    }
  }

  void add(String key) {
    Map.Entry<String, Block> floor = blocks.floorEntry(key);
    Block block = floor.getValue();
    if (block.find(key) >= 0) {
      return;
    }
    block.append(key);
    if (block.size > blockMax) {
      String[] all = block.sorted();
      int half = all.length / 2;
      blocks.put(floor.getKey(), new Block(Arrays.copyOf(all, half)));
      blocks.put(all[half], new Block(Arrays.copyOfRange(all, half, all.length)));
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
    if (block.size == 0 && !floor.getKey().isEmpty()) {
      // The one before it takes what may come there; else keys that never come again left blocks.
      blocks.remove(floor.getKey());
    } else if (block.size < blockMax / 4) {
      Map.Entry<String, Block> next = blocks.higherEntry(floor.getKey());
      if (next != null && block.size + next.getValue().size <= blockMax / 2) {
        for (String other : next.getValue().sorted()) {
          block.append(other);
        }
        blocks.remove(next.getKey());
      }
    }
  }

  /// How many blocks there are; the first is always there.
  int blocks() {
    return blocks.size();
  }

  /// Adds the keys that begin so of the block in which a bound is, as far as they are not below it.
  ///
  /// @return the bound to go on with, however keys come and go in between; null at the end
  @Nullable String under(String prefix, String bound, List<String> to) {
    Map.Entry<String, Block> floor = blocks.floorEntry(bound);
    Block block = floor.getValue();
    for (int i = 0; i < block.size; i++) {
      String key = block.keys[i];
      if (key.startsWith(prefix) && key.compareTo(bound) >= 0) {
        to.add(key);
      }
    }
    String next = blocks.higherKey(floor.getKey());
    boolean isOver = next == null || (next.compareTo(prefix) > 0 && !next.startsWith(prefix));
    return isOver ? null : next;
  }
}
