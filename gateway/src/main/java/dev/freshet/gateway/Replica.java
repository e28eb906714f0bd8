package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One read replica, and what it has replayed. On the gateway's loop.
final class Replica {
  private static final String PLACE =
      "select (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::text,"
          + " (select timeline_id::text from pg_control_checkpoint())"
          + " where pg_is_in_recovery() and $1 <> ''";

  private static final long UNLIKE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final HostPort host;
  private final Whereabouts asked;
  private @Nullable String unlike;
  private long unlikeNanos;
  private long position;
  private long reads;

  /// Everything up to it has been replayed; null for none.
  private Rounds.@Nullable Round caughtUp;

  Replica(Gateway gateway, HostPort host) {
    this.host = host;
    this.asked = new Whereabouts(gateway, host, PLACE);
  }

  HostPort host() {
    return host;
  }

  /// Why nobody reads from it just now; null when it is in use.
  ///
  /// @param lagNanos so far behind it may be
  @Nullable String trouble(long now, long lagNanos) {
    Rounds.Round at = caughtUp;
    if (asked.isSilent()) {
      return "silent";
    }
    if (unlike != null) {
      return unlike;
    }
    if (at == null) {
      return "no standby of this primary";
    }
    return now - at.nanos() > lagNanos ? "behind" : null;
  }

  /// Whether it shows what had been committed when that round ended, and what is published.
  boolean shows(long round, long published) {
    Rounds.Round at = caughtUp;
    // Without a feed that is what the last one had published, or nothing.
    return at != null && at.number() > round && Long.compareUnsigned(position, published) >= 0;
  }

  /// Asks how far it is.
  void ask(Rounds rounds) {
    asked.ask(at -> {
      if (at == null) {
        // It is no standby any more.
        forget();
      } else {
        if (Long.compareUnsigned(at.position(), position) < 0) {
          // Restarted, or another one: it shows less than it did.
          forget();
        }
        position = at.position();
        caughtUp = rounds.passed(caughtUp, at.position(), at.timeline());
      }
    });
  }

  /// One more connection to it is lent.
  void read() {
    reads++;
  }

  void forget() {
    caughtUp = null;
    position = 0;
  }

  /// Its sessions begin with other settings than the primary's.
  ///
  /// @return false where that was known
  boolean isUnlike(String why, long now) {
    boolean isNew = unlike == null;
    if (isNew) {
      unlike = why;
      unlikeNanos = now;
    }
    return isNew;
  }

  /// Gives up what takes too long; true when it did.
  boolean givesUp(long now) {
    if (now - unlikeNanos > UNLIKE_NANOS) {
      unlike = null;
    }
    boolean isSilent = asked.givesUp();
    if (isSilent) {
      forget();
    }
    return isSilent;
  }

  /// How it stands, for people.
  Replicas.Line line(long now, long lagNanos) {
    Rounds.Round at = caughtUp;
    String trouble = trouble(now, lagNanos);
    return new Replicas.Line(
        host,
        trouble == null ? "in use" : trouble,
        at == null ? -1 : TimeUnit.NANOSECONDS.toMillis(now - at.nanos()),
        position,
        reads);
  }

  void close() {
    asked.close();
  }
}
