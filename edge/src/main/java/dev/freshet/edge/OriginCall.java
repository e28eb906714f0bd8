package dev.freshet.edge;

import dev.freshet.edge.UpstreamFailure.Kind;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/* One request from the asker's point of view, over as many tries as it takes.
 *
 * A try is a Lane of some connection. The asker's content is held here until there is one. The
 * rules for another try (RFC 9110, section 9.2.2):
 *   - never after an octet of a response, never when more of the asker's content has flowed than
 *     was kept for another try (as much as is held without a connection);
 *   - when the origin can't have acted on the request (no connection, REFUSED_STREAM, GOAWAY),
 *     whatever the method;
 *   - else only for idempotent methods, and not after a malformed response: the next one would be
 *     no better;
 *   - a kept connection that the origin closed just then is no failure of the origin: once more,
 *     on a fresh one, at the same origin;
 *   - else at another origin; at the same one only when the connection broke and there is no
 *     other.
 */

/// One request on its way, with its retries.
final class OriginCall implements UpstreamCall {
  private static final Set<String> IDEMPOTENT =
      Set.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE");

  private final Balancer balancer;
  private final OriginConfig config;
  private final RequestHead head;
  private final long length;
  private final EventLoop loop;
  private final Reply reply;
  private final boolean idempotent;
  private final boolean isCheck;
  private final List<Origin> tried = new ArrayList<>(1);
  private @Nullable Origin origin;
  private @Nullable Turn turn;
  private @Nullable Lane lane;
  private @Nullable ArrayDeque<ByteBuf> held;
  private @Nullable Fields heldTrailers;
  private int heldOctets;
  private @Nullable ArrayDeque<ByteBuf> kept;
  private int keptOctets;
  private int tries;
  private long sinceNanos;
  private long startNanos;
  private boolean restarted;
  private boolean flowedAway;
  private boolean answered;
  private boolean blocked;
  private boolean paused;
  private boolean starting;
  private boolean over;

  /// @param isCheck true for a health check, which waits for no turn
  OriginCall(
      Balancer balancer,
      OriginConfig config,
      RequestHead head,
      long length,
      EventLoop loop,
      Reply reply,
      boolean isCheck) {
    this.balancer = balancer;
    this.config = config;
    this.head = head;
    this.length = length;
    this.loop = loop;
    this.reply = reply;
    this.isCheck = isCheck;
    this.idempotent = IDEMPOTENT.contains(head.method());
  }

  RequestHead head() {
    return head;
  }

  long length() {
    return length;
  }

  boolean isIdempotent() {
    return idempotent;
  }

  /// Makes the first try; the reply is not called before this returns.
  void start() {
    Origin chosen = balancer.choose(tried, idempotent && length == 0);
    if (chosen == null) {
      UpstreamFailure none =
          new UpstreamFailure(Kind.NO_ORIGIN, "every origin is ejected; see /status", true);
      loop.execute(() -> giveUp(none));
    } else {
      starting = true;
      attempt(chosen, false);
      starting = false;
    }
  }

  /// As [#start], but only where an origin has leisure for what nobody waits for.
  ///
  /// @return false when none has, and nothing comes of it
  boolean startAtLeisure(boolean isSought) {
    Turn wanted = new Turn(loop, false, () -> {});
    Origin chosen = balancer.choose(tried, false);
    while (chosen != null
        && !(chosen.health().isUp() && chosen.gate().askAtLeisure(wanted, isSought))) {
      tried.add(chosen);
      chosen = balancer.choose(tried, false);
    }
    if (chosen == null) {
      return false;
    }
    starting = true;
    turn = wanted;
    enter(chosen);
    admitted(chosen, wanted, false);
    starting = false;
    return true;
  }

  private void enter(Origin chosen) {
    origin = chosen;
    tries++;
    chosen.begin();
    startNanos = chosen.time().nanos();
  }

  private void attempt(Origin chosen, boolean fresh) {
    enter(chosen);
    if (isCheck) {
      chosen.pool(loop, head).acquire(this, fresh);
      return;
    }
    boolean mayGoAhead = config.admission().goesAhead(head.path());
    Turn wanted = new Turn(loop, mayGoAhead, () -> goOn(chosen));
    turn = wanted;
    switch (chosen.gate().ask(wanted, fresh)) {
      case NOW -> admitted(chosen, wanted, fresh);
      case LATER -> {
        long patience = config.admission().patience().toNanos();
        wanted.alarm(
            loop.schedule(() -> impatient(chosen, wanted), patience, TimeUnit.NANOSECONDS));
      }
      case REFUSED -> {
        String what = chosen.gate().waiting() + " requests wait for their turn already";
        UpstreamFailure failure = chosen.failure(Kind.OVERLOADED, what, true);
        loop.execute(() -> lost(failure, false, false));
      }
    }
  }

  /// Whether it goes before those that wait for a connection.
  boolean isAhead() {
    Turn mine = turn;
    return isCheck || (mine != null && mine.isFirst);
  }

  /// The turn has come after a wait; whoever cancelled has left it already.
  private void goOn(Origin chosen) {
    Turn mine = turn;
    if (!over && mine != null && chosen.equals(origin)) {
      mine.disarm();
      startNanos = chosen.time().nanos();
      admitted(chosen, mine, false);
    }
  }

  private void admitted(Origin chosen, Turn mine, boolean fresh) {
    if (length != 0 && heldTrailers == null) {
      chosen.gate().lend(mine);
    }
    chosen.pool(loop, head).acquire(this, fresh);
  }

  private void impatient(Origin chosen, Turn mine) {
    if (chosen.gate().giveUp(mine)) {
      String what =
          "its turn did not come within " + config.admission().patience().toMillis() + " ms";
      lost(chosen.failure(Kind.OVERLOADED, what, true), false, false);
    }
  }

  void waitingSince(long nanos) {
    sinceNanos = nanos;
  }

  boolean hasWaited(long now, long limitNanos) {
    return now - sinceNanos >= limitNanos;
  }

  /// A connection has sent the head and takes the rest.
  void attached(Lane found) {
    if (over) {
      found.cancel();
      return;
    }
    lane = found;
    reply.attached();
    if (paused) {
      found.pauseContent(true);
    }
    ArrayDeque<ByteBuf> waiting = held;
    held = null;
    heldOctets = 0;
    while (waiting != null && !waiting.isEmpty()) {
      ByteBuf next = waiting.removeFirst();
      if (over) {
        next.release();
      } else {
        flow(found, next);
      }
    }
    if (heldTrailers != null && !over) {
      found.contentEnd(heldTrailers);
    }
    if (blocked && found.isWritable()) {
      blocked = false;
      loop.execute(this::laneWritable);
    }
  }

  @Override
  public void content(ByteBuf data) {
    if (over) {
      data.release();
    } else if (lane != null) {
      flow(lane, data);
    } else {
      hold(data);
    }
  }

  private void flow(Lane to, ByteBuf data) {
    if (!flowedAway) {
      keptOctets += data.readableBytes();
      if (answered || keptOctets > config.tries().heldContent()) {
        dropKept();
      } else {
        kept = kept == null ? new ArrayDeque<>(2) : kept;
        kept.add(data.retainedDuplicate());
      }
    }
    to.content(data);
  }

  /// There is no other try from here on.
  private void dropKept() {
    flowedAway |= keptOctets > 0;
    if (kept != null) {
      kept.forEach(ByteBuf::release);
      kept = null;
    }
  }

  private void hold(ByteBuf data) {
    heldOctets += data.readableBytes();
    if (held == null) {
      held = new ArrayDeque<>(4);
    }
    held.add(data);
    // An asker that heeds isWritable overshoots by one read at most.
    if (heldOctets > 16L * config.tries().heldContent()) {
      lost(failure(Kind.OVERLOADED, "more content than may be held without a connection"));
    }
  }

  private UpstreamFailure failure(Kind kind, String what) {
    return origin == null
        ? new UpstreamFailure(kind, what, false)
        : origin.failure(kind, what, false);
  }

  private void lost(UpstreamFailure failure) {
    Lane lane = this.lane;
    leave();
    if (lane != null) {
      lane.cancel();
    }
    giveUp(failure);
  }

  @Override
  public void contentEnd(Fields trailers) {
    if (over) {
      return;
    }
    heldTrailers = trailers;
    if (origin != null && turn != null) {
      origin.gate().takeBack(turn);
    }
    if (lane != null) {
      lane.contentEnd(trailers);
    }
  }

  @Override
  public boolean isWritable() {
    boolean writable = lane != null ? lane.isWritable() : heldOctets < config.tries().heldContent();
    blocked |= !writable;
    return writable;
  }

  @Override
  public void pauseContent(boolean pause) {
    paused = pause;
    if (lane != null) {
      lane.pauseContent(pause);
    }
  }

  @Override
  public void cancel() {
    if (over) {
      return;
    }
    Lane cancelled = lane;
    if (cancelled != null && origin != null && turn != null) {
      origin.gate().abandon(turn);
      turn = null;
    }
    leave();
    finish();
    if (cancelled != null) {
      cancelled.cancel();
    }
  }

  /// Takes the call out of its origin's figures and queue.
  private void leave() {
    Origin left = origin;
    origin = null;
    if (left != null) {
      left.done();
      leaveTurn(left);
      if (lane == null) {
        left.pool(loop, head).leave(this);
      }
    }
    lane = null;
  }

  private void leaveTurn(Origin from) {
    Turn mine = turn;
    turn = null;
    if (mine != null) {
      mine.disarm();
      from.gate().leave(mine);
    }
  }

  private void finish() {
    over = true;
    dropKept();
    if (held != null) {
      held.forEach(ByteBuf::release);
      held = null;
    }
  }

  private void giveUp(UpstreamFailure failure) {
    if (starting) {
      loop.execute(() -> giveUp(failure));
    } else if (!over) {
      finish();
      reply.failed(failure);
    }
  }

  void laneWritable() {
    if (!over) {
      blocked = false;
      reply.writable();
    }
  }

  void interim(ResponseHead interim) {
    answered = true;
    dropKept();
    if (!over) {
      reply.interim(interim);
    }
  }

  void headed(ResponseHead response, long contentLength) {
    answered = true;
    dropKept();
    Origin from = origin;
    if (from != null) {
      from.health().succeeded();
      from.figures().answers().record(from.time().nanos() - startNanos);
      if (turn != null) {
        // A quick refusal says nothing about how long the work takes.
        from.gate().answered(turn, response.status() < 500);
      }
    }
    if (!over) {
      reply.head(response, contentLength);
    }
  }

  /// Takes over the buffer's reference.
  void arrived(ByteBuf data) {
    if (over) {
      data.release();
    } else {
      reply.content(data);
    }
  }

  void ended(Fields trailers) {
    if (!over) {
      leave();
      finish();
      reply.end(trailers);
    }
  }

  /// The try has failed.
  ///
  /// @param began whether any octet of a response had come
  /// @param stale whether a kept connection was closed under it, which says nothing of the origin
  void lost(UpstreamFailure failure, boolean began, boolean stale) {
    Origin failed = origin;
    if (over || failed == null) {
      return;
    }
    failed.done();
    Turn mine = turn;
    if (mine != null && failure.kind() == Kind.RESPONSE_TIMEOUT) {
      turn = null;
      failed.gate().late(mine);
    }
    leaveTurn(failed);
    origin = null;
    lane = null;
    if (!stale && failure.kind() != Kind.OVERLOADED) {
      failed.health().failed();
    }
    Origin next = again(failed, failure, began || answered, stale);
    if (next == null) {
      giveUp(failure);
    } else {
      failed.figures().retries().increment();
      if (kept != null) {
        held = kept;
        heldOctets = keptOctets;
        kept = null;
        keptOctets = 0;
      }
      attempt(next, stale);
    }
  }

  /// Where to try again, or null.
  private @Nullable Origin again(
      Origin failed, UpstreamFailure failure, boolean began, boolean stale) {
    Kind kind = failure.kind();
    boolean isAnswer = kind == Kind.BAD_RESPONSE || kind == Kind.RESPONSE_TOO_LARGE;
    boolean isAllowed = failure.retryable() || (idempotent && !isAnswer);
    if (began || flowedAway || !isAllowed || tries >= config.tries().max()) {
      return null;
    }
    if (stale && !restarted) {
      restarted = true;
      return failed;
    }
    tried.add(failed);
    Origin other = balancer.choose(tried, false);
    if (other != null || kind != Kind.CONNECTION_LOST) {
      return other;
    }
    // Once only: a request that makes its origin break must not break it thrice.
    boolean isFirst = !restarted;
    restarted = true;
    return isFirst || failure.retryable() ? failed : null;
  }
}
