package dev.freshet.sql;

import java.util.Arrays;

/// Where in a text the constants stand that its normal form leaves out: one slot for each `?` and
/// each `(?...)` of the form, in order. So texts of one fingerprint have the same slots.
final class Slots {
  private int[] bounds = new int[8];
  private int count;

  void add(int from, int to) {
    if (2 * count == bounds.length) {
      bounds = Arrays.copyOf(bounds, 4 * count);
    }
    bounds[2 * count] = from;
    bounds[2 * count + 1] = to;
    count++;
  }

  /// Leaves out a sign that the last one had.
  void cutLast(int newFrom) {
    bounds[2 * count - 2] = newFrom;
  }

  /// Makes one of all from this one on.
  void merge(int first, int from, int to) {
    count = first;
    add(from, to);
  }

  /// To count the octets from here on.
  void shift(int by) {
    for (int i = 0; by != 0 && i < 2 * count; i++) {
      bounds[i] -= by;
    }
  }

  int count() {
    return count;
  }

  int from(int slot) {
    return bounds[2 * slot];
  }

  int to(int slot) {
    return bounds[2 * slot + 1];
  }

  /// The slot that holds this octet, or -1.
  int at(int octet) {
    for (int i = 0; i < count; i++) {
      if (from(i) <= octet && octet < to(i)) {
        return i;
      }
    }
    return -1;
  }
}
