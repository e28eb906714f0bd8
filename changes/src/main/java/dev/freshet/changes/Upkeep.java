package dev.freshet.changes;

import dev.freshet.base.Time;
import dev.freshet.freshness.Freshness;
import dev.freshet.sql.Catalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/* How changes of definitions reach answers.
 *
 * Definitions are not in the log, so the catalog is looked at about once a second, at once when
 * somebody says that something was defined anew, and before a transaction is published whose rows
 * don't fit what is known. When it has changed, what is known is replaced first, and then the
 * tables concerned are told as changed at a position above everything published by then. So an
 * answer for which a statement was read by the old catalog began before that position, and is
 * current no more.
 *
 * A table that is new in the publication is not counted at once: a transaction that had written to
 * it before may commit later, and its rows are left out of what is sent. It counts once all
 * transactions that were in progress when it was found are over. So does one that was taken out and
 * put back, by whomever, even if nobody looked while it was out: see [Fingerprint#carriedAnew].
 */

/// Looks after catalog and publication, and writes the notes by which lag is measured.
final class Upkeep {
  private static final Duration EVERY = Duration.ofSeconds(1);

  /// Looking at the catalog may take this share of the time.
  private static final int LEISURE = 50;

  /// Notes within the time that nothing shown may be older than.
  static final int NOTES = 4;

  private final Connection session;
  private final int version;
  private final ChangesConfig config;
  private final Publication publication;
  private final Freshness.Feed feed;
  private final Lag lag;
  private final Time time;
  private final Consumer<Known> listener;
  private final long everyNanos;
  private volatile long noteNanos;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Askers<Void> wanted = new Askers<>(lock, work);

  private @Nullable Fingerprint fingerprint;
  private Set<Long> counted = Set.of();
  private final Map<Long, Long> newcomers = new HashMap<>();
  private volatile long nextNote;
  private long nextLook;
  private volatile @Nullable Known known;

  /// What the catalog says.
  ///
  /// @param catalog in which just these tables count as published
  /// @param covered OIDs of the tables every change of which is told
  /// @param uncovered names of the others
  /// @param failed statements that the user may not run
  record Known(
      Schema schema,
      Catalog catalog,
      Set<Long> covered,
      List<String> uncovered,
      List<String> failed) {}

  /// @param listener is told what is known whenever that is new
  Upkeep(
      Connection session,
      int version,
      ChangesConfig config,
      Freshness.Feed feed,
      Lag lag,
      Time time,
      Consumer<Known> listener) {
    this.session = session;
    this.version = version;
    this.config = config;
    this.publication = new Publication(config.publication(), version);
    this.feed = feed;
    this.lag = lag;
    this.time = time;
    this.listener = listener;
    this.everyNanos = Math.min(EVERY.toNanos(), config.maxLag().toNanos() / NOTES);
    this.noteNanos = everyNanos;
  }

  Schema schema() {
    Known now = known;
    if (now == null) {
      throw new IllegalStateException("the catalog has not been read");
    }
    return now.schema;
  }

  /// Looks at what is there already. Call before it is waited that everything is over that is in
  /// progress.
  void glance() throws SQLException {
    fingerprint = look();
  }

  private Fingerprint look() throws SQLException {
    return Fingerprint.take(session, config.publication(), version);
  }

  /// Reads everything for the first time.
  void begin() throws SQLException {
    counted = load(Set.of(), true);
    nextLook = time.nanos();
    nextNote = time.nanos();
  }

  /// Puts the publication in order before anything is read from the log; gives what failed.
  List<String> publish() throws SQLException {
    Survey survey = Survey.take(session, config.publication(), version);
    return publication.keep(session, survey);
  }

  /// Reads the catalog anew; done when it is known.
  CompletableFuture<Void> reload() {
    return wanted.ask();
  }

  /// Until [#end] or until the session is lost.
  void run() throws SQLException, InterruptedException {
    try {
      while (true) {
        List<CompletableFuture<Void>> asked = awaitWork();
        if (asked == null) {
          return;
        }
        try {
          if (!asked.isEmpty()) {
            renew();
            asked.forEach(one -> one.complete(null));
          }
        } finally {
          Askers.refuse(asked, new IllegalStateException("the catalog was not read"));
        }
        if (time.nanos() - nextNote >= 0) {
          note();
          lookAround();
        }
      }
    } finally {
      end();
    }
  }

  void end() {
    wanted.end();
  }

  /// Notes are to follow each other so closely from now on.
  void pace(long nanos) {
    lock.lock();
    try {
      noteNanos = Math.min(everyNanos, nanos);
      nextNote = time.nanos();
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /// Who wants the catalog; empty when it is time for a look around, null when it is all over.
  private @Nullable List<CompletableFuture<Void>> awaitWork() throws InterruptedException {
    lock.lock();
    try {
      long left = nextNote - time.nanos();
      while (left > 0 && !wanted.isOver() && wanted.isEmpty()) {
        work.awaitNanos(left);
        left = nextNote - time.nanos();
      }
      return wanted.isOver() ? null : wanted.take();
    } finally {
      lock.unlock();
    }
  }

  private void note() throws SQLException {
    long since = time.nanos();
    nextNote = since + noteNanos;
    String at = Sessions.one(session, "select pg_logical_emit_message(true, 'freshet.note', '')");
    lag.noted(since, Lsn.parse(at));
  }

  private void lookAround() throws SQLException {
    long now = time.nanos();
    if (now - nextLook < 0) {
      return;
    }
    boolean isSame = look().isSame(before());
    nextLook = now + Math.max(everyNanos, (time.nanos() - now) * LEISURE);
    if (!isSame || publication.isDeferred() || areNewcomersDue()) {
      renew();
    }
  }

  private Fingerprint before() {
    Fingerprint before = fingerprint;
    if (before == null) {
      throw new IllegalStateException("the catalog has not been read");
    }
    return before;
  }

  private boolean areNewcomersDue() throws SQLException {
    if (newcomers.isEmpty()) {
      return false;
    }
    Snapshot now = Snapshot.parse(Sessions.one(session, "select pg_current_snapshot()::text"));
    return newcomers.values().stream().anyMatch(first -> now.xmin() >= first);
  }

  private void renew() throws SQLException {
    Schema old = schema();
    Fingerprint before = before();
    Set<Long> had = counted;
    Snapshot now = Snapshot.parse(Sessions.one(session, "select pg_current_snapshot()::text"));
    Set<Long> grown = new HashSet<>(had);
    newcomers.forEach((oid, first) -> {
      if (now.xmin() >= first) {
        grown.add(oid);
      }
    });
    counted = load(grown, false);
    newcomers.keySet().removeAll(counted);
    Set<Long> concerned = new HashSet<>();
    Set<Long> changed = before().changed(before);
    if (changed == null) {
      concerned.addAll(old.roots());
      concerned.addAll(schema().roots());
    } else {
      for (long oid : changed) {
        concerned.add(old.root(oid));
        concerned.add(schema().root(oid));
      }
    }
    had.stream().filter(oid -> !counted.contains(oid)).forEach(concerned::add);
    counted.stream().filter(oid -> !had.contains(oid)).forEach(concerned::add);
    tell(concerned);
  }

  private void tell(Set<Long> relations) throws SQLException {
    if (relations.isEmpty()) {
      return;
    }
    long end = Lsn.parse(Sessions.one(session, "select pg_current_wal_insert_lsn()::text"));
    relations.forEach(relation -> feed.whole(relation, end + 1));
    feed.settle();
    // So that positions move on beyond it, and answers can be current again.
    note();
  }

  /// @param may these count, if they are covered
  /// @param isFirst all count that are covered, and have been since the glance
  private Set<Long> load(Set<Long> may, boolean isFirst) throws SQLException {
    List<String> failed = publish();
    session.setAutoCommit(false);
    try {
      Sessions.run(session, "set transaction isolation level repeatable read, read only");
      Fingerprint now = look();
      Set<Long> anew = now.carriedAnew(before());
      fingerprint = now;
      Survey survey = Survey.take(session, config.publication(), version);
      Set<Long> covered = survey.covered();
      Set<Long> counts = new HashSet<>(covered);
      if (!isFirst) {
        counts.retainAll(may);
      }
      if (anew == null) {
        counts.clear();
        newcomers.clear();
      } else {
        for (long oid : anew) {
          counts.remove(survey.root(oid));
          // One that waits already may have been out again: it waits for who is there now.
          newcomers.remove(survey.root(oid));
        }
      }
      Catalog catalog = CatalogReader.read(session, config.publication(), survey, counts);
      Schema schema = SchemaReader.read(session, survey, catalog);
      List<String> uncovered =
          survey.tops().stream()
              .filter(top -> !counts.contains(top.oid()))
              .map(Survey.Subject::name)
              .toList();
      session.commit();
      covered.removeAll(counts);
      await(covered);
      Known found = new Known(schema, catalog, Set.copyOf(counts), uncovered, failed);
      known = found;
      listener.accept(found);
      return counts;
    } finally {
      session.setAutoCommit(true);
    }
  }

  /// They count when everything is over that is in progress now.
  private void await(Set<Long> tables) throws SQLException {
    newcomers.keySet().retainAll(tables);
    if (newcomers.keySet().containsAll(tables)) {
      return;
    }
    session.setAutoCommit(true);
    long next = Long.parseLong(Sessions.one(session, "select pg_current_xact_id()::text"));
    tables.forEach(oid -> newcomers.putIfAbsent(oid, next));
  }
}
