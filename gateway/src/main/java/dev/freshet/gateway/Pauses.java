package dev.freshet.gateway;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Pools that give nobody a connection for a while, and who waits until none is in use. On the
/// gateway's loop.
final class Pauses {
  /// Where the pause of all is kept: no database has that name.
  private static final String ALL = "";

  private final Gateway gateway;
  private final List<Quiet> waiting = new ArrayList<>();
  private final Map<String, Pause> pauses = new HashMap<>();

  /// A pause of one database, or of all.
  private static final class Pause {
    private final String of;

    /// Databases that have been resumed since, of all.
    private final Set<String> except = new HashSet<>();

    /// The one that holds again when this comes to nothing; null for none.
    private @Nullable Pause before;

    Pause(String of, @Nullable Pause before) {
      this.of = of;
      this.before = before;
    }
  }

  /// Somebody waits for this.
  private record Quiet(Pause pause, Consumer<Boolean> then) {}

  Pauses(Gateway gateway) {
    this.gateway = gateway;
  }

  /// Whether a pool that is to come is paused too.
  boolean areFor(String database) {
    Pause all = pauses.get(ALL);
    return pauses.containsKey(database) || (all != null && !all.except.contains(database));
  }

  /// Whether anybody could mean that database.
  boolean know(String database) {
    return pauses.containsKey(database)
        || gateway.config().database().database().equals(database)
        || poolsOf(database).findAny().isPresent();
  }

  /// @param database null for all
  Stream<Pool> poolsOf(@Nullable String database) {
    return gateway.pools().stream()
        .filter(pool -> database == null || pool.who().database().equals(database));
  }

  /// Holds until it is resumed.
  void pause(@Nullable String database) {
    begin(database).before = null;
  }

  private Pause begin(@Nullable String database) {
    String of = database == null ? ALL : database;
    Pause before = pauses.get(of);
    if (before != null && isTentative(before)) {
      before = before.before;
    }
    Pause begun = new Pause(of, before);
    pauses.put(of, begun);
    apply();
    return begun;
  }

  /// Nobody knows yet whether it will succeed.
  private boolean isTentative(Pause pause) {
    return waiting.stream().anyMatch(each -> each.pause().equals(pause));
  }

  /// As [#pause], for who waits until nothing is in use: for as long as a client may wait for a
  /// connection, since after that the pause costs errors. Then everything is as it was before.
  ///
  /// @param then told whether no server connection is left
  void pause(@Nullable String database, Consumer<Boolean> then) {
    Quiet wanted = new Quiet(begin(database), then);
    waiting.add(wanted);
    tellWhenQuiet();
    gateway.later(
        gateway.config().pool().queueTimeout().toMillis(),
        () -> {
          if (waiting.remove(wanted)) {
            undo(wanted.pause());
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
      String of = each.pause().of;
      if (poolsOf(of.equals(ALL) ? null : of).allMatch(Pool::isEmpty)) {
        waiting.remove(each);
        each.pause().before = null;
        each.then().accept(true);
      }
    }
  }

  /// What others have paused or resumed meanwhile stays so.
  private void undo(Pause pause) {
    if (!pause.equals(pauses.get(pause.of))) {
      return;
    }
    Pause before = pause.before;
    if (before == null) {
      pauses.remove(pause.of);
    } else {
      before.except.addAll(pause.except);
      pauses.put(pause.of, before);
    }
    apply();
  }

  void resume(@Nullable String database) {
    if (database == null) {
      pauses.clear();
    } else {
      pauses.remove(database);
      Pause all = pauses.get(ALL);
      if (all != null) {
        all.except.add(database);
      }
    }
    apply();
  }

  private void apply() {
    for (Pool pool : gateway.pools()) {
      if (areFor(pool.who().database())) {
        pool.pause();
      } else if (pool.isPaused()) {
        pool.resume();
      }
    }
  }
}
