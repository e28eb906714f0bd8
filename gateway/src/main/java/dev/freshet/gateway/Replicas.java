package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.freshness.Freshness;
import dev.freshet.pgwire.ErrorReport;
import dev.freshet.sql.Statement;
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
  private final Rounds rounds = new Rounds();
  private final Set<Long> refused = new HashSet<>();
  private long askedNanos;
  private int next;

  /// One of them, for people.
  record Line(HostPort host, String state, long lagMillis, long position, long reads) {}

  Replicas(Gateway gateway, Pools pools) {
    this.gateway = gateway;
    this.pools = pools;
    this.freshness = gateway.watch().trails().freshness();
    this.primary = new Whereabouts(gateway, null, PRIMARY);
  }

  boolean isOn() {
    return !gateway.config().replicas().hosts().isEmpty();
  }

  private long lagNanos() {
    return gateway.config().replicas().lag().toNanos();
  }

  /// The number of the round that began last.
  long count() {
    return rounds.count();
  }

  /// Whether it is worth while to look at what a client asks: one of them may serve it, or is to be
  /// asked how far it is.
  ///
  /// @param round in which the client wrote last
  boolean mayServe(long round) {
    long now = gateway.time().nanos();
    boolean isDue = now - askedNanos > SOON_NANOS;
    for (Replica replica : all) {
      if (replica.trouble(now, lagNanos()) == null
          && (isDue || replica.shows(round, freshness.published()))) {
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
      if (replica.trouble(now, lagNanos()) == null && isFar(replica, round, now)) {
        ServerLink free = pools.replica(client.pool(), replica.host()).spare(client);
        if (free != null) {
          next = (next + i + 1) % all.size();
          replica.read();
          return free;
        }
      }
    }
    return null;
  }

  private boolean isFar(Replica replica, long round, long now) {
    if (replica.shows(round, freshness.published())) {
      return true;
    }
    if (now - askedNanos > SOON_NANOS) {
      if (rounds.areBehind(round)) {
        askedNanos = now;
        replica.ask(rounds);
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
      if (replica.host().equals(host) && replica.isUnlike(why, gateway.time().nanos())) {
        LOG.log(System.Logger.Level.WARNING, "nothing is read from " + host + ": " + why);
      }
    }
  }

  /// Another primary: what was known of positions is about another log.
  void moved() {
    rounds.forget();
    refused.clear();
    primary.close();
    all.forEach(Replica::forget);
  }

  void sweep() {
    List<HostPort> wanted = gateway.config().replicas().hosts();
    if (!wanted.equals(configured)) {
      close();
      configured = wanted;
      all = wanted.stream().map(host -> new Replica(gateway, host)).toList();
      pools.keepReplicas(wanted);
    }
    if (all.isEmpty()) {
      return;
    }
    primary.givesUp();
    begin();
    long now = gateway.time().nanos();
    for (Replica replica : all) {
      if (replica.givesUp(now)) {
        // Who waits for it waits no longer.
        pools.lost(replica.host(), SILENT);
      }
    }
  }

  /// A round.
  private void begin() {
    long now = gateway.time().nanos();
    askedNanos = now;
    long number = rounds.begin();
    primary.ask(at -> {
      if (at != null) {
        rounds.ended(new Rounds.Round(number, at.position(), at.timeline(), now), lagNanos());
      }
      all.forEach(replica -> replica.ask(rounds));
    });
    // Also when the primary is away: it counts how old what they know is.
    all.forEach(replica -> replica.ask(rounds));
  }

  /// How they stand, for people.
  List<Line> lines() {
    long now = gateway.time().nanos();
    return all.stream().map(replica -> replica.line(now, lagNanos())).toList();
  }

  void close() {
    rounds.forget();
    primary.close();
    all.forEach(Replica::close);
    all = List.of();
    configured = List.of();
  }
}
