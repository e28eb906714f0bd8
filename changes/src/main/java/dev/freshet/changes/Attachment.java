package dev.freshet.changes;

import dev.freshet.base.HostPort;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Nodes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/* Why nothing is missed at the beginning.
 *
 * The slot's consistent point S divides the log: of a transaction whose commit record lies at S or
 * behind it every change is sent, of one whose record lies before it nothing is. To attach at S is
 * to say that everything before S is visible to new snapshots. That isn't true by itself: a commit
 * before S may still wait for a standby, and no snapshot sees it until it is done.
 *
 * After the slot was made a transaction id N is drawn. Whoever has a commit record before S had its
 * id before N. So once a snapshot says that every transaction below N is over, everything before S
 * is visible, and only then is the feed attached. Transactions below N that are just long keep us
 * waiting as well; making a slot waits for those that have written before in any case.
 *
 * The catalog is read after the slot was made. What is defined anew after that is noticed as
 * [Upkeep] says; what was before is in it. A table that the publication has carried only since that
 * wait began counts as a new one.
 *
 * Positions count in one log only. Its number is made of the cluster's identifier, its timeline
 * and the database, so that several Freshets give one log one number, and a standby that took over
 * gives it another.
 */

/// The feed from one beginning to its end.
final class Attachment implements AutoCloseable {
  private static final Duration CONFIRM_EVERY = Duration.ofSeconds(10);
  private static final String CLOSED = "the feed was closed";
  private static final long WATCH_NANOS = 20_000_000;
  private static final long JOIN_SECONDS = 10;

  /// A stream that is silent for so long, while the database answers, is not waited for.
  private static final int SILENCE = 4;

  private final FeedContext context;
  private final List<Connection> sessions = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final Lag lag;
  private volatile boolean isClosed;
  private volatile boolean isAttached;
  private volatile boolean isLate;
  private volatile @Nullable Pulse pulse;
  private volatile @Nullable Upkeep upkeep;
  private volatile Meeting.@Nullable Seat seat;
  private volatile String server = "";

  /// What an attachment is made with.
  ///
  /// @param history gives the log's number, from its name and the position it starts at
  /// @param stated is told what it is about
  /// @param known is told what the catalog says
  /// @param meeting of the nodes on the database
  /// @param leaseNanos nothing shown may be older once there are several
  record FeedContext(
      ChangesConfig config,
      Freshness freshness,
      Time time,
      FeedMeters meters,
      History history,
      Consumer<FeedSnapshot.State> stated,
      Consumer<Upkeep.Known> known,
      Meeting meeting,
      Nodes nodes,
      long leaseNanos) {}

  Attachment(FeedContext context) {
    this.context = context;
    this.lag = new Lag(context.time());
  }

  /// Begins and follows the log until it ends, for whatever reason.
  ///
  /// @param slot a name that nobody else has
  /// @throws Trouble.Found where there can be no feed as things are
  void run(String slot) throws SQLException, Decoder.Fault, InterruptedException {
    ChangesConfig config = context.config();
    context.stated().accept(FeedSnapshot.State.CONNECTING);
    Connection second = kept(Sessions.plain(config, "upkeep"));
    int version = Sessions.version(second);
    Readiness readiness = Readiness.of(second, config);
    if (!readiness.isReady()) {
      throw new Trouble.Found(readiness.obstacles());
    }
    server = readiness.server();
    Freshness.Feed feed = context.freshness().feed();
    Upkeep catalog =
        new Upkeep(second, version, config, feed, lag, context.time(), context.known());
    upkeep = catalog;
    publication(second, catalog);
    LogStream stream =
        new LogStream(kept(Sessions.replication(config, context.meeting().logPurpose())));
    LogStream.Identity identity = stream.identify();
    Connection first = kept(Sessions.plain(config, "pulse"));
    context.stated().accept(FeedSnapshot.State.WAITING);
    long start = stream.makeSlot(slot);
    catalog.glance();
    awaitEndOfOthers(second);
    catalog.begin();
    Meeting.Seat taken = join();
    long floor = taken.position();
    Pulse beat =
        new Pulse(
            first,
            version,
            feed,
            context.time(),
            position -> {
              lag.published(position);
              context.meeting().published(taken, position);
            });
    pulse = beat;
    Folding folding =
        new Folding(
            feed,
            catalog::schema,
            catalog::reload,
            context.meters().rows(),
            context.meters().transactions());
    stream.begin(slot, config.publication(), version);
    String database =
        identity.system()
            + '/'
            + identity.timeline()
            + '/'
            + Sessions.one(
                second, "select oid::text from pg_database where datname = current_database()");
    attach(feed, context.history().of(database, start), start, floor, beat);
    context.stated().accept(FeedSnapshot.State.ATTACHED);
    inBackground("pulse", beat::run);
    inBackground("upkeep", catalog::run);
    inBackground("watch", this::watch);
    follow(stream, folding, beat);
  }

  /// Not once it was closed: who closes it must be able to rely on that.
  private synchronized void attach(
      Freshness.Feed feed, long history, long start, long floor, Pulse beat) throws SQLException {
    if (isClosed) {
      throw new SQLException(CLOSED);
    }
    feed.until(lag.heardOf() + limitNanos());
    feed.attach(history, start, floor, beat::head);
    isAttached = true;
  }

  /// From now on the other nodes wait for this one.
  private Meeting.Seat join() throws SQLException, InterruptedException {
    long since = context.time().nanos();
    CompletableFuture<Meeting.Seat> asked = context.meeting().join();
    // Whatever comes of it is this attachment's to leave again.
    var _ = asked.thenAccept(taken -> seat = taken);
    try {
      Meeting.Seat taken = asked.get(JOIN_SECONDS, TimeUnit.SECONDS);
      if (!taken.server().equals(context.config().server())) {
        context.meeting().move(context.config().server());
        throw new SQLException("the nodes meet at " + taken.server());
      }
      lag.begun(since);
      return taken;
    } catch (ExecutionException e) {
      Throwable why = e;
      while (why.getCause() != null) {
        why = why.getCause();
      }
      throw new SQLException(
          "this node could not be entered beside the others (" + Readiness.firstLine(why) + ")", e);
    } catch (TimeoutException e) {
      throw new SQLException("this node could not be entered beside the others in time", e);
    } finally {
      // Nobody waits any more; of no effect on one that has come.
      asked.cancel(false);
      Meeting.Seat mine = seat;
      if (isClosed && mine != null) {
        context.meeting().leave(mine);
      }
    }
  }

  /// Nothing that is shown is older.
  private long limitNanos() {
    long alone = context.config().maxLag().toNanos();
    return context.nodes().hasMet() ? Math.min(alone, context.leaseNanos()) : alone;
  }

  private synchronized Connection kept(Connection session) throws SQLException {
    sessions.add(session);
    if (isClosed) {
      session.close();
      throw new SQLException(CLOSED);
    }
    return session;
  }

  private void publication(Connection session, Upkeep catalog) throws SQLException {
    List<String> failed = catalog.publish();
    String name = context.config().publication();
    boolean isThere =
        !Sessions.rows(session, "select 1 from pg_publication where pubname = ?", name).isEmpty();
    if (!isThere) {
      throw new Trouble.Found(
          new Trouble(
              "database " + context.config(),
              "there is no publication " + name + " and the user may not make it",
              "let a superuser run `" + String.join("; ", failed) + "`"));
    }
  }

  private void awaitEndOfOthers(Connection session) throws SQLException, InterruptedException {
    long next = Long.parseLong(Sessions.one(session, "select pg_current_xact_id()::text"));
    long pause = 200_000;
    while (Snapshot.parse(Sessions.one(session, "select pg_current_snapshot()::text")).xmin()
        < next) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(2 * pause, 50_000_000);
    }
  }

  /// Work that ends the attachment when it fails.
  @FunctionalInterface
  private interface Work {
    void run() throws SQLException, InterruptedException;
  }

  private void inBackground(String name, Work work) {
    Thread.ofPlatform()
        .daemon()
        .name("freshet-feed-" + name)
        .start(() -> {
          try {
            work.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (SQLException | RuntimeException e) {
            fail(e);
          }
        });
  }

  private void fail(Throwable why) {
    failure.compareAndSet(null, why);
    abort();
  }

  private void follow(LogStream stream, Folding folding, Pulse beat)
      throws SQLException, Decoder.Fault, InterruptedException {
    long confirmed = context.time().nanos();
    while (true) {
      LogStream.Sent sent = stream.next();
      boolean isAnswerWanted = false;
      switch (sent) {
        case null -> throw new SQLException("the server has ended the stream");
        case LogStream.Sent.Data(LogMessage message) -> {
          Told told = folding.fold(message);
          if (told != null) {
            beat.publish(told);
          }
        }
        case LogStream.Sent.Keepalive(long position, boolean isWanted) -> {
          isAnswerWanted = isWanted;
          if (!folding.isOpen()) {
            beat.publish(Told.place(position));
          }
        }
      }
      long now = context.time().nanos();
      if (isAnswerWanted || now - confirmed > CONFIRM_EVERY.toNanos()) {
        stream.confirm(context.freshness().published(), context.time().millis());
        confirmed = now;
      }
    }
  }

  /// Looks whether the feed is in time, and whether it still counts.
  private void watch() throws SQLException {
    Freshness freshness = context.freshness();
    long before = context.config().maxLag().toNanos();
    boolean wasToldLate = false;
    while (!isClosed) {
      LockSupport.parkNanos(WATCH_NANOS);
      long limit = limitNanos();
      Upkeep notes = upkeep;
      if (limit != before && notes != null) {
        notes.pace(limit / Upkeep.NOTES);
      }
      before = limit;
      long staleness = lag.stalenessNanos();
      limit(limit, staleness > limit);
      context.meeting().lease(limit);
      // In time again it vouches only when it has caught up with what was acknowledged meanwhile.
      boolean isToldLate = isLate || (wasToldLate && !freshness.isAttached());
      if (isToldLate != wasToldLate) {
        wasToldLate = isToldLate;
        context.stated().accept(isToldLate ? FeedSnapshot.State.LATE : FeedSnapshot.State.ATTACHED);
      }
      if (!freshness.hasFeed()) {
        throw new SQLException("what had been published was called in doubt");
      }
      Pulse beat = pulse;
      boolean isSilent = beat != null && beat.waiting() == 0 && staleness > SILENCE * limit;
      if (isSilent) {
        throw new SQLException("the stream is silent");
      }
      if (context.meeting().silenceNanos() > SILENCE * limit) {
        throw new SQLException("the other nodes are out of sight");
      }
    }
  }

  /// In force first, and then said to the others. Not once it was closed: by then another
  /// attachment may be the one that counts.
  private synchronized void limit(long limitNanos, boolean isNowLate) {
    if (isClosed) {
      return;
    }
    Freshness.Feed feed = context.freshness().feed();
    feed.until(lag.heardOf() + limitNanos);
    if (isNowLate != isLate) {
      isLate = isNowLate;
      feed.suspend(isNowLate);
    }
  }

  /// What made it end, where that was not the stream itself.
  @Nullable Throwable failure() {
    return failure.get();
  }

  boolean isAttached() {
    return isAttached;
  }

  Lag lag() {
    return lag;
  }

  @Nullable Pulse pulse() {
    return pulse;
  }

  @Nullable Upkeep upkeep() {
    return upkeep;
  }

  String server() {
    return server;
  }

  private synchronized void abort() {
    isClosed = true;
    for (Connection session : sessions) {
      Sessions.abort(session);
    }
  }

  /// Which server it follows.
  HostPort host() {
    return context.config().server();
  }

  /// At once, before what takes longer: it vouches for nothing any more.
  void revoke() {
    synchronized (this) {
      isClosed = true;
    }
    context.freshness().feed().detach();
  }

  @Override
  public void close() {
    revoke();
    Meeting.Seat mine = seat;
    if (mine != null) {
      context.meeting().leave(mine);
    }
    abort();
    Pulse beat = pulse;
    if (beat != null) {
      beat.end();
    }
    Upkeep catalog = upkeep;
    if (catalog != null) {
      catalog.end();
    }
  }
}
