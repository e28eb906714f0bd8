package dev.freshet.freshness;

import dev.freshet.base.Time;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/* Why no old answer is taken for a new one.
 *
 * Positions order the database's log. For each transaction X that committed at position p the feed
 * does three things, in this order: it books every change of X under p (fold); it waits until a
 * new snapshot of the database sees X (a commit is in the log before it leaves the list of running
 * transactions); it publishes p.
 *
 * A fill reads `published` before its first read of the database, and its answer carries that
 * position as `asOf`. An answer is current iff nothing it depends on has changed after its `asOf`.
 * Let the answer depend on something that X changed.
 *
 * - If X was published when the fill began, every read of the fill came after X was visible to new
 *   snapshots: the answer contains X, and p <= asOf.
 * - If not, asOf < p. From the moment X is folded the answer is not current; before X is folded X
 *   is not published, so nobody has been promised to see it. That the fill may have read X all the
 *   same costs a needless miss.
 *
 * So at any time an answer that is current reflects everything published (G1). A writer that is
 * answered only after `published` has passed its commit can rely on it (G2): see [#passed].
 *
 * A column's values are only booked once somebody depends on them. Who begins to depend on a
 * column first puts it on the list and then books the column as changed at the horizon, the
 * highest position of which folding has begun; the feed first raises the horizon and then looks at
 * the list. So either the feed sees the column, or the horizon covers what the feed did not book.
 *
 * Some answers depend on rows, but only on some of their columns. Two things are known of each:
 * when one of the rows last changed in any way (r), and when a row of the table last came or
 * went, or any row last got another value in one of the columns (c). The answer is current iff
 * the earlier of the two is not after its `asOf`. A change that concerns it is one of such a row
 * and of such a kind: it raises both to its position or more, since both are booked before it is
 * published. So if the earlier one is not after `asOf`, there was no such change after it. The
 * two may come from two changes that don't concern it; that costs a needless miss. Of a column
 * that an answer only compares with constants, no other value counts but one with another result:
 * see [Comparisons]. Which columns changed is booked for all columns of all tables, whoever depends
 * on them, so there is no moment from which on it counts but the start of the feed.
 *
 * An answer is mostly made from several reads, each with a snapshot of its own. Let every part be
 * current by the position published before that part was read, all looked at after some position q
 * was published. Whatever was published by q had been booked, so nothing between the part's own
 * position and q changed it: each part, and so the whole, is what it would be if read as of q. So
 * the answer may carry q, although parts of it were read before others changed.
 *
 * Without a feed nothing is current (G3), and with one nothing from the moment on up to which it is
 * known to be in time. What a feed saw before it was attached is unknown: the lowest `asOf` that
 * counts lies at or behind its first position. How an acknowledged write holds for other nodes on
 * the same database is argued in [Nodes]. Positions of another log (another server,
 * another timeline) can't be compared: each log has a number of its own, the history.
 */

/// Whether answers still are what the database would say.
public final class Freshness {
  /// How many last changes are remembered: 16 octets each.
  public static final int PLACES = 1 << 20;

  /// Rules that a test may take away, to see that it would notice.
  public enum Rule {
    AS_OF_BEFORE_READING,
    VISIBLE_BEFORE_PUBLISHED,
    EVERY_NODE_BEFORE_ACKNOWLEDGED
  }

  private final LastChanges changes;
  private final ColumnChanges columns = new ColumnChanges();
  private final Comparisons comparisons = new Comparisons(columns);
  private final Set<Rule> without;
  private final Time time;
  private final Feed feed = new Feed();
  private final Map<Long, Set<Integer>> watched = new ConcurrentHashMap<>();
  private final NavigableMap<Long, List<CompletableFuture<Boolean>>> fences =
      new TreeMap<>(Long::compareUnsigned);

  private final List<Watchlist<?>> watchlists = new CopyOnWriteArrayList<>();

  private volatile @Nullable Attachment attachment;
  private volatile long published;
  private volatile long horizon;

  private volatile boolean suspended;
  private long suspensions;
  private volatile long until;
  private volatile boolean isLimited;
  private volatile @Nullable Nodes nodes;

  /// Moves on whenever an answer found current may no longer be.
  private final AtomicLong state = new AtomicLong(1);

  /// @param number of this attachment: no other is equal to it
  /// @param history of the log
  /// @param floor answers as of an earlier position are not vouched for
  /// @param head asks the database for the position behind everything committed by now
  private record Attachment(
      long number, long history, long floor, Supplier<CompletableFuture<Long>> head) {}

  /// What an answer that begins to be made now may claim.
  ///
  /// @param history of the log
  /// @param position published by now
  public record AsOf(long history, long position) {}

  public Freshness() {
    this(PLACES);
  }

  /// @param places how many last changes to remember
  public Freshness(int places) {
    this(places, Set.of());
  }

  /// @param without rules not to keep: then answers are served that are old
  public Freshness(int places, Set<Rule> without) {
    this(places, without, Time.system());
  }

  /// @param time by which [Feed#until] is kept
  public Freshness(int places, Set<Rule> without, Time time) {
    this.changes = new LastChanges(places);
    this.without = Set.copyOf(without);
    this.time = time;
  }

  // ---- who makes and serves answers ----

  /// True while a feed tells of changes in time.
  public boolean isAttached() {
    return attachment != null && isInTime();
  }

  private boolean isInTime() {
    return !suspended && (!isLimited || time.nanos() - until <= 0);
  }

  /// True while there is a feed, in time or not.
  public boolean hasFeed() {
    return attachment != null;
  }

  /// The position up to which everything committed is booked and visible.
  public long published() {
    return published;
  }

  /// To be taken before the first read of what the answer is made from; null without a feed.
  public @Nullable AsOf asOf() {
    Attachment before = attachment;
    long position = published;
    if (before == null || !isInTime() || !before.equals(attachment)) {
      return null;
    }
    return new AsOf(before.history, position);
  }

  /// Ties an answer to what it was made from.
  public Evidence evidence(AsOf asOf, Collection<Dependency> dependencies) {
    boolean isLate = without.contains(Rule.AS_OF_BEFORE_READING);
    long position = isLate ? published : asOf.position();
    List<Dependency> distinct = Gathered.of(dependencies);
    Set<Long> marks = new LinkedHashSet<>();
    List<Evidence.Limited> limited = new ArrayList<>();
    for (Dependency dependency : distinct) {
      marks.add(Mark.whole(dependency.relation()));
      switch (dependency) {
        case Dependency.Whole whole -> addMarks(whole, marks);
        case Dependency.Columns(
                Dependency.Whole of,
                List<Integer> which,
                List<Comparison> compared,
                boolean _) -> {
          Set<Long> own = new LinkedHashSet<>();
          addMarks(of, own);
          int[] numbers = new int[which.size()];
          for (int i = 0; i < numbers.length; i++) {
            numbers[i] = which.get(i);
          }
          List<Comparisons.Watched> watching = new ArrayList<>(compared.size());
          for (Comparison each : compared) {
            watching.add(comparisons.watch(of.relation(), each));
          }
          limited.add(new Evidence.Limited(array(own), of.relation(), numbers, watching));
        }
      }
    }
    return new Evidence(asOf.history(), position, distinct, array(marks), limited);
  }

  private void addMarks(Dependency.Whole dependency, Set<Long> marks) {
    switch (dependency) {
      case Dependency.Table(long relation) -> marks.add(Mark.table(relation));
      case Dependency.Rows(long relation, int column, String value) -> {
        watch(relation, column);
        marks.add(Mark.column(relation, column));
        marks.add(Mark.rows(relation, column, value));
      }
    }
  }

  private static long[] array(Set<Long> marks) {
    long[] out = new long[marks.size()];
    int at = 0;
    for (long mark : marks) {
      out[at++] = mark;
    }
    return out;
  }

  /// As [#evidence], for an answer made from parts that were read one after the other. What changed
  /// before its part was read does not end it.
  ///
  /// @param since with each dependency the position that had been published before its part was
  ///   read
  public Evidence evidence(AsOf asOf, Map<Dependency, Long> since) {
    Evidence made = evidence(asOf, since.keySet());
    if (isCurrent(made)) {
      return made;
    }
    long now = published;
    Map<Long, List<Dependency>> parts = new LinkedHashMap<>();
    since.forEach((dependency, position) ->
        parts.computeIfAbsent(position, p -> new ArrayList<>()).add(dependency));
    boolean areCurrent =
        parts.entrySet().stream()
            .allMatch(part -> isCurrent(evidence(asOf.history(), part.getKey(), part.getValue())));
    return areCurrent ? evidence(asOf.history(), now, since.keySet()) : made;
  }

  /// As [#evidence], for an answer that comes from elsewhere with its history and position.
  public Evidence evidence(long history, long position, Collection<Dependency> dependencies) {
    return evidence(new AsOf(history, position), dependencies);
  }

  private void watch(long relation, int column) {
    Set<Integer> columns = watched.computeIfAbsent(relation, r -> ConcurrentHashMap.newKeySet());
    // Nobody goes on before the first has booked what the feed did not.
    synchronized (columns) {
      if (columns.add(column)) {
        VarHandle.fullFence();
        changes.changed(Mark.column(relation, column), horizon);
        state.incrementAndGet();
      }
    }
  }

  /// Whether the answer still is what the database would say, as far as anything was published.
  public boolean isCurrent(Evidence evidence) {
    long now = state.get();
    if (!isInTime()) {
      return false;
    }
    if (now == evidence.foundCurrentAt()) {
      return true;
    }
    Attachment to = attachment;
    boolean isCurrent =
        to != null
            && evidence.history() == to.history
            && Long.compareUnsigned(evidence.asOf(), to.floor) >= 0
            && changes.allBy(evidence.marks(), evidence.asOf())
            && isCurrentByColumns(evidence)
            // A feed that begins anew forgets the changes it knew of before it counts again.
            && to.equals(attachment);
    if (isCurrent) {
      evidence.foundCurrentAt(now);
    }
    return isCurrent;
  }

  private boolean isCurrentByColumns(Evidence evidence) {
    long asOf = evidence.asOf();
    for (Evidence.Limited each : evidence.limited()) {
      boolean isAsItWas =
          changes.allBy(each.marks(), asOf)
              || (columns.allBy(each.relation(), each.columns(), asOf)
                  && comparisons.allBy(each.comparisons(), asOf));
      if (!isAsItWas) {
        return false;
      }
    }
    return true;
  }

  /// For somebody who wants to hear of changes instead of asking.
  ///
  /// @param told after something was published, and when the feed comes or goes; on the feed's
  ///   thread, so it must be short
  public <T> Watchlist<T> watchlist(Runnable told) {
    Watchlist<T> list = new Watchlist<>(told, this::published, watchlists::remove);
    watchlists.add(list);
    return list;
  }

  /// Whether another node is there on the same database, or may be.
  public boolean isAccompanied() {
    Nodes all = nodes;
    return all != null && all.isAccompanied();
  }

  /// Whether this node goes before the others on the same database, where one of all has to do
  /// something.
  public boolean isFirstFor(String what) {
    Nodes all = nodes;
    return all == null || all.isFirstFor(what);
  }

  // ---- who writes ----

  /// False where nobody can be shown from memory what was before a write, here or at another node.
  public boolean isShown() {
    return attachment != null || nodes != null;
  }

  /// Completes when whoever asks from then on is shown everything committed before this call, here
  /// and at every other node: with true when `published` has passed it, with false when there is no
  /// feed, and so nothing that could be shown from memory. Never fails; may take for ever, so limit
  /// it, and call [#doubt] when the limit is reached.
  public CompletableFuture<Boolean> passed() {
    Attachment to = attachment;
    Nodes all = without.contains(Rule.EVERY_NODE_BEFORE_ACKNOWLEDGED) ? null : nodes;
    if (to == null) {
      CompletableFuture<Boolean> none = CompletableFuture.completedFuture(false);
      // While it is about to attach its own entry says what it will vouch for.
      return all == null ? none : all.passed(null, true).thenCombine(none, (done, own) -> own);
    }
    CompletableFuture<Long> head = to.head.get();
    CompletableFuture<Boolean> here = passedHere(to, head);
    return all == null ? here : all.passed(head, false).thenCombine(here, (done, own) -> own);
  }

  private CompletableFuture<Boolean> passedHere(Attachment to, CompletableFuture<Long> head) {
    CompletableFuture<Boolean> out = new CompletableFuture<>();
    var _ =
        head.whenComplete((position, failure) -> {
          if (failure == null) {
            await(to, position, out);
          } else if (!out.isDone()) {
            // Where the log ends is unknown: so is everything, until the feed begins anew.
            feed.detach();
            out.complete(false);
          }
        });
    return out;
  }

  private void await(Attachment to, long position, CompletableFuture<Boolean> fence) {
    boolean isSame;
    synchronized (fences) {
      // Under a later attachment everything before it counts as unknown anyway.
      isSame = to.equals(attachment);
      if (isSame && Long.compareUnsigned(published, position) < 0) {
        fences.computeIfAbsent(position, p -> new ArrayList<>()).add(fence);
        return;
      }
    }
    fence.complete(isSame);
  }

  /// Takes nothing for granted that was made before now from these tables, without waiting for the
  /// feed to tell what changed in them; null for every table there is. Completes when that is so.
  public CompletableFuture<Void> doubt(@Nullable Collection<Long> relations) {
    Attachment to = attachment;
    CompletableFuture<Void> out = new CompletableFuture<>();
    if (to == null || relations == null) {
      feed.detach();
      out.complete(null);
      return out;
    }
    to.head
        .get()
        .whenComplete((position, failure) -> {
          if (failure != null) {
            feed.detach();
          } else {
            relations.forEach(relation -> feed.whole(relation, position));
            feed.settle();
          }
          out.complete(null);
        });
    return out;
  }

  // ---- the feed ----

  /// For the one that reads the database's log.
  public Feed feed() {
    return feed;
  }

  /// Tells of changes: one thread, in the order of the log.
  public final class Feed {
    private Feed() {}

    /// Begins to vouch, or begins anew.
    ///
    /// @param history a number for the log: equal for the same database on the same server on the
    ///   same timeline, also in other processes
    /// @param start from here on every commit will be told; everything before is visible
    /// @param head asks the database for a position behind everything committed by then
    public void attach(long history, long start, Supplier<CompletableFuture<Long>> head) {
      attach(history, start, start, head);
    }

    /// As above.
    ///
    /// @param floor at or behind the start: answers as of a position before it are not vouched for
    public synchronized void attach(
        long history, long start, long floor, Supplier<CompletableFuture<Long>> head) {
      detach();
      changes.clear();
      columns.clear();
      comparisons.clear();
      horizon = start;
      published = start;
      suspensions++;
      suspended = false;
      attachment = new Attachment(state.get(), history, floor, head);
      state.incrementAndGet();
      tellEverybody();
    }

    /// Nothing is vouched for until it is attached again.
    public synchronized void detach() {
      if (attachment == null) {
        return;
      }
      attachment = null;
      state.incrementAndGet();
      release(-1);
      tellEverybody();
    }

    /// While it lags too far behind nothing is vouched for; whoever waits for his write may have
    /// given up meanwhile. So everything is as before only when all that was committed by the end
    /// of that is published.
    public synchronized void suspend(boolean isLate) {
      suspensions++;
      Attachment to = attachment;
      if (isLate || to == null) {
        suspended(isLate);
        return;
      }
      long now = suspensions;
      CompletableFuture<Boolean> caughtUp = new CompletableFuture<>();
      var _ = caughtUp.thenRun(() -> resume(to, now));
      to.head
          .get()
          .whenComplete((position, failure) -> {
            if (failure == null) {
              await(to, position, caughtUp);
            } else {
              detach();
            }
          });
    }

    private synchronized void resume(Attachment to, long suspension) {
      if (suspension == suspensions && to.equals(attachment)) {
        suspended(false);
      }
    }

    private void suspended(boolean isSuspended) {
      if (suspended != isSuspended) {
        suspended = isSuspended;
        state.incrementAndGet();
        tellEverybody();
      }
    }

    /// From this moment on nothing is vouched for, unless it is called again with a later one.
    ///
    /// @param nanos on the scale of [Time#nanos]
    public void until(long nanos) {
      until = nanos;
      isLimited = true;
    }

    /// There may be other nodes on the same database: [#passed] waits for them too.
    public void meets(Nodes others) {
      nodes = others;
    }

    /// Folding of a transaction begins: what follows belongs to it.
    ///
    /// @param position inside its commit record: above the end of any commit before
    public void begin(long position) {
      horizon = position;
      // The maps behind [#watched] may be read early otherwise.
      VarHandle.fullFence();
    }

    /// The columns of a table whose values have to be told. Ask after [#begin].
    public Set<Integer> watched(long relation) {
      return watched.getOrDefault(relation, Set.of());
    }

    /// Some row of the table changed.
    public void table(long relation, long position) {
      changed(Mark.table(relation), position);
    }

    /// Some row of the table came or went.
    public void members(long relation, long position) {
      columns.members(relation, position);
    }

    /// Some row of the table got another value in this column, or may have.
    public void updated(long relation, int column, long position) {
      columns.changed(relation, column, position);
    }

    /// The columns of a table of which somebody only wants to know how they compare. Ask for each
    /// row that an UPDATE changed, after [#updated].
    public Set<Integer> compared(long relation) {
      return comparisons.columns(relation);
    }

    /// Some row of the table got another value in this column.
    ///
    /// @param mayTurn whether a comparison may have another result for it than for the old one
    public void turned(long relation, int column, long position, Predicate<Comparison> mayTurn) {
      comparisons.changed(relation, column, position, mayTurn);
    }

    /// A row that had or has this value changed.
    public void rows(long relation, int column, String value, long position) {
      changed(Mark.rows(relation, column, value), position);
    }

    /// A row changed that may have had any value in this column.
    public void column(long relation, int column, long position) {
      changed(Mark.column(relation, column), position);
    }

    /// The table was emptied, or is another than before.
    public void whole(long relation, long position) {
      changed(Mark.whole(relation), position);
    }

    private void changed(long mark, long position) {
      changes.changed(mark, position);
      for (Watchlist<?> list : watchlists) {
        list.note(mark, position);
      }
    }

    private void tellEverybody() {
      watchlists.forEach(Watchlist::noteEverybody);
      watchlists.forEach(Watchlist::tell);
    }

    /// All of a transaction is told.
    public void settle() {
      state.incrementAndGet();
      if (without.contains(Rule.VISIBLE_BEFORE_PUBLISHED)) {
        publish(horizon);
      }
    }

    /// Everything that committed up to here is told and visible to new snapshots.
    public void publish(long position) {
      if (Long.compareUnsigned(position, published) <= 0) {
        return;
      }
      published = position;
      release(position);
      watchlists.forEach(Watchlist::tell);
    }

    private void release(long position) {
      List<CompletableFuture<Boolean>> free = new ArrayList<>();
      synchronized (fences) {
        NavigableMap<Long, List<CompletableFuture<Boolean>>> passed =
            fences.headMap(position, true);
        passed.values().forEach(free::addAll);
        passed.clear();
      }
      boolean isPublished = attachment != null;
      free.forEach(fence -> fence.complete(isPublished));
    }
  }
}
