package dev.freshet.changes;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Nodes;
import dev.freshet.sql.Catalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Follows a database's log as long as it is open: attaches, and when the log or the server is lost
/// attaches again, with pauses that grow.
public final class ChangeFeed implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.changes");

  /// With the eighth more it is shorter than a fence by default.
  public static final Duration LEASE = Duration.ofMillis(800);

  private static final int SHOWN = 20;

  private volatile ChangesConfig config;
  private final Freshness freshness;
  private final Time time;
  private final RandomGenerator random;
  private final FeedMeters meters;
  private final History history;
  private final Nodes nodes;
  private final Meeting meeting;
  private final long leaseNanos;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean isClosed;
  private boolean isHurried;
  private volatile boolean hasAttached;
  private @Nullable HostPort followed;
  private volatile @Nullable Attachment current;
  private volatile FeedSnapshot.State state = FeedSnapshot.State.CONNECTING;
  private volatile List<Trouble> troubles = List.of();
  private volatile Upkeep.@Nullable Known known;
  private volatile String server = "";
  private volatile Consumer<Catalog> listener = catalog -> {};

  private ChangeFeed(
      ChangesConfig config,
      Freshness freshness,
      Time time,
      RandomGenerator random,
      Meters meters,
      Duration lease) {
    this.config = config;
    this.freshness = freshness;
    this.time = time;
    this.random = random;
    this.history = new History(random);
    this.meters =
        FeedMeters.of(
            meters,
            () -> lagNanos() / 1e9,
            () -> state == FeedSnapshot.State.ATTACHED ? 1 : 0,
            this::waiting,
            () -> nodes().listed());
    this.leaseNanos = lease.toNanos();
    this.nodes = new Nodes(HexFormat.of().toHexDigits(random.nextLong()), lease.toNanos(), time);
    this.meeting = new Meeting(config, this::chosen, nodes, time);
    this.thread = Thread.ofPlatform().daemon().name("freshet-feed").unstarted(this::run);
  }

  /// Begins to attach and returns at once.
  ///
  /// @param random for names and pauses
  public static ChangeFeed start(
      ChangesConfig config, Freshness freshness, Time time, RandomGenerator random, Meters meters) {
    return start(config, freshness, time, random, meters, LEASE);
  }

  /// As above.
  ///
  /// @param lease once there are several nodes on the database, nothing is vouched for while the
  ///   feed is further behind than this, and an answer to a write is held for an eighth more at
  ///   most on account of a node that doesn't get on
  public static ChangeFeed start(
      ChangesConfig config,
      Freshness freshness,
      Time time,
      RandomGenerator random,
      Meters meters,
      Duration lease) {
    ChangeFeed feed = new ChangeFeed(config, freshness, time, random, meters, lease);
    freshness.feed().meets(feed.nodes);
    feed.meeting.start();
    feed.thread.start();
    return feed;
  }

  /// How far the database is prepared; changes nothing.
  public static Readiness examine(ChangesConfig config) {
    try (Connection session = Sessions.plain(Sessions.primary(config), "check")) {
      return Readiness.of(session, config);
    } catch (SQLException e) {
      return Readiness.unreachable(config, e);
    }
  }

  /// The tables and columns that there are, as a statement's dependencies would be looked up.
  public static Catalog catalog(ChangesConfig config) throws SQLException {
    try (Connection session = Sessions.plain(Sessions.primary(config), "check")) {
      session.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      session.setAutoCommit(false);
      Survey survey = Survey.take(session, config.publication(), Sessions.version(session));
      return CatalogReader.read(session, config.publication(), survey, Set.of());
    }
  }

  /// Makes the publication and puts every table into it that may be there.
  ///
  /// @param isFull also lets the log tell old rows in full, for all tables
  /// @return what was run
  /// @throws Trouble.Found for the first that failed
  public static List<String> prepare(ChangesConfig config, boolean isFull) {
    List<String> ran = new ArrayList<>();
    String next = "";
    try (Connection session = Sessions.plain(Sessions.primary(config), "check")) {
      Readiness readiness = Readiness.of(session, config);
      List<String> all = new ArrayList<>(isFull ? readiness.full() : List.of());
      all.addAll(readiness.statements());
      for (String statement : all) {
        next = statement;
        Sessions.run(session, statement);
        ran.add(statement);
      }
      return ran;
    } catch (SQLException e) {
      throw new Trouble.Found(
          new Trouble(
              "database " + config,
              "preparing failed"
                  + (next.isEmpty() ? "" : " at `" + next + "`")
                  + " ("
                  + Readiness.firstLine(e)
                  + ")",
              "let the owner of the table or a superuser run it"));
    }
  }

  /// How it is doing.
  public FeedSnapshot snapshot() {
    Upkeep.Known now = known;
    Attachment attached = current;
    List<String> lines = new ArrayList<>(troubles.stream().map(Trouble::line).toList());
    if (now != null && !now.failed().isEmpty()) {
      lines.add(
          "publication "
              + config.publication()
              + ": the user may not change it; let a superuser run `"
              + String.join("; ", now.failed())
              + "`");
    }
    return new FeedSnapshot(
        state,
        (attached == null ? config : config.at(attached.host())).toString(),
        attached == null || attached.server().isEmpty() ? server : attached.server(),
        Lsn.text(freshness.published()),
        lagNanos() / 1e6,
        waiting(),
        now == null ? 0 : now.covered().size(),
        now == null ? List.of() : now.uncovered().stream().limit(SHOWN).toList(),
        meters.attachments().sum(),
        nodes.listed(),
        lines);
  }

  /// OIDs of the tables every change of which is told.
  public Set<Long> covered() {
    Upkeep.Known now = known;
    return now == null ? Set.of() : now.covered();
  }

  /// What is known of the tables; null while nothing is.
  public @Nullable Catalog catalog() {
    Upkeep.Known now = known;
    return now == null ? null : now.catalog();
  }

  /// Tells of every catalog that is read from now on, before anything is concluded from it.
  public void onCatalog(Consumer<Catalog> told) {
    listener = told;
  }

  /// For who knows that something was defined anew: completes when the catalog was read again and
  /// everything concerned counts as changed, or there is no feed.
  public CompletableFuture<Void> schemaChanged() {
    Attachment attached = current;
    Upkeep upkeep = attached == null || !attached.isAttached() ? null : attached.upkeep();
    return upkeep == null
        ? CompletableFuture.completedFuture(null)
        : upkeep.reload().exceptionally(ended -> null);
  }

  /// From the next beginning on it logs in so, and is as patient.
  ///
  /// @param told names the same log as before
  public void reload(ChangesConfig told) {
    config = told;
  }

  /// Of several servers this is the one that is used from now on. When this returns nothing is
  /// vouched for any more on the strength of another's log.
  public void follow(HostPort server) {
    Attachment attached;
    lock.lock();
    try {
      isHurried |= !server.equals(followed);
      followed = server;
      attached = current;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (attached != null && !attached.host().equals(server)) {
      attached.revoke();
      state(FeedSnapshot.State.CONNECTING);
      Thread.ofVirtual().start(attached::close);
    }
    Thread.ofVirtual().start(() -> meeting.move(server));
  }

  /// The server to follow: the one that is used, as far as that is known.
  private ChangesConfig chosen() throws SQLException {
    HostPort told;
    lock.lock();
    try {
      told = followed;
    } finally {
      lock.unlock();
    }
    return told == null ? Sessions.primary(config) : config.at(told);
  }

  /// Waits until it is in some state; false when that took too long.
  public boolean await(FeedSnapshot.State wanted, Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lock();
    try {
      while (state != wanted) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private long lagNanos() {
    Attachment attached = current;
    return attached == null || !attached.isAttached() ? 0 : attached.lag().lastNanos();
  }

  private Nodes nodes() {
    return nodes;
  }

  private int waiting() {
    Attachment attached = current;
    Pulse pulse = attached == null ? null : attached.pulse();
    return pulse == null ? 0 : pulse.waiting();
  }

  private void state(FeedSnapshot.State now) {
    lock.lock();
    try {
      state = isClosed ? FeedSnapshot.State.CLOSED : now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (now == FeedSnapshot.State.ATTACHED) {
      troubles = List.of();
    }
  }

  private void begun(FeedSnapshot.State now) {
    if (now == FeedSnapshot.State.ATTACHED && state == FeedSnapshot.State.WAITING) {
      hasAttached = true;
      meters.attachments().increment();
    }
    state(now);
  }

  private void run() {
    Pauses pauses = new Pauses(random);
    long begun;
    try {
      do {
        begun = time.nanos();
        hasAttached = false;
        attachOnce();
        if (isHurried()) {
          pauses.reset();
        }
      } while (awaitNext(pauses.next(hasAttached, time.nanos() - begun)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      state(FeedSnapshot.State.CLOSED);
    }
  }

  private boolean isHurried() {
    lock.lock();
    try {
      return isHurried;
    } finally {
      lock.unlock();
    }
  }

  /// False when there is to be none.
  private boolean awaitNext(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !isClosed && !isHurried) {
        left = changed.awaitNanos(left);
      }
      isHurried = false;
      return !isClosed;
    } finally {
      lock.unlock();
    }
  }

  private void attachOnce() throws InterruptedException {
    ChangesConfig at;
    try {
      at = chosen();
    } catch (SQLException e) {
      ended(e);
      return;
    }
    Attachment attachment =
        new Attachment(
            new Attachment.FeedContext(
                at,
                freshness,
                time,
                meters,
                history,
                this::begun,
                now -> {
                  listener.accept(now.catalog());
                  known = now;
                },
                meeting,
                nodes,
                leaseNanos));
    try (attachment) {
      lock.lock();
      try {
        if (isClosed || (followed != null && !followed.equals(at.server()))) {
          return;
        }
        current = attachment;
      } finally {
        lock.unlock();
      }
      attachment.run(config.slotPrefix() + "_" + HexFormat.of().toHexDigits(random.nextLong()));
    } catch (Trouble.Found e) {
      ended(e.troubles());
    } catch (SQLException | Decoder.Fault | RuntimeException e) {
      Throwable first = attachment.failure();
      ended(first == null ? e : first);
    } finally {
      history.reached(freshness.published());
      current = null;
      server = attachment.server().isEmpty() ? server : attachment.server();
    }
  }

  private void ended(Throwable why) {
    String said = String.valueOf(why.getMessage()).lines().findFirst().orElse("");
    boolean isFault = !(why instanceof SQLException);
    if (isFault) {
      LOG.log(System.Logger.Level.ERROR, "the change feed ended in an internal fault", why);
    }
    ended(
        List.of(
            new Trouble(
                "database " + config,
                (hasAttached ? "the change feed was lost (" : "it can't be followed (")
                    + said
                    + ")",
                "Freshet tries again by itself, and till then serves nothing by rows")));
  }

  private void ended(List<Trouble> why) {
    lock.lock();
    try {
      if (isClosed) {
        return;
      }
    } finally {
      lock.unlock();
    }
    if (!why.equals(troubles)) {
      why.forEach(trouble -> LOG.log(System.Logger.Level.WARNING, trouble.line()));
    }
    troubles = why;
    state(FeedSnapshot.State.OFF);
  }

  @Override
  public void close() {
    Attachment attached;
    lock.lock();
    try {
      isClosed = true;
      attached = current;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (attached != null) {
      attached.close();
    }
    meeting.close();
    thread.interrupt();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
