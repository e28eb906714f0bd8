package dev.freshet.gateway;

import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Doubt;
import dev.freshet.freshness.Trail;
import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.Tag;
import dev.freshet.sql.Arguments;
import dev.freshet.sql.Catalog;
import dev.freshet.sql.Footprint;
import dev.freshet.sql.NotCacheable;
import dev.freshet.sql.Shape;
import dev.freshet.sql.ShownRows;
import dev.freshet.sql.Statement;
import dev.freshet.sql.Viewpoint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Books on trails what statements touch. What a text touches is worked out once for each reader
/// and catalog, on a thread of its own; until then its trail waits.
final class Footprints implements AutoCloseable {
  private static final int MAX = 20_000;
  private static final int MAX_WAITING = 1_000;
  private static final int SHOWN = 200;

  private final Watch watch;
  private final Map<Key, Footprint> known = new ConcurrentHashMap<>();
  private volatile @Nullable Catalog knownUnder;
  private final ThreadPoolExecutor reader =
      new ThreadPoolExecutor(
          1,
          1,
          10,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MAX_WAITING),
          task -> {
            Thread thread = new Thread(task, "freshet-gateway-footprints");
            thread.setDaemon(true);
            return thread;
          });

  private record Key(long fingerprint, Viewpoint viewpoint, Catalog catalog) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key(long f, Viewpoint v, Catalog c)
          && f == fingerprint
          && c == catalog
          && v.equals(viewpoint);
    }

    @Override
    public int hashCode() {
      return Long.hashCode(fingerprint) * 31 + viewpoint.hashCode();
    }
  }

  Footprints(Watch watch) {
    this.watch = watch;
    reader.allowCoreThreadTimeOut(true);
  }

  /// Before the statement goes out.
  ///
  /// @param arguments null where they are not at hand: then it is not known which rows are meant
  /// @param since as in [Trail#reads]
  /// @return to be shown the answer; null where all has been booked
  @Nullable Gleaning book(
      Trail trail,
      Statement statement,
      @Nullable Arguments arguments,
      Viewpoint viewpoint,
      long since) {
    Catalog now = watch.catalog().get();
    if (now == null) {
      unclear(trail, statement, "the catalog is not read yet");
      return null;
    }
    if (statement.namesClock()) {
      // Must not stand for others of its fingerprint.
      apply(trail, statement, arguments, new Footprint.Unknown(NotCacheable.CLOCK), since);
      return null;
    }
    Key key = new Key(statement.fingerprint(), viewpoint, now);
    Footprint at = known.get(key);
    boolean isShown =
        at instanceof Footprint.Reads all
            && all.showsKeys()
            && arguments != null
            && !arguments.nameClock();
    if (isShown && at instanceof Footprint.Reads reads && arguments != null) {
      trail.awaits();
      return new Gleaning(this, trail, statement, reads.shown(arguments), since);
    }
    if (at != null) {
      apply(trail, statement, arguments, at, since);
      return null;
    }
    trail.awaits();
    try {
      reader.execute(() -> {
        try {
          apply(trail, statement, arguments, read(key, statement), since);
        } finally {
          trail.settled();
        }
      });
    } catch (RejectedExecutionException e) {
      trail.unclear(Doubt.TOO_SLOW, "too many new statements at once");
      trail.writes(null);
      trail.settled();
    }
    return null;
  }

  /// What an answer is made from, as far as that is known.
  sealed interface Grounds {
    /// @param dependencies never none
    record From(List<Dependency> dependencies) implements Grounds {}

    /// Not known yet, or not for these arguments: ask again.
    record NotNow() implements Grounds {}

    /// Not as long as the catalog is what it is.
    record Never(NotCacheable reason) implements Grounds {}
  }

  private static final Grounds NOT_NOW = new Grounds.NotNow();

  /// What the answer to an execution is made from.
  ///
  /// @param answer its DataRow messages and what ends them
  Grounds grounds(Statement statement, Arguments arguments, Viewpoint viewpoint, byte[] answer) {
    Catalog now = watch.catalog().get();
    if (now == null || statement.namesClock()) {
      return NOT_NOW;
    }
    Key key = new Key(statement.fingerprint(), viewpoint, now);
    return switch (known.get(key)) {
      case null -> {
        later(key, statement);
        yield NOT_NOW;
      }
      case Footprint.Reads reads -> grounds(reads, arguments, answer);
      case Footprint.Writes _ -> new Grounds.Never(NotCacheable.NOT_A_QUERY);
      case Footprint.Unknown(NotCacheable reason) -> new Grounds.Never(reason);
    };
  }

  private Grounds grounds(Footprint.Reads reads, Arguments arguments, byte[] answer) {
    try {
      List<Dependency> made =
          reads.showsKeys() ? shown(reads.shown(arguments), answer) : reads.dependencies(arguments);
      boolean isFollowed = made.stream().allMatch(each -> watch.isFollowed().test(each.relation()));
      return made.isEmpty() || !isFollowed ? NOT_NOW : new Grounds.From(made);
    } catch (IndexOutOfBoundsException e) {
      // The server will say what is wrong with it.
      return NOT_NOW;
    }
  }

  private static List<Dependency> shown(ShownRows rows, byte[] answer) {
    ByteBuffer in = ByteBuffer.wrap(answer);
    while (rows.isOpen() && in.hasRemaining() && in.get(in.position()) == Tag.DATA_ROW) {
      int size = 1 + in.getInt(in.position() + 1);
      rows.row(in.slice(in.position() + Frames.HEADER, size - Frames.HEADER));
      in.position(in.position() + size);
    }
    return rows.dependencies();
  }

  private void later(Key key, Statement statement) {
    try {
      reader.execute(() -> read(key, statement));
    } catch (RejectedExecutionException e) {
      // Too many at once: it is asked again when it comes again.
    }
  }

  /// The tables that a statement changes; null where that is not known.
  @Nullable Set<Long> written(Statement statement, Viewpoint viewpoint) {
    Catalog now = watch.catalog().get();
    Footprint at = now == null ? null : known.get(new Key(statement.fingerprint(), viewpoint, now));
    return at instanceof Footprint.Writes writes && writes.isAll() ? writes.relations() : null;
  }

  /// Whether it does no more than to change visitors' own tables; false too where that is not known
  /// yet.
  boolean isBookkeeping(Statement statement, Viewpoint viewpoint) {
    Catalog now = watch.catalog().get();
    if (now == null) {
      return false;
    }
    Key key = new Key(statement.fingerprint(), viewpoint, now);
    Footprint at = known.get(key);
    if (at == null) {
      later(key, statement);
    }
    return at instanceof Footprint.Writes(var relations, boolean isAll, boolean mayRead)
        && isAll
        && !mayRead
        && relations.stream().allMatch(watch.trails()::isBookkeeping);
  }

  private Footprint read(Key key, Statement statement) {
    Footprint made = known.get(key);
    if (made != null) {
      return made;
    }
    Shape shape = Shape.of(new String(statement.text(), StandardCharsets.UTF_8));
    made = Footprint.of(shape, key.catalog(), key.viewpoint());
    boolean isOfThisTextOnly =
        made instanceof Footprint.Unknown(NotCacheable reason)
            && (reason == NotCacheable.TOO_LARGE || reason == NotCacheable.TOO_SLOW);
    if (!isOfThisTextOnly) {
      if (known.size() >= MAX || key.catalog() != knownUnder) {
        knownUnder = key.catalog();
        known.clear();
      }
      known.put(key, made);
    }
    return made;
  }

  private void apply(
      Trail trail,
      Statement statement,
      @Nullable Arguments arguments,
      Footprint footprint,
      long since) {
    switch (footprint) {
      case Footprint.Reads reads -> {
        if (arguments == null) {
          trail.unclear(Doubt.TOO_MUCH, shown(statement));
        } else if (arguments.nameClock()) {
          unknown(trail, statement, NotCacheable.CLOCK);
        } else {
          reads(trail, statement, () -> reads.dependencies(arguments), since);
        }
      }
      case Footprint.Writes(var relations, boolean isAll, boolean mayRead) -> {
        trail.writes(isAll ? relations : null);
        // Otherwise it has been booked as a write, which is objection enough.
        if (mayRead && isAll && relations.stream().allMatch(watch.trails()::isBookkeeping)) {
          trail.unclear(Doubt.NOT_ANALYSABLE, "reads and writes: " + shown(statement));
        }
      }
      case Footprint.Unknown(NotCacheable reason) -> unknown(trail, statement, reason);
    }
  }

  void reads(Trail trail, Statement statement, Supplier<List<Dependency>> made, long since) {
    try {
      List<Dependency> dependencies = made.get();
      for (Dependency dependency : dependencies) {
        if (!watch.isFollowed().test(dependency.relation())) {
          trail.unclear(Doubt.NOT_ANALYSABLE, "a table not followed yet: " + shown(statement));
        }
      }
      trail.reads(dependencies, since);
    } catch (IndexOutOfBoundsException e) {
      trail.unclear(Doubt.NOT_ANALYSABLE, "a Bind message that ends too soon");
    }
  }

  static void unknown(Trail trail, Statement statement, NotCacheable reason) {
    unclear(trail, statement, word(reason) + ": " + shown(statement));
  }

  private static void unclear(Trail trail, Statement statement, String what) {
    trail.unclear(Doubt.NOT_ANALYSABLE, what);
    // A query may hide a write in a function; requests that may write wait for what is in doubt.
    boolean isQuery =
        switch (statement.verb()) {
          case SELECT, VALUES, TABLE, SHOW -> true;
          default -> false;
        };
    if (isQuery) {
      trail.reads(List.of());
    } else {
      trail.writes(null);
    }
  }

  private static String word(NotCacheable reason) {
    return reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String shown(Statement statement) {
    String text = statement.normalised();
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + " ...";
  }

  @Override
  public void close() {
    reader.shutdownNow();
  }
}
