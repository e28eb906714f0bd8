package dev.freshet.edge;

import dev.freshet.base.Histogram;
import dev.freshet.base.Meters;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/* Who has the answer to his write relies on it: from then on nobody, anywhere, may be shown the
 * state before it. So the answer is held until everything committed by then is published.
 *
 * Held until its end, because an app may commit after it has begun to answer; but no more than fits
 * and no longer than a moment, so that an app which answers bit by bit can: then it is released
 * after a first wait, and its end after a second. Answers to requests that are safe by their method
 * are not held for what is unknown, only for writes that were seen.
 *
 * The wait has a limit. Beyond it whatever the answer may have touched is taken for changed, and
 * then it goes out. Another node that is so late shows nothing any more by then: see Nodes.
 */

/// Holds an answer back until its writes can be seen by all. On the exchange's event loop.
final class Fence implements Reply {
  private static final long MAX_HELD = 256 << 10;
  private static final long WHILE_ARRIVING_MILLIS = 100;
  private static final long FORGETTING_MILLIS = 200;

  private final Site site;
  private final Passage behind;
  private final Learning learning;
  private final boolean unsafe;
  private final EventLoop loop;
  private final Deque<ByteBuf> held = new ArrayDeque<>();

  private @Nullable UpstreamCall call;
  private @Nullable ResponseHead head;
  private @Nullable Fields trailers;
  private @Nullable ScheduledFuture<?> timer;
  private long length;
  private long octets;
  private boolean open;
  private boolean asking;
  private boolean ended;
  private boolean over;

  /// Times spent behind fences, and how often that was too long.
  record Figures(Histogram waits, Meters.Counter late) {
    static Figures of(Meters meters) {
      return new Figures(
          meters.latencies(
              "freshet_edge_fence_seconds",
              "How long answers to writes were held until everybody is shown the write",
              Map.of()),
          meters.counter(
              "freshet_edge_fence_late_total",
              "Answers to writes that went out before, with all they may have touched forgotten"));
    }
  }

  /// @param unsafe whether it must be taken for a write unless it is known to be none
  Fence(Site site, Passage behind, Learning learning, boolean unsafe, EventLoop loop) {
    this.site = site;
    this.behind = behind;
    this.learning = learning;
    this.unsafe = unsafe;
    this.loop = loop;
  }

  /// The call whose reply this is; before any reply.
  void attach(UpstreamCall made) {
    call = made;
    behind.attach(made);
  }

  private boolean isOn() {
    return site.database().fence() != null && site.database().freshness().isShown();
  }

  private boolean mustWait() {
    return isOn() && (unsafe ? learning.mayHaveWritten() : learning.hasWritten());
  }

  @Override
  public void attached() {
    learning.clock().attached();
  }

  @Override
  public void interim(ResponseHead interim) {
    behind.interim(interim);
  }

  @Override
  public void head(ResponseHead received, long announced) {
    learning.clock().headed();
    boolean isHeld = isOn() && (unsafe || learning.hasWritten()) && received.status() != 101;
    if (!isHeld) {
      open = true;
      behind.head(received, announced);
      return;
    }
    head = received;
    length = announced;
    String type = received.fields().first(FieldName.CONTENT_TYPE);
    if (type != null && type.startsWith("text/event-stream")) {
      await();
    } else {
      timer = loop.schedule(this::await, WHILE_ARRIVING_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void content(ByteBuf data) {
    if (open) {
      behind.content(data);
      return;
    }
    octets += data.readableBytes();
    held.add(data);
    if (octets > MAX_HELD) {
      if (call != null) {
        call.pauseContent(true);
      }
      await();
    }
  }

  @Override
  public void end(Fields last) {
    learning.clock().ended();
    learning.end(
        loop,
        learned -> {
          ended = true;
          trailers = last;
          if (!asking && !over) {
            finish();
          }
        });
  }

  /// Everything has come.
  private void finish() {
    if (mustWait()) {
      await();
    } else {
      release(true);
    }
  }

  private void await() {
    stopTimer();
    if (asking || over) {
      return;
    }
    asking = true;
    boolean coversAll = ended;
    Duration limit = site.database().fence();
    CompletableFuture<Boolean> passed = site.database().freshness().passed();
    if (limit == null || passed.isDone()) {
      release(coversAll);
      return;
    }
    long began = site.time().nanos();
    timer = loop.schedule(() -> giveUp(passed, coversAll), limit.toNanos(), TimeUnit.NANOSECONDS);
    var _ =
        passed.thenAccept(published ->
            loop.execute(() -> {
              if (asking && !passed.isCancelled()) {
                site.fences().waits().record(site.time().nanos() - began);
                release(coversAll);
              }
            }));
  }

  private void giveUp(CompletableFuture<Boolean> passed, boolean coversAll) {
    if (!asking) {
      return;
    }
    site.fences().late().increment();
    passed.cancel(false);
    CompletableFuture<Void> forgotten = site.database().freshness().doubt(learning.written());
    if (forgotten.isDone()) {
      release(coversAll);
      return;
    }
    timer = loop.schedule(() -> forgetAll(coversAll), FORGETTING_MILLIS, TimeUnit.MILLISECONDS);
    var _ =
        forgotten.thenRun(() ->
            loop.execute(() -> {
              if (asking) {
                release(coversAll);
              }
            }));
  }

  /// The database doesn't say what can be kept.
  private void forgetAll(boolean coversAll) {
    if (asking) {
      var _ = site.database().freshness().doubt(null);
      release(coversAll);
    }
  }

  /// @param coversAll false when the wait began before the answer was complete
  private void release(boolean coversAll) {
    stopTimer();
    asking = false;
    boolean wasOpen = open;
    open = true;
    ResponseHead first = head;
    if (over) {
      return;
    }
    if (!wasOpen && first != null) {
      behind.head(first, length);
      if (octets > MAX_HELD && call != null) {
        call.pauseContent(false);
      }
      while (!held.isEmpty()) {
        behind.content(held.remove());
      }
    }
    Fields last = trailers;
    if (last != null && !coversAll) {
      finish();
    } else if (last != null) {
      over = true;
      behind.end(last);
    }
  }

  @Override
  public void failed(UpstreamFailure failure) {
    abandon();
    behind.failed(failure);
  }

  @Override
  public void writable() {
    behind.writable();
  }

  /// The client is gone, or there is no answer.
  void abandon() {
    over = true;
    stopTimer();
    learning.giveUp();
    held.forEach(ByteBuf::release);
    held.clear();
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }
}
