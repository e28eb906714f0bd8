package dev.freshet.changes;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Freshness;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/// What bench/changes/run.sh runs: how long after a commit's answer an answer made from its row
/// stops counting, what a fence costs, and how long a NOTIFY from a trigger takes beside it.
final class FeedSpeed {
  private static final int WRITERS = 5;
  private static final int PROBES = 50;

  private FeedSpeed() {}

  /// Arguments: host, port, database, user, commits a second, seconds, nodes.
  public static void main(String... arguments) throws Exception {
    HostPort server = new HostPort(arguments[0], Integer.parseInt(arguments[1]));
    ChangesConfig config = ChangesConfig.of(server, arguments[2], arguments[3], "", "disable");
    int rate = Integer.parseInt(arguments[4]);
    int seconds = Integer.parseInt(arguments[5]);
    try (Connection setup = connect(config)) {
      Sessions.run(setup, "drop table if exists stock");
      Sessions.run(setup, "create table stock (id int primary key, n int)");
      Sessions.run(setup, "insert into stock select i, 0 from generate_series(1, 1000) i");
    }
    Freshness freshness = new Freshness();
    try (ChangeFeed feed =
        ChangeFeed.start(config, freshness, Time.system(), new Random(7), new Meters())) {
      if (!feed.await(FeedSnapshot.State.ATTACHED, Duration.ofSeconds(30))) {
        throw new IllegalStateException("the feed did not attach: " + feed.snapshot());
      }
      // The first round is for warming up.
      measure(config, freshness, rate, Math.max(2, seconds / 3));
      print(measure(config, freshness, rate, seconds));
      System.out.println("feed                      " + feed.snapshot());
      besides(Integer.parseInt(arguments[6]) - 1, config, freshness, rate, seconds);
    }
    peer(config, rate, seconds);
  }

  /// The same with further nodes on the database, which a write waits for too.
  private static void besides(
      int others, ChangesConfig config, Freshness freshness, int rate, int seconds)
      throws SQLException, InterruptedException, ExecutionException {
    List<ChangeFeed> feeds = new ArrayList<>();
    for (int i = 0; i < others; i++) {
      ChangeFeed feed =
          ChangeFeed.start(config, new Freshness(), Time.system(), new Random(8 + i), new Meters());
      feeds.add(feed);
      if (!feed.await(FeedSnapshot.State.ATTACHED, Duration.ofSeconds(30))) {
        throw new IllegalStateException("the feed did not attach: " + feed.snapshot());
      }
    }
    if (others > 0) {
      System.out.println("with " + (1 + others) + " nodes");
      measure(config, freshness, rate, Math.max(2, seconds / 3));
      print(measure(config, freshness, rate, seconds));
    }
    feeds.forEach(ChangeFeed::close);
  }

  private static Connection connect(ChangesConfig config) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://"
            + config.server()
            + "/"
            + config.database()
            + "?user="
            + config.user());
  }

  /// @param invalid from just before the COMMIT is sent until the answer doesn't count
  /// @param afterAnswer the same from the COMMIT's answer on; 0 where it was earlier
  /// @param fence what waiting for `published` adds to a write
  @SuppressWarnings("ArrayRecordComponent")
  private record Times(long[] invalid, long[] afterAnswer, long[] fence, long commits) {}

  private static Times measure(ChangesConfig config, Freshness freshness, int rate, int seconds)
      throws SQLException, InterruptedException, ExecutionException {
    long oid;
    try (Connection c = connect(config)) {
      oid = Long.parseLong(Sessions.one(c, "select 'stock'::regclass::oid::text"));
    }
    int each = rate * seconds / WRITERS;
    List<Future<Times>> running = new ArrayList<>();
    try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
      for (int w = 0; w < WRITERS; w++) {
        int first = w * 200 + 1;
        running.add(
            writers.submit(
                () -> write(config, freshness, oid, first, each, 1_000_000_000L * WRITERS / rate)));
      }
    }
    List<Times> all = new ArrayList<>();
    for (Future<Times> one : running) {
      all.add(one.get());
    }
    return new Times(
        all.stream().flatMapToLong(t -> Arrays.stream(t.invalid)).sorted().toArray(),
        all.stream().flatMapToLong(t -> Arrays.stream(t.afterAnswer)).sorted().toArray(),
        all.stream().flatMapToLong(t -> Arrays.stream(t.fence)).sorted().toArray(),
        all.stream().mapToLong(t -> t.commits).sum());
  }

  /// Commits at a steady pace; watches every few.
  private static Times write(
      ChangesConfig config, Freshness freshness, long oid, int first, int count, long pause)
      throws SQLException, InterruptedException, ExecutionException {
    long[] invalid = new long[count / 5];
    long[] afterAnswer = new long[count / 5];
    long[] fence = new long[count / 5];
    try (Connection c = connect(config);
        PreparedStatement update = c.prepareStatement("update stock set n = n + 1 where id = ?")) {
      long next = System.nanoTime();
      for (int i = 0; i < count; i++) {
        while (System.nanoTime() < next) {
          LockSupport.parkNanos(next - System.nanoTime());
        }
        next += pause;
        int id = first + i % 200;
        update.setInt(1, id);
        if (i % 5 != 0 || i / 5 >= invalid.length) {
          update.execute();
          continue;
        }
        Evidence evidence = fresh(freshness, oid, id);
        long sent = System.nanoTime();
        Watch watch = new Watch(freshness, evidence);
        Thread watching = Thread.ofVirtual().start(watch);
        update.execute();
        long answered = System.nanoTime();
        freshness.passed().get();
        fence[i / 5] = System.nanoTime() - answered;
        watching.join();
        invalid[i / 5] = watch.seen - sent;
        afterAnswer[i / 5] = Math.max(0, watch.seen - answered);
      }
    }
    return new Times(invalid, afterAnswer, fence, count);
  }

  private static Evidence fresh(Freshness freshness, long oid, int id) {
    while (true) {
      Evidence made =
          freshness.evidence(
              Objects.requireNonNull(freshness.asOf()),
              List.of(new Dependency.Rows(oid, 1, Integer.toString(id))));
      if (freshness.isCurrent(made)) {
        return made;
      }
      Thread.onSpinWait();
    }
  }

  /// Looks every few microseconds until the answer doesn't count.
  private static final class Watch implements Runnable {
    private final Freshness freshness;
    private final Evidence evidence;
    private volatile long seen;

    Watch(Freshness freshness, Evidence evidence) {
      this.freshness = freshness;
      this.evidence = evidence;
    }

    @Override
    public void run() {
      while (freshness.isCurrent(evidence)) {
        LockSupport.parkNanos(PROBES * 1_000L);
      }
      seen = System.nanoTime();
    }
  }

  /// The usual way without a change feed: a trigger notifies, somebody listens.
  private static void peer(ChangesConfig config, int rate, int seconds)
      throws SQLException, InterruptedException {
    try (Connection listener = connect(config);
        Connection writer = connect(config)) {
      Sessions.run(
          writer,
          "create or replace function told() returns trigger language plpgsql as $$begin"
              + " perform pg_notify('stock', new.id::text); return null; end$$");
      Sessions.run(
          writer, "create trigger told after update on stock for each row execute function told()");
      Sessions.run(listener, "listen stock");
      PGConnection notified = listener.unwrap(PGConnection.class);
      int count = Math.min(rate, 200) * seconds;
      long[] times = new long[count];
      for (int i = 0; i < count; i++) {
        long sent = System.nanoTime();
        Sessions.run(writer, "update stock set n = n + 1 where id = " + (1 + i % 1_000));
        PGNotification[] got = notified.getNotifications(10_000);
        times[i] = System.nanoTime() - sent;
        if (got == null || got.length != 1) {
          throw new IllegalStateException("one notification was expected");
        }
      }
      Arrays.sort(times);
      line("NOTIFY from a trigger (one writer, no load beside)", times);
      Sessions.run(writer, "drop trigger told on stock");
    }
  }

  private static void print(Times times) {
    System.out.println("commits                   " + times.commits);
    line("commit sent to invalid", times.invalid);
    line("commit answered to invalid", times.afterAnswer);
    line("fence after the answer", times.fence);
  }

  private static void line(String what, long[] sorted) {
    System.out.printf(
        "%-26s p50 %.3f ms, p90 %.3f ms, p99 %.3f ms, max %.3f ms (%d)%n",
        what,
        sorted[sorted.length / 2] / 1e6,
        sorted[sorted.length * 9 / 10] / 1e6,
        sorted[sorted.length * 99 / 100] / 1e6,
        sorted[sorted.length - 1] / 1e6,
        sorted.length);
  }
}
