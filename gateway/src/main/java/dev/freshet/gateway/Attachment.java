package dev.freshet.gateway;

import dev.freshet.base.Time;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The server connection that one session has, waits for, or had last; and whether the session's
/// settings are on it.
final class Attachment {
  private final ClientSession client;
  private final Pool pool;
  private final Time time;
  private final Reported reported;
  private @Nullable ServerLink link;
  private @Nullable ServerLink last;
  private boolean isSame;
  private boolean isWaiting;
  private long waitingSince;
  private boolean isAdopting;
  private boolean isAdopted;

  /// What it makes are [#lost] settings, behind something of the session's own.
  private boolean isRestoring;

  /// Settings the session began with, to be made again here before anything else is said.
  private List<Change> lost = List.of();

  Attachment(ClientSession client, Pool pool, Time time, Reported reported) {
    this.client = client;
    this.pool = pool;
    this.time = time;
    this.reported = reported;
  }

  /// What the client has been told of the server's parameters.
  Reported reported() {
    return reported;
  }

  @Nullable ServerLink link() {
    return link;
  }

  /// The one it used last, which may still know its unnamed statement.
  @Nullable ServerLink last() {
    return last;
  }

  /// Whether it is the one before, and nobody had it since.
  boolean isSame() {
    return isSame;
  }

  boolean isWaiting() {
    return isWaiting;
  }

  long waitingSince() {
    return waitingSince;
  }

  /// The session's settings are being made on it: nothing else is sent.
  boolean isAdopting() {
    return isAdopting;
  }

  /// Gets one with these settings on it; false to wait.
  boolean isReady(SessionSettings wanted) {
    if (link == null && !isWaiting) {
      isWaiting = true;
      waitingSince = time.nanos();
      pool.acquire(client);
    }
    ServerLink to = link;
    if (to == null || isAdopting) {
      return false;
    }
    if (!isAdopted) {
      isAdopted = true;
      if (!to.settings().equals(wanted)) {
        isAdopting = true;
        to.adopt(wanted);
        return false;
      }
    }
    if (!lost.isEmpty()) {
      isAdopting = true;
      isRestoring = true;
      to.restore(lost, to.status() == 'I' ? wanted : null);
      lost = List.of();
      return false;
    }
    return true;
  }

  /// The client's own words have undone these.
  void loses(List<Change> settings) {
    lost = settings;
  }

  /// The pool's turn for this client has come.
  void granted(ServerLink granted, long now) {
    isWaiting = false;
    isSame = granted.equals(last) && granted.tenure().wasOf(client);
    last = granted;
    takes(granted, now);
  }

  /// A replica's connection, for what is at hand.
  void lent(ServerLink replica) {
    waitingSince = time.nanos();
    takes(replica, waitingSince);
  }

  private void takes(ServerLink given, long now) {
    link = given;
    isAdopted = false;
    isAdopting = false;
    isRestoring = false;
    given.hold(client, now);
  }

  /// It waits no longer.
  void waitsNoLonger() {
    isWaiting = false;
  }

  /// Something has been answered; true when that were the settings.
  boolean hasAdopted() {
    ServerLink from = link;
    if (!isAdopting || from == null || from.isBusy()) {
      return false;
    }
    isAdopting = false;
    isRestoring = false;
    tellOf(from.parameters());
    return true;
  }

  /// What a replica says may yet be said again by the primary.
  private void tellOf(Map<String, String> parameters) {
    if (!client.detour().isOn() && !reported.isUpTo(parameters)) {
      ByteBuf out = client.alloc(64);
      reported.catchUp(parameters, out);
      client.fromServer(out);
    }
  }

  /// It has none any more.
  ///
  /// @return the one it had
  @Nullable ServerLink letGo() {
    ServerLink had = link;
    link = null;
    lost = List.of();
    return had;
  }

  /// Its session has no more use for one.
  ///
  /// @param isClean nothing was under way on it
  void abandon(boolean isClean) {
    ServerLink had = letGo();
    if (had != null) {
      had.pool().abandoned(had, isClean);
    }
  }

  /// What it had is gone. Where nothing of the session's own was sent yet another one will do.
  ///
  /// @return whether it waits for that
  boolean isAgain() {
    if (!isAdopting || isRestoring) {
      return false;
    }
    isAdopting = false;
    isWaiting = true;
    pool.acquireAgain(client);
    return true;
  }

  /// What was adopted there is no matter.
  void forgetAdopting() {
    isAdopting = false;
  }

  /// Nothing of it is read while its client does not take what it is sent.
  void paceBy(ClientWire wire) {
    ServerLink from = link;
    if (from != null) {
      from.pauseReading(!wire.isWritable());
    }
  }
}
