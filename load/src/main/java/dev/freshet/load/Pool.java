package dev.freshet.load;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Connections of one event loop that visitors share, or those of one user; opened as they are
/// needed, up to a number. Who finds none free waits here.
final class Pool {
  private static final int MOST_WAITING = 200_000;
  private final Lane lane;
  private final Dialler dialler;
  private final int most;
  private final int streams;
  // Most pools are one user's: small.
  private final ArrayDeque<Slot> free = new ArrayDeque<>(1);
  private final ArrayDeque<Session> waiting = new ArrayDeque<>(1);
  private final Set<Connection> open = new HashSet<>(2);
  private int opening;
  private boolean isClosed;

  /// @param most connections
  /// @param streams calls at once on a connection, at most
  Pool(Lane lane, Dialler dialler, int most, int streams) {
    this.lane = lane;
    this.dialler = dialler;
    this.most = most;
    this.streams = streams;
  }

  Lane lane() {
    return lane;
  }

  int streams() {
    return streams;
  }

  /// Opens all of them.
  ///
  /// @param settled told of each, with the error kind or null
  void open(Consumer<@Nullable String> settled) {
    int missing = most - open.size() - opening;
    for (int i = 0; i < missing; i++) {
      opening++;
      dialler.dial(
          this,
          connection -> {
            opened(connection);
            settled.accept(null);
          },
          kind -> {
            opening--;
            settled.accept(kind);
          });
    }
    for (int i = Math.max(0, missing); i < most; i++) {
      settled.accept(null);
    }
  }

  private void opened(Connection connection) {
    opening--;
    if (isClosed) {
      connection.close();
      return;
    }
    open.add(connection);
    connection.slots().forEach(this::give);
  }

  /// One that is free, for whoever comes next; the one that was free longest.
  @Nullable Slot take() {
    Slot slot = free.pollFirst();
    while (slot != null && !slot.isOpen()) {
      slot = free.pollFirst();
    }
    return slot;
  }

  /// Waits for one; false where too many wait already.
  boolean await(Session session) {
    if (waiting.size() >= MOST_WAITING) {
      return false;
    }
    waiting.addLast(session);
    grow();
    return true;
  }

  /// Is to be sent once more, before others.
  void again(Session session) {
    waiting.addFirst(session);
    grow();
  }

  /// Waits no longer.
  void forget(Session session) {
    waiting.remove(session);
  }

  /// A slot has nothing to do.
  void give(Slot slot) {
    if (isClosed || !slot.isOpen()) {
      return;
    }
    Session first = waiting.pollFirst();
    if (first != null) {
      lane.send(slot, first);
    } else {
      free.addLast(slot);
    }
  }

  /// A slot can't be used at the moment.
  void retire(Slot slot) {
    free.remove(slot);
  }

  /// A connection takes no more calls.
  void gone(Connection connection) {
    if (open.remove(connection)) {
      free.removeIf(slot -> !slot.isOpen());
      grow();
    }
  }

  private void grow() {
    boolean isFull = isClosed || open.size() + opening >= most;
    if (isFull || (long) opening * streams >= waiting.size()) {
      return;
    }
    opening++;
    dialler.dial(
        this,
        this::opened,
        kind -> {
          opening--;
          Session first = waiting.pollFirst();
          if (first != null) {
            lane.lost(first, kind);
            grow();
          }
        });
  }

  /// Nobody waits any longer; the connections stay.
  void clear() {
    waiting.clear();
  }

  void close() {
    isClosed = true;
    waiting.clear();
    free.clear();
    List.copyOf(open).forEach(Connection::close);
    open.clear();
  }
}
