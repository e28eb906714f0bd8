package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.pgwire.ErrorReport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/* Why nobody sees two servers.
 *
 * Of the hosts named in the database URL one is used at a time: the primary that was found last.
 * A new connection tries it first, and the others when it is gone, or is no primary any more. When
 * another one is found, every connection to the one before is closed, and the change feed is told,
 * before the new one is lent to anybody: what runs on the old one could only be lost, and what was
 * read there would be taken for what the new one says.
 */

/// Which of the hosts named in the database URL is used. On the gateway's loop.
final class Servers {
  /// Of a server that answers, and is not the one that is wanted.
  static final String UNFIT = "08004";

  private static final System.Logger LOG = System.getLogger("freshet.gateway");
  private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Gateway gateway;
  private @Nullable HostPort current;

  /// Those that know protocol 3.0 only, and do not even say so as one should.
  private final Set<HostPort> old = new HashSet<>();

  private int moves;
  private boolean isLooking;
  private long lookedAt;

  Servers(Gateway gateway) {
    this.gateway = gateway;
    this.lookedAt = gateway.time().nanos() - LOOK_AGAIN_NANOS;
  }

  /// The one in use; null while none was found.
  @Nullable HostPort current() {
    return current;
  }

  /// Another database is to be used.
  void forget() {
    current = null;
    old.clear();
    moves++;
  }

  private DatabaseUrl database() {
    return gateway.config().database();
  }

  Attempt attempt() {
    List<HostPort> order = new ArrayList<>(database().servers());
    HostPort first = current;
    if (first != null && order.remove(first)) {
      order.addFirst(first);
    }
    return new Attempt(order, false);
  }

  /// At a read replica.
  Attempt attempt(HostPort replica) {
    return new Attempt(List.of(replica), true);
  }

  /// One attempt to connect: one host after the other.
  final class Attempt {
    private final Deque<HostPort> left;
    private final int begun = moves;
    private final List<String> failures = new ArrayList<>();
    private final boolean isReplica;
    private HostPort host;
    private boolean isAgain;

    private Attempt(List<HostPort> order, boolean isReplica) {
      this.isReplica = isReplica;
      left = new ArrayDeque<>(order);
      host = left.removeFirst();
    }

    /// The host that is being tried.
    HostPort host() {
      return host;
    }

    boolean mustBePrimary() {
      return !isReplica && database().target() != DatabaseUrl.Target.ANY;
    }

    /// Of protocol 3: keys for cancel requests are longer in 3.2.
    int minor() {
      return old.contains(host) ? 0 : 2;
    }

    /// The server does not know that version.
    void asksTooMuch() {
      isAgain = old.add(host);
    }

    /// Goes on to the next host, or tries the same one otherwise; false where neither would do
    /// better.
    boolean failed(ErrorReport why) {
      if (isAgain) {
        isAgain = false;
        return true;
      }
      failures.add(why.message());
      if (left.isEmpty() || Pool.isForGood(why)) {
        return false;
      }
      host = left.removeFirst();
      return true;
    }

    /// Why none will do.
    ErrorReport summary(ErrorReport last) {
      return failures.size() == 1
          ? last
          : ErrorReport.fatal(
              Pool.isForGood(last) ? last.sqlState() : "08001",
              String.join("; ", failures),
              last.hint());
    }

    /// Why the server that let us in is not the one that is wanted; null when it is, which then is
    /// the one that is used.
    @Nullable String objection(boolean isStandby, boolean isReadOnly) {
      if (mustBePrimary()) {
        if (isStandby) {
          return "it is a standby, and target_session_attrs asks for a primary";
        }
        if (isReadOnly && database().target() == DatabaseUrl.Target.READ_WRITE) {
          return "its transactions are read-only by default, and target_session_attrs asks for"
              + " read-write";
        }
        if (begun != moves && !host.equals(current)) {
          return "another was found meanwhile";
        }
      }
      if (!isReplica) {
        found(host);
      }
      return null;
    }
  }

  private void found(HostPort host) {
    HostPort before = current;
    if (host.equals(before)) {
      return;
    }
    current = host;
    if (before != null) {
      moves++;
      LOG.log(System.Logger.Level.WARNING, "the server is " + host + " now, no longer " + before);
      gateway.moved(host, Refusals.moved(before, host));
    }
    gateway.watch().server().accept(host);
  }

  /// Something looked as if the server were not the primary any more. One look a second is enough:
  /// a client may just have asked for transactions that are read-only.
  void doubt() {
    long now = gateway.time().nanos();
    if (isLooking || database().servers().size() < 2 || now - lookedAt < LOOK_AGAIN_NANOS) {
      return;
    }
    isLooking = true;
    lookedAt = now;
    ServerAsk.open(
        gateway,
        null,
        look -> {
          isLooking = false;
          look.close();
        },
        why -> isLooking = false);
  }
}
