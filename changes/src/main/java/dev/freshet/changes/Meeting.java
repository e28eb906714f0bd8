package dev.freshet.changes;

import dev.freshet.base.HostPort;
import dev.freshet.base.Time;
import dev.freshet.freshness.Nodes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/* The list of nodes is PostgreSQL's own list of sessions: it is in its shared memory, says what is
 * so at this moment, is open to every role, and needs neither table nor log. A node's entry is the
 * name of this session, renewed whenever more is published and somebody else is there:
 * `freshet node 9f3c5a1b7d204e68 16/B374D848 800`, or with `-` for a node that shows nothing. What
 * other sessions are called is anybody's choice: a login that calls itself a node can hold back
 * answers to writes, for as long as their fence. One that takes the id of another node, which every
 * role can read, is not taken for that node unless it is of the same role. No name holds the end of
 * a line, by which they are cut apart. Who may log in to the database is trusted with that much.
 *
 * The session that reads the log says whose it is as well. A node whose session here is lost, and
 * which is about to open another, is therefore not taken for gone while it still hears of changes;
 * and whoever loses that one knows it at once, because it is read all the time.
 */

/// This node's place among the others on the database, as long as it runs.
final class Meeting implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.changes");
  private static final String OUT_OF_SIGHT = "the list of nodes is out of sight";
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long SETTLE_MILLIS = 50;
  private static final int EAGER = 20;
  private static final long MIN_PAUSE_NANOS = 150_000;
  private static final long MAX_PAUSE_NANOS = 5_000_000;
  private static final long FIRST_PAUSE_NANOS = 20_000_000;
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final String NODE = "freshet node ";
  private static final String FEED = "feed ";

  /// The end of the log is asked for in the same breath, and the list only where it is wanted.
  private static final String QUESTION =
      """
      select set_config('application_name', ?, false), pg_current_wal_insert_lsn()::text,
        case when ? then (
          select string_agg(usesysid || ' ' || application_name, chr(10)) from pg_stat_get_activity(null)
          where datid = (select oid from pg_database where datname = current_database())
            and (application_name like 'freshet node %' or application_name like 'freshet feed %'))
        end
      """;

  /// Says where the nodes meet.
  @FunctionalInterface
  interface Place {
    ChangesConfig find() throws SQLException;
  }

  private final ChangesConfig config;
  private final Place place;
  private final Nodes nodes;
  private final Time time;
  private final Thread thread;
  private final AtomicBoolean isSettling = new AtomicBoolean();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Askers<Seat> joining = new Askers<>(lock, work);
  private boolean isWanted;
  private boolean isSayingOwed;
  private int tries;
  private long looked;
  private @Nullable Connection session;
  private @Nullable HostPort metAt;
  private @Nullable Exception trouble;

  private volatile long leaseNanos;
  private volatile @Nullable Seat seat;
  private volatile long answered;

  /// What this node shows from one attachment of its feed to the end of it.
  static final class Seat {
    private final HostPort server;
    private volatile long position;

    private Seat(HostPort server) {
      this.server = server;
    }

    HostPort server() {
      return server;
    }

    /// The place in the log before which it may not vouch for anything, until more is published.
    long position() {
      return position;
    }
  }

  Meeting(ChangesConfig config, Place place, Nodes nodes, Time time) {
    this.config = config;
    this.place = place;
    this.nodes = nodes;
    this.time = time;
    this.leaseNanos = config.maxLag().toNanos();
    this.answered = time.nanos();
    this.thread = Thread.ofPlatform().daemon().name("freshet-nodes").unstarted(this::run);
    nodes.onWanted(this::want);
  }

  void start() {
    thread.start();
  }

  /// What the session that reads the log is called.
  String logPurpose() {
    return FEED + nodes.self() + ' ' + config.maxLag().toMillis();
  }

  // ---- this node ----

  /// Enters this node as one that shows something.
  CompletableFuture<Seat> join() {
    return joining.ask();
  }

  /// Everything up to here is published.
  void published(Seat on, long to) {
    if (Long.compareUnsigned(on.position, to) < 0) {
      on.position = to;
      if (nodes.isAccompanied()) {
        say();
      }
    }
  }

  /// Nothing that it shows is older than this from now on.
  void lease(long nanos) {
    if (nanos != leaseNanos) {
      leaseNanos = nanos;
      say();
    }
  }

  /// It shows nothing any more from that seat.
  void leave(Seat left) {
    lock.lock();
    try {
      if (left.equals(seat)) {
        seat = null;
      }
    } finally {
      lock.unlock();
    }
    say();
  }

  /// The nodes meet at this server from now on.
  void move(HostPort to) {
    boolean isElsewhere;
    lock.lock();
    try {
      isElsewhere = !to.equals(metAt);
    } finally {
      lock.unlock();
    }
    if (isElsewhere) {
      abort();
    }
  }

  /// For how long there has been no list to look at.
  long silenceNanos() {
    return time.nanos() - answered;
  }

  private void say() {
    lock.lock();
    try {
      isSayingOwed = true;
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  private void want() {
    lock.lock();
    try {
      isWanted = true;
      tries = 0;
      work.signal();
    } finally {
      lock.unlock();
    }
    settleSoon();
  }

  /// Those who wait are let go in time, whatever becomes of the session.
  private void settleSoon() {
    if (isSettling.compareAndSet(false, true)) {
      CompletableFuture.delayedExecutor(SETTLE_MILLIS, TimeUnit.MILLISECONDS)
          .execute(() -> {
            isSettling.set(false);
            nodes.settle();
            if (nodes.isAwaited()) {
              settleSoon();
            }
          });
    }
  }

  // ---- the session ----

  private void run() {
    long pause = FIRST_PAUSE_NANOS;
    try {
      while (!joining.isOver()) {
        long begun = time.nanos();
        try {
          meet();
        } catch (SQLException e) {
          trouble = e;
          LOG.log(System.Logger.Level.DEBUG, OUT_OF_SIGHT, e);
        } catch (RuntimeException e) {
          trouble = e;
          LOG.log(System.Logger.Level.ERROR, "an internal fault among the nodes", e);
        }
        nodes.outOfSight();
        refuse(joining.take());
        boolean wasLong = time.nanos() - begun > LONGEST_PAUSE_NANOS;
        pause = wasLong ? FIRST_PAUSE_NANOS : Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        pause(pause);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      joining.end();
      nodes.outOfSight();
    }
  }

  private void pause(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !joining.isOver() && joining.isEmpty()) {
        left = work.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void meet() throws SQLException, InterruptedException {
    ChangesConfig at = place.find();
    try (Connection opened = Sessions.plain(at, purpose());
        PreparedStatement question = opened.prepareStatement(QUESTION)) {
      lock.lock();
      try {
        session = opened;
        metAt = at.server();
        isWanted = true;
        trouble = null;
      } finally {
        lock.unlock();
      }
      while (awaitWork()) {
        beat(question, at.server());
      }
      // So that the others need not wait for what is no longer shown; they look that often.
      ask(question, false);
      if (nodes.isAccompanied()) {
        LockSupport.parkNanos(EVERY_NANOS + EVERY_NANOS / 2);
      }
    }
  }

  /// As it follows `freshet`.
  private String purpose() {
    Seat taken = seat;
    String said = taken == null ? "-" : Lsn.text(taken.position);
    return "node " + nodes.self() + ' ' + said + ' ' + TimeUnit.NANOSECONDS.toMillis(leaseNanos);
  }

  /// False when it is all over.
  private boolean awaitWork() throws InterruptedException {
    lock.lock();
    try {
      while (!joining.isOver() && !isWanted && !isSayingOwed && joining.isEmpty()) {
        long left = looked + pauseNanos() - time.nanos();
        if (left <= 0) {
          tries++;
          isWanted = true;
        } else {
          work.awaitNanos(left);
        }
      }
      return !joining.isOver();
    } finally {
      lock.unlock();
    }
  }

  /// Between two looks.
  private long pauseNanos() {
    if (!nodes.isAwaited()) {
      return EVERY_NANOS;
    }
    int doublings = Math.clamp(tries - EAGER, 0, 10);
    return Math.min(MIN_PAUSE_NANOS << doublings, MAX_PAUSE_NANOS);
  }

  private void beat(PreparedStatement question, HostPort server) throws SQLException {
    List<CompletableFuture<Seat>> entering = joining.take();
    try {
      boolean isLook;
      lock.lock();
      try {
        isLook = isWanted || time.nanos() - looked > EVERY_NANOS;
        isWanted = false;
        isSayingOwed = false;
      } finally {
        lock.unlock();
      }
      if (!entering.isEmpty()) {
        enter(question, server, entering);
      } else if (isLook) {
        looked = time.nanos();
        long number = nodes.look();
        Answer answer = ask(question, true);
        nodes.seen(number, answer.end, answer.entries);
      } else {
        ask(question, false);
      }
    } finally {
      refuse(entering);
    }
  }

  private void refuse(List<CompletableFuture<Seat>> entering) {
    Askers.refuse(entering, new IllegalStateException(OUT_OF_SIGHT, trouble));
  }

  /// First entered, with nothing published, then asked how far the log goes: see [Nodes].
  private void enter(
      PreparedStatement question, HostPort server, List<CompletableFuture<Seat>> entering)
      throws SQLException {
    Seat taken = new Seat(server);
    seat = taken;
    boolean isDone = false;
    try {
      ask(question, false);
      taken.position = ask(question, false).end;
      isDone = true;
    } finally {
      if (!isDone) {
        leave(taken);
      }
    }
    boolean isTaken = false;
    for (CompletableFuture<Seat> one : entering) {
      isTaken |= one.complete(taken);
    }
    if (!isTaken) {
      // Whoever asked has given up, and will not leave it.
      leave(taken);
    }
    want();
    say();
  }

  /// @param end of the log
  private record Answer(long end, List<Nodes.Entry> entries) {}

  private Answer ask(PreparedStatement question, boolean isLook) throws SQLException {
    question.setString(1, "freshet " + purpose());
    question.setBoolean(2, isLook);
    try (ResultSet row = question.executeQuery()) {
      row.next();
      String list = row.getString(3);
      answered = time.nanos();
      return new Answer(
          Lsn.parse(row.getString(2)), list == null ? List.of() : entries(list, config.maxLag()));
    }
  }

  /// @param list lines with role and name of a session
  /// @param longest lease of one that doesn't say
  static List<Nodes.Entry> entries(String list, Duration longest) {
    Map<String, Nodes.Entry> nodes = new HashMap<>();
    Map<String, Nodes.Entry> logs = new HashMap<>();
    for (String line : list.split("\n", -1)) {
      int space = line.indexOf(' ');
      String name = line.substring(space + 1);
      Nodes.Entry entry = entry(Long.parseLong(line.substring(0, space)), name, longest);
      if (entry == null) {
        continue;
      }
      String who = entry.role() + " " + entry.id();
      (name.startsWith(NODE) ? nodes : logs).merge(who, entry, Meeting::surer);
    }
    nodes.forEach(logs::put);
    return new ArrayList<>(logs.values());
  }

  /// Of a session that is lost and its successor: what a node has published it has published.
  private static Nodes.Entry surer(Nodes.Entry one, Nodes.Entry other) {
    Long first = one.position();
    Long second = other.position();
    boolean isOther = first == null || (second != null && Long.compareUnsigned(first, second) < 0);
    return isOther ? other : one;
  }

  private static Nodes.@Nullable Entry entry(long role, String name, Duration longest) {
    String[] words = name.split(" ", -1);
    if (words.length < 4) {
      return null;
    }
    boolean isNode = name.startsWith(NODE);
    try {
      long lease = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(words[words.length - 1]));
      Long shown = !isNode ? Long.valueOf(0) : words[3].equals("-") ? null : Lsn.parse(words[3]);
      return new Nodes.Entry(role, words[2], shown, lease);
    } catch (IllegalArgumentException e) {
      return new Nodes.Entry(role, words[2], 0L, longest.toNanos());
    }
  }

  @Override
  public void close() {
    seat = null;
    joining.end();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(1));
      if (thread.isAlive()) {
        abort();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void abort() {
    Connection left;
    lock.lock();
    try {
      left = session;
    } finally {
      lock.unlock();
    }
    if (left != null) {
      Sessions.abort(left);
    }
  }
}
