package dev.freshet.changes;

import dev.freshet.base.Time;
import dev.freshet.freshness.Freshness;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/* When a transaction may be published, and where the log ends.
 *
 * A commit is in the log before it leaves PostgreSQL's list of running transactions, a little or,
 * where it waits for a standby, for ever. Until then new snapshots don't see it. So whether it is
 * visible is asked of a snapshot that is taken after its commit was read from the log: what isn't
 * in progress there is seen by every later snapshot too. One question serves all that wait, and
 * they are published in the order of the log, so a transaction that isn't visible yet holds back
 * those behind it.
 *
 * Who has written asks how far the log goes, to wait until so much is published. The answer is the
 * insert position, taken after the question was put: a transaction that commits with
 * synchronous_commit = off is answered before its commit is flushed, and any session may have
 * switched it off. The price is that the position may lie behind work that nobody has committed
 * yet; the log is only sent once it is flushed, and PostgreSQL's log writer may let 200 ms pass
 * before it does so. Hence, where the log isn't flushed up to an answer a millisecond later, a
 * note is written to it that flushes it.
 *
 * Both are asked in the same breath: one query, one answer for everybody who had asked before it
 * was sent.
 */

/// Asks the database, as long as somebody waits for it, what is visible and where its log ends.
final class Pulse {
  /// Beyond it the log isn't read on until something has become visible.
  static final int MAX_WAITING = 100_000;

  private static final String QUESTION =
      "select pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text,"
          + " pg_current_wal_flush_lsn()::text";

  /// An unflushed end of the log is given so much time to be flushed by somebody's commit.
  private static final long FLUSH_NANOS = 1_000_000;

  /// Pauses between two looks at a transaction that doesn't become visible.
  private static final int EAGER = 20;

  private static final long MIN_PAUSE_NANOS = 100_000;
  private static final long MAX_PAUSE_NANOS = 5_000_000;

  private final Connection session;
  private final String flush;
  private final Freshness.Feed feed;
  private final Time time;
  private final LongConsumer published;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final ArrayDeque<Told> told = new ArrayDeque<>();
  private final Askers<Long> asking = new Askers<>(lock, work);
  private int tries;
  private long unflushed;
  private long unflushedSince;

  /// @param published is told each position that was published
  Pulse(Connection session, int version, Freshness.Feed feed, Time time, LongConsumer published) {
    this.session = session;
    this.flush =
        version >= 170_000
            ? "select pg_logical_emit_message(false, 'freshet.flush', '', true)"
            : "select pg_logical_emit_message(true, 'freshet.flush', '')";
    this.feed = feed;
    this.time = time;
    this.published = published;
  }

  /// A position behind everything that is committed by now.
  CompletableFuture<Long> head() {
    return asking.ask();
  }

  /// Publishes it when its time has come; waits while too many are waiting.
  void publish(Told next) throws InterruptedException {
    CompletableFuture<Void> after = next.after();
    if (after != null) {
      var _ = after.whenComplete((done, failure) -> wake());
    }
    lock.lock();
    try {
      while (told.size() >= MAX_WAITING && !asking.isOver()) {
        room.await();
      }
      Told last = told.peekLast();
      tries = last == null ? 0 : tries;
      if (last != null && last.isPlace() && next.isPlace()) {
        told.removeLast();
      }
      told.add(next);
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /// How many wait to be published.
  int waiting() {
    lock.lock();
    try {
      return told.size();
    } finally {
      lock.unlock();
    }
  }

  private void wake() {
    lock.lock();
    try {
      tries = 0;
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /// Until [#end] or until the session is lost.
  void run() throws SQLException, InterruptedException {
    try (PreparedStatement question = session.prepareStatement(QUESTION)) {
      while (awaitWork()) {
        beat(question);
      }
    } finally {
      end();
    }
  }

  /// Nobody is answered from now on.
  void end() {
    asking.end();
    lock.lock();
    try {
      told.clear();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean awaitWork() throws InterruptedException {
    lock.lock();
    try {
      while (!asking.isOver() && asking.isEmpty()) {
        if (told.isEmpty() && unflushed == 0) {
          work.await();
        } else if (tries < EAGER) {
          return true;
        } else {
          long pause = MIN_PAUSE_NANOS << Math.min(tries - EAGER, 10);
          boolean isEarly =
              work.awaitNanos(Math.min(pause, MAX_PAUSE_NANOS)) > 0 && !asking.isEmpty();
          if (!isEarly) {
            return !asking.isOver();
          }
        }
      }
      return !asking.isOver();
    } finally {
      lock.unlock();
    }
  }

  private void beat(PreparedStatement question) throws SQLException {
    List<CompletableFuture<Long>> asked;
    int count;
    lock.lock();
    try {
      asked = asking.take();
      count = told.size();
    } finally {
      lock.unlock();
    }
    try {
      boolean isSimple = asked.isEmpty() && unflushed == 0 && isPlaceOnly(count);
      Answer answer = isSimple ? null : ask(question);
      publishUpTo(count, answer);
      if (answer != null) {
        asked.forEach(one -> one.complete(answer.end));
        flush(answer, !asked.isEmpty());
      }
    } finally {
      Askers.refuse(asked, new IllegalStateException("the server was not heard"));
    }
  }

  /// @param end of the log
  /// @param flushed how far it is on disk, or sent to it
  private record Answer(Snapshot snapshot, long end, long flushed) {}

  private static Answer ask(PreparedStatement question) throws SQLException {
    try (ResultSet row = question.executeQuery()) {
      row.next();
      return new Answer(
          Snapshot.parse(row.getString(1)),
          Lsn.parse(row.getString(2)),
          Lsn.parse(row.getString(3)));
    }
  }

  private boolean isPlaceOnly(int count) {
    lock.lock();
    try {
      return count == 1 && told.getFirst().isPlace();
    } finally {
      lock.unlock();
    }
  }

  /// Of those that had been told when the question was put.
  private void publishUpTo(int count, @Nullable Answer answer) throws SQLException {
    Told last = null;
    int gone = 0;
    lock.lock();
    try {
      while (gone < count && !told.isEmpty() && isDue(told.getFirst(), answer)) {
        last = told.removeFirst();
        gone++;
      }
      tries = gone > 0 ? 0 : tries + 1;
      room.signal();
    } finally {
      lock.unlock();
    }
    if (last != null) {
      feed.publish(last.position());
      published.accept(last.position());
    }
  }

  private static boolean isDue(Told next, @Nullable Answer answer) throws SQLException {
    Integer xid = next.xid();
    if (xid != null && (answer == null || !answer.snapshot.isOver(xid.intValue()))) {
      return false;
    }
    CompletableFuture<Void> after = next.after();
    if (after == null) {
      return true;
    }
    if (after.isCompletedExceptionally()) {
      throw new SQLException("the catalog could not be read anew");
    }
    return after.isDone();
  }

  private void flush(Answer answer, boolean isAsked) throws SQLException {
    if (isAsked && Long.compareUnsigned(answer.end, answer.flushed) > 0) {
      unflushedSince = unflushed == 0 ? time.nanos() : unflushedSince;
      unflushed = answer.end;
      return;
    }
    if (unflushed == 0) {
      return;
    }
    if (Long.compareUnsigned(answer.flushed, unflushed) >= 0) {
      unflushed = 0;
    } else if (time.nanos() - unflushedSince > FLUSH_NANOS) {
      Sessions.run(session, flush);
      unflushed = 0;
    }
  }
}
