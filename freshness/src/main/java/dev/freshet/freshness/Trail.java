package dev.freshet.freshness;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// What one trip to the app reads and writes, gathered under its trace while it lasts.
public final class Trail {
  private static final int MAX_READS = 20_000;

  private final Trails trails;
  private final TraceId id;
  private final String route;
  private final long openedNanos;
  private final Freshness.@Nullable AsOf asOf;
  private final CompletableFuture<Learned> learned = new CompletableFuture<>();
  private final DatabaseTime databaseTime = new DatabaseTime();

  /// With the position that had been published before the first part of the answer that depends on
  /// it was read.
  private final Map<Dependency, Long> reads = new LinkedHashMap<>();

  private final Set<Long> writes = new LinkedHashSet<>();
  private boolean wroteUnknown;
  private @Nullable Collection<Dependency> declared;
  private Unshown unshown = Unshown.NOTHING;
  private @Nullable Doubt doubt;
  private String detail = "";
  private int statements;
  private int pending;
  private boolean closed;
  private boolean isTelling;
  private long visitor;

  Trail(Trails trails, TraceId id, String route, long openedNanos, Freshness.@Nullable AsOf asOf) {
    this.trails = trails;
    this.id = id;
    this.route = route;
    this.openedNanos = openedNanos;
    this.asOf = asOf;
  }

  public TraceId id() {
    return id;
  }

  /// The route whose answer is being made.
  public String route() {
    return route;
  }

  /// When it was opened, on the scale of [dev.freshet.base.Time#nanos].
  public long openedNanos() {
    return openedNanos;
  }

  /// What its statements have taken.
  public DatabaseTime databaseTime() {
    return databaseTime;
  }

  // ---- for who sees the statements ----

  /// As below, of a statement of which it is only known that it came after the beginning.
  public void reads(Collection<Dependency> dependencies) {
    reads(dependencies, 0);
  }

  /// A statement was seen that reads these; book it before its rows can reach the app.
  ///
  /// @param since a position that had been published before it could see anything; 0 for that of
  ///   the beginning
  public synchronized void reads(Collection<Dependency> dependencies, long since) {
    statements++;
    long from = since == 0 && asOf != null ? asOf.position() : since;
    for (Dependency dependency : dependencies) {
      if (!trails.isBookkeeping(dependency.relation())) {
        reads.merge(dependency, from, Trail::earlier);
      }
    }
    if (reads.size() > MAX_READS) {
      unclear(Doubt.TOO_MUCH, "");
      reads.clear();
    }
  }

  static long earlier(long one, long other) {
    return Long.compareUnsigned(one, other) < 0 ? one : other;
  }

  /// A statement was seen that changes rows of these tables; null for unknown ones.
  public synchronized void writes(@Nullable Collection<Long> relations) {
    statements++;
    if (relations == null) {
      wroteUnknown = true;
    } else {
      relations.stream().filter(r -> !trails.isBookkeeping(r)).forEach(writes::add);
    }
  }

  /// Something was seen that can't be told.
  public synchronized void unclear(Doubt why, String what) {
    if (doubt == null) {
      doubt = why;
      detail = what;
    }
  }

  /// A statement was seen about which more will be said: then call [#settled], whatever happens.
  public synchronized void awaits() {
    pending++;
  }

  /// What [#awaits] announced has been booked.
  public void settled() {
    synchronized (this) {
      pending--;
      if (!closed || pending > 0) {
        return;
      }
    }
    complete();
  }

  // ---- for who serves the answer ----

  /// The answer is made from these and nothing else: its operator says so, and what is seen counts
  /// no more, but for writes.
  public synchronized void declares(Collection<Dependency> dependencies) {
    declared = List.copyOf(dependencies);
  }

  /// Its operator says that the answer doesn't show these.
  public synchronized void omits(Unshown columns) {
    unshown = columns;
  }

  /// Its answer would be kept: what it touches tells of tables that spoil that.
  ///
  /// @param who tells visitors apart; 0 for one who brings nothing to do so
  public synchronized void tellsOf(long who) {
    isTelling = true;
    visitor = who;
  }

  private void over() {
    trails.closed(this);
    if (isTelling && pending == 0 && doubt == null && !wroteUnknown) {
      trails.visitorTables().saw(reads.keySet(), writes, visitor);
    }
  }

  /// Why nothing would be learned if the answer were complete now; null if something would, or if
  /// statements are still being analysed.
  public synchronized @Nullable Doubt doubtSoFar() {
    Learned.Nothing nothing = pending > 0 ? null : objection();
    return nothing == null ? null : nothing.doubt();
  }

  /// Whether it can't be ruled out that rows were changed.
  public synchronized boolean mayHaveWritten() {
    return hasWritten() || doubt != null || pending > 0 || statements == 0;
  }

  /// Whether rows were changed, or may have been; those of bookkeeping tables don't count.
  public synchronized boolean hasWritten() {
    return wroteUnknown || !writes.isEmpty();
  }

  /// The tables whose rows were changed; null when that is not known.
  public synchronized @Nullable Set<Long> written() {
    return wroteUnknown ? null : Set.copyOf(writes);
  }

  /// Whether any statement came under this trace.
  public synchronized boolean hasSeenStatements() {
    return statements > 0;
  }

  /// The answer is complete. What was learned is told at once, but for statements that are still
  /// being analysed.
  public CompletableFuture<Learned> close() {
    synchronized (this) {
      if (closed) {
        return learned;
      }
      closed = true;
      over();
      if (pending > 0) {
        return learned;
      }
    }
    complete();
    return learned;
  }

  /// Nobody waits for the answer any more, but the app may not know that yet.
  public void giveUp() {
    end(true);
  }

  /// The trip is over, and nobody asks what the answer was made from.
  public void drop() {
    end(false);
  }

  private void end(boolean isGivenUp) {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      if (isGivenUp) {
        trails.givenUp(this);
      }
      over();
    }
    learned.complete(new Learned.Nothing(Doubt.NOTHING_SEEN, ""));
  }

  private void complete() {
    if (learned.isDone()) {
      return;
    }
    Learned out;
    synchronized (this) {
      out = conclude();
    }
    learned.complete(out);
  }

  private Learned conclude() {
    Freshness.AsOf from = asOf;
    Learned.Nothing nothing = objection();
    if (nothing != null || from == null) {
      return nothing == null ? new Learned.Nothing(Doubt.NO_FEED, "") : nothing;
    }
    Collection<Dependency> all = declared;
    Freshness freshness = trails.freshness();
    return new Learned.From(
        all == null
            ? freshness.evidence(from, unshown.without(reads))
            : freshness.evidence(from, all));
  }

  private Learned.@Nullable Nothing objection() {
    if (asOf == null || !trails.freshness().isAttached()) {
      return new Learned.Nothing(Doubt.NO_FEED, "");
    }
    Doubt why = doubt;
    if (why != null && declared == null) {
      return new Learned.Nothing(why, detail);
    }
    if (hasWritten()) {
      return new Learned.Nothing(Doubt.WROTE, wroteUnknown ? "" : writes.toString());
    }
    if (reads.isEmpty() && declared == null) {
      return new Learned.Nothing(Doubt.NOTHING_SEEN, "");
    }
    return null;
  }
}
