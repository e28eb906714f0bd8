package dev.freshet.load;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;

/// A recorded session as it is replayed: its cookies, its requests that are out, and those that
/// wait for them. Touched by one event loop.
final class Sitting {
  final Jar jar = new Jar();
  final Set<Long> out = new HashSet<>();
  final ArrayDeque<Due> waiting = new ArrayDeque<>();
  boolean isAtWork;

  /// Whether everything is answered that was when it was recorded.
  boolean mayBegin(Due due) {
    return due.beside().containsAll(out);
  }
}
