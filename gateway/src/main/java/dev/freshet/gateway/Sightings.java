package dev.freshet.gateway;

/// Remembers, roughly, which questions came lately: what comes once is not worth a copy. A question
/// is forgotten when another takes its place.
final class Sightings {
  private final int[] places;

  /// @param size a power of two
  Sightings(int size) {
    places = new int[size];
  }

  /// Notes it; true when it had been noted before.
  boolean again(long hash) {
    int at = (int) hash & (places.length - 1);
    int mark = (int) (hash >>> 32) | 1;
    boolean isKnown = places[at] == mark;
    places[at] = mark;
    return isKnown;
  }
}
