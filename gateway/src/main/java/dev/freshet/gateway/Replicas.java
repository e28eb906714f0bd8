package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.freshness.Freshness;
import dev.freshet.pgwire.ErrorReport;
import dev.freshet.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/* Who may read from a replica?
 *
 * Who has written: once it has replayed his commit. Time is counted in rounds. At the beginning of
 * each the count goes up by one, and then the primary is asked where its log ends: everything that
 * had been committed when the round began lies before that position. A session that has written
 * remembers the count of the moment before its client is told. A replica that has replayed the
 * position of a later round has replayed what was written, and shows it to every new snapshot.
 *
 * Everybody, where the log is followed: once it has replayed what is published. So a read from a
 * replica shows everything published when it was asked for, as one from the primary does, and that
 * is all that Freshness asks of the reads of a fill: its `asOf` was published before, and positions
 * only go up. An answer that is kept, or held until everybody is shown a write, is as right when it
 * was read there. Without a feed nothing is kept by rows, and no more is promised to those who have
 * not written than that the replica is no further behind than `replica-lag`.
 *
 * Positions are compared on one timeline only. The primary says on which it writes; of a replica
 * its last restart point is known, which is never ahead of it: a replica that left the common way
 * when another became the primary is not taken for one that has got far.
 */

/// The read replicas, and what each of them has replayed. On the gateway's loop.
final class Replicas {
  private static final System.Logger LOG = System.getLogger("freshet.gateway");

  private static final String PRIMARY =
      "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::text,"
          + " ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))"
          + "::bit(32)::int::text"
          + " where $1 <> ''";
  private static final String REPLICA =
      "select (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::text,"
          + " (select timeline_id::text from pg_control_checkpoint())"
          + " where pg_is_in_recovery() and $1 <> ''";

  /// Settings that a server begins with and that bear on what it answers.
  private static final List<String> BEARING =
      List.of(
          "DateStyle",
          "IntervalStyle",
          "TimeZone",
          "client_encoding",
          "server_encoding",
          "integer_datetimes",
          "standard_conforming_strings",
          "search_path");

  private static final int MAX_ROUNDS = 64;
  private static final int MAX_REFUSED = 1_000;

  /// Somebody wants to read sooner than the next round would let him.
  private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private static final ErrorReport SILENT =
      ErrorReport.fatal("08006", "the replica does not answer", null);

  private final Gateway gateway;
  private final Pools pools;
  private final Freshness freshness;
  private final Whereabouts primary;
  private List<Replica> all = List.of();
  private List<HostPort> configured = List.of();
  private final Deque<Round> rounds = new ArrayDeque<>();
  private final Set<Long> refused = new HashSet<>();
  private long count;
  private long askedNanos;
  private int next;

  /// @param position of the end of the log when the primary was asked
  private record Round(long number, long position, long timeline, long nanos) {}

  /// One of them, for people.
  record Line(HostPort host, String state, long lagMillis, long position, long reads) {}

  private final class Replica {
    private final HostPort host;
    private final Whereabouts asked;
    private @Nullable String unlike;
    private long unlikeNanos;
    private long position;
    private long timeline;
    private long reads;

    /// Everything up to it has been replayed; null for none.
    private @Nullable Round caughtUp;

    Replica(HostPort host) {
      this.host = host;
      this.asked = new Whereabouts(gateway, host, REPLICA);
    }

    void forget() {
      caughtUp = null;
      position = 0;
    }

    /// Why nobody reads from it just now; null when it is in use.
    @Nullable String trouble(long now) {
      Round at = caughtUp;
      if (asked.isSilent()) {
        return "silent";
      }
      if (unlike != null) {
        return unlike;
      }
      if (at == null) {
        return "no standby of this primary";
      }
      return now - at.nanos() > lag().toNanos() ? "behind" : null;
    }
  }

  Replicas(Gateway gateway, Pools pools) {
    this.gateway = gateway;
    this.pools = pools;
    this.freshness = gateway.watch().trails().freshness();
    this.primary = new Whereabouts(gateway, null, PRIMARY);
  }

  boolean isOn() {
    return !gateway.config().replicas().hosts().isEmpty();
  }

  private Duration lag() {
    return gateway.config().replicas().lag();
  }

  /// The number of the round that began last.
  long count() {
    return count;
  }

  /// Whether it is worth while to look at what a client asks: one of them may serve it, or is to be
  /// asked how far it is.
  ///
  /// @param round in which the client wrote last
  boolean mayServe(long round) {
    long now = gateway.time().nanos();
    boolean isDue = now - askedNanos > SOON_NANOS;
    for (Replica replica : all) {
      if (replica.trouble(now) == null && (isDue || shows(replica, round))) {
        return true;
      }
    }
    return false;
  }

  /// Whether a replica has refused that statement for good.
  boolean refuses(Statement statement) {
    return refused.contains(statement.fingerprint());
  }

  /// A replica has refused it for what it is, not for the moment: the primary alone is asked.
  void refused(Statement statement) {
    if (refused.size() >= MAX_REFUSED) {
      refused.clear();
    }
    refused.add(statement.fingerprint());
  }

  /// A connection to a replica that shows everything it has to; null where none is free just now.
  ///
  /// @param round in which the client wrote last
  @Nullable ServerLink lend(ClientSession client, long round) {
    long now = gateway.time().nanos();
    for (int i = 0; i < all.size(); i++) {
      Replica replica = all.get((next + i) % all.size());
      if (replica.trouble(now) == null && isFar(replica, round, now)) {
        ServerLink free = pools.replica(client.pool(), replica.host).spare(client);
        if (free != null) {
          next = (next + i + 1) % all.size();
          replica.reads++;
          return free;
        }
      }
    }
    return null;
  }

  private boolean shows(Replica replica, long round) {
    Round at = replica.caughtUp;
    // Without a feed that is what the last one had published, or nothing.
    return at != null
        && at.number() > round
        && Long.compareUnsigned(replica.position, freshness.published()) >= 0;
  }

  private boolean isFar(Replica replica, long round, long now) {
    if (shows(replica, round)) {
      return true;
    }
    if (now - askedNanos > SOON_NANOS) {
      Round last = rounds.peekLast();
      boolean isKnown = last != null && last.number() > round;
      if (isKnown) {
        askedNanos = now;
        ask(replica);
      } else {
        begin();
      }
    }
    return false;
  }

  /// Whether a connection that a pool has opened to a replica may be used: sessions must not notice
  /// where they read.
  boolean accepts(HostPort host, Pool pool, ServerLink link) {
    Map<String, String> there = pools.beganOnPrimary(pool.who());
    for (Map.Entry<String, String> here : link.began().entrySet()) {
      String other = there.get(here.getKey());
      if (BEARING.contains(here.getKey()) && other != null && !other.equals(here.getValue())) {
        unlike(host, here.getKey() + " is " + here.getValue() + ", on the primary " + other);
        return false;
      }
    }
    return true;
  }

  private void unlike(HostPort host, String why) {
    for (Replica replica : all) {
      if (replica.host.equals(host) && replica.unlike == null) {
        LOG.log(System.Logger.Level.WARNING, "nothing is read from " + host + ": " + why);
        replica.unlike = why;
        replica.unlikeNanos = gateway.time().nanos();
      }
    }
  }

  /// Another primary: what was known of positions is about another log.
  void moved() {
    rounds.clear();
    refused.clear();
    primary.close();
    all.forEach(Replica::forget);
  }

  void sweep() {
    List<HostPort> wanted = gateway.config().replicas().hosts();
    if (!wanted.equals(configured)) {
      close();
      configured = wanted;
      all = wanted.stream().map(Replica::new).toList();
      pools.keepReplicas(wanted);
    }
    if (all.isEmpty()) {
      return;
    }
    primary.givesUp();
    begin();
    long now = gateway.time().nanos();
    for (Replica replica : all) {
      if (replica.asked.givesUp()) {
        // Who waits for it waits no longer.
        replica.forget();
        pools.lost(replica.host, SILENT);
      }
      if (now - replica.unlikeNanos > TimeUnit.SECONDS.toNanos(10)) {
        replica.unlike = null;
      }
    }
  }

  /// A round.
  private void begin() {
    long now = gateway.time().nanos();
    askedNanos = now;
    long number = ++count;
    primary.ask(at -> {
      if (at != null) {
        rounds.addLast(new Round(number, at.position(), at.timeline(), now));
      }
      thin();
      all.forEach(this::ask);
    });
    // Also when the primary is away: it counts how old what they know is.
    all.forEach(this::ask);
  }

  /// Rounds that follow each other closely make room for those that reach as far back as a replica
  /// may be behind.
  private void thin() {
    if (rounds.size() <= MAX_ROUNDS) {
      return;
    }
    Round last = rounds.removeLast();
    Round between = rounds.removeLast();
    Round before = rounds.getLast();
    if (last.nanos() - before.nanos() > lag().toNanos() / (MAX_ROUNDS / 2)) {
      rounds.removeFirst();
      rounds.addLast(between);
    }
    rounds.addLast(last);
  }

  private void ask(Replica replica) {
    replica.asked.ask(at -> {
      if (at == null) {
        // It is no standby any more.
        replica.forget();
      } else {
        if (Long.compareUnsigned(at.position(), replica.position) < 0) {
          // Restarted, or another one: it shows less than it did.
          replica.forget();
        }
        replica.position = at.position();
        replica.timeline = at.timeline();
        reached(replica);
      }
    });
  }

  private void reached(Replica replica) {
    Round before = replica.caughtUp;
    for (Round round : rounds) {
      boolean isNewer = before == null || round.number() > before.number();
      if (isNewer
          && round.timeline() == replica.timeline
          && Long.compareUnsigned(round.position(), replica.position) <= 0) {
        replica.caughtUp = round;
      }
    }
  }

  /// How they stand, for people.
  List<Line> lines() {
    long now = gateway.time().nanos();
    List<Line> out = new ArrayList<>();
    for (Replica replica : all) {
      Round at = replica.caughtUp;
      String trouble = replica.trouble(now);
      out.add(
          new Line(
              replica.host,
              trouble == null ? "in use" : trouble,
              at == null ? -1 : TimeUnit.NANOSECONDS.toMillis(now - at.nanos()),
              replica.position,
              replica.reads));
    }
    return out;
  }

  void close() {
    rounds.clear();
    primary.close();
    all.forEach(replica -> replica.asked.close());
    all = List.of();
    configured = List.of();
  }
}
