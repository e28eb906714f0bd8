package dev.freshet.gateway;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Pools that give nobody a connection for a while, and who waits until none is in use. On the
/// gateway's loop.
final class Pauses {
  private final Gateway gateway;
  private final List<Quiet> waiting = new ArrayList<>();
  private final Set<String> databases = new HashSet<>();
  private boolean areForAll;

  /// Somebody waits for this.
  private record Quiet(@Nullable String database, Consumer<Boolean> then) {}

  Pauses(Gateway gateway) {
    this.gateway = gateway;
  }

  /// Whether a pool that is to come is paused too.
  boolean areFor(String database) {
    return areForAll || databases.contains(database);
  }

  /// Whether anybody could mean that database.
  boolean know(String database) {
    return databases.contains(database)
        || gateway.config().database().database().equals(database)
        || poolsOf(database).findAny().isPresent();
  }

  /// @param database null for all
  Stream<Pool> poolsOf(@Nullable String database) {
    return gateway.pools().stream()
        .filter(pool -> database == null || pool.who().database().equals(database));
  }

  void pause(@Nullable String database) {
    poolsOf(database).forEach(Pool::pause);
    if (database == null) {
      areForAll = true;
    } else {
      databases.add(database);
    }
  }

  /// As [#pause], for who waits until nothing is in use: for as long as a client may wait for a
  /// connection, since after that the pause costs errors. Then everything goes on.
  ///
  /// @param then told whether no server connection is left
  void pause(@Nullable String database, Consumer<Boolean> then) {
    pause(database);
    Quiet wanted = new Quiet(database, then);
    waiting.add(wanted);
    tellWhenQuiet();
    gateway.later(
        gateway.config().pool().queueTimeout().toMillis(),
        () -> {
          if (waiting.remove(wanted)) {
            resume(database);
            then.accept(false);
          }
        });
  }

  /// A server connection is gone.
  void tellWhenQuiet() {
    if (waiting.isEmpty()) {
      return;
    }
    for (Quiet each : List.copyOf(waiting)) {
      if (poolsOf(each.database()).allMatch(Pool::isEmpty)) {
        waiting.remove(each);
        each.then().accept(true);
      }
    }
  }

  void resume(@Nullable String database) {
    if (database == null) {
      areForAll = false;
      databases.clear();
    } else {
      databases.remove(database);
    }
    poolsOf(database).forEach(Pool::resume);
  }
}
