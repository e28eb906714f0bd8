package dev.freshet.gateway;

import dev.freshet.base.Histogram;
import dev.freshet.base.Meters;
import dev.freshet.freshness.Freshness;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/* Who has been told that his transaction is over relies on it: from then on nobody may be shown
 * the state before it. So what says so is held back until everything committed by then is
 * published.
 *
 * What says so is ReadyForQuery, with all that came in one piece with it: that is what drivers wait
 * for. CommandComplete alone says little: outside a transaction it may come before the commit, and
 * a client may want to see it before it goes on to Sync.
 *
 * The wait has a limit. Beyond it the answer goes out, and whatever the transaction may have
 * touched is taken for changed instead.
 */

/// Holds back the answer to a transaction that wrote until everybody is shown what it wrote. On the
/// gateway's loop.
final class CommitFence {
  private final Gateway gateway;
  private final ClientSession client;
  private final Freshness freshness;

  /// Times spent behind fences, and how often that was too long.
  record Figures(Histogram waits, Meters.Counter late) {
    static Figures of(Meters meters) {
      return new Figures(
          meters.latencies(
              "freshet_gateway_fence_seconds",
              "How long answers to transactions that wrote were held until everybody is shown the"
                  + " write",
              Map.of()),
          meters.counter(
              "freshet_gateway_fence_late_total",
              "Answers to transactions that went out before, with all they may have touched taken"
                  + " for changed"));
    }
  }

  CommitFence(Gateway gateway, ClientSession client) {
    this.gateway = gateway;
    this.client = client;
    this.freshness = gateway.watch().trails().freshness();
  }

  boolean isOn() {
    return limit() != null;
  }

  /// Whether or not a log is followed: that may begin before the transaction is over.
  private @Nullable Duration limit() {
    return gateway.config().results().fence();
  }

  /// What is said from now on may tell the client that its transaction is over.
  void begins() {
    Withheld held = client.held();
    if (held != null && isOn() && freshness.isShown()) {
      held.begin();
    }
  }

  /// The transaction is over; the client has been told, or will be.
  ///
  /// @param touched tables whose rows it may have changed; null for any
  void over(OwnWrites writes, @Nullable Set<Long> touched) {
    Withheld held = client.held();
    Withheld.Barrier barrier = held == null ? null : held.closed();
    if (barrier == null && !gateway.watch().isOn()) {
      return;
    }
    long then = writes.since();
    long began = gateway.time().nanos();
    CompletableFuture<Boolean> passed = freshness.passed();
    if (passed.isDone() && barrier != null) {
      client.lift(barrier);
    }
    Duration limit = limit();
    if (barrier != null && limit == null && !barrier.isLifted()) {
      // The fence was turned off meanwhile: nothing bounds the wait any more.
      client.lift(barrier);
    }
    ScheduledFuture<?> timer =
        barrier == null || barrier.isLifted() || limit == null
            ? null
            : gateway.later(limit.toMillis(), () -> giveUp(barrier, touched));
    var _ =
        passed.thenAccept(isPublished ->
            gateway.run(() -> {
              if (isPublished) {
                writes.published(then);
              }
              if (timer != null) {
                timer.cancel(false);
              }
              if (barrier != null && !barrier.isLifted()) {
                gateway.fences().waits().record(gateway.time().nanos() - began);
                client.lift(barrier);
              }
            }));
  }

  private void giveUp(Withheld.@Nullable Barrier barrier, @Nullable Set<Long> touched) {
    if (barrier != null && !barrier.isLifted()) {
      gateway.fences().late().increment();
      freshness.doubt(touched);
      client.lift(barrier);
    }
  }
}
