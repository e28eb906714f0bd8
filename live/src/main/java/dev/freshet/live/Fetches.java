package dev.freshet.live;

import dev.freshet.http.RequestHead;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Fetches in turn, so many at a time. Belongs to the hub's thread; there are never more waiting
/// than subscriptions.
final class Fetches {
  /// Longer than the edge waits for an app: then the edge has lost it.
  private static final int PATIENCE_SECONDS = 180;

  private final Fetch fetch;
  private final Executor hub;
  private final int most;
  private final LiveFigures figures;
  private final Deque<Order> waiting = new ArrayDeque<>();
  private int running;

  private record Order(
      RequestHead head, InetSocketAddress peer, Consumer<@Nullable Fetched> then) {}

  Fetches(Fetch fetch, Executor hub, int most, LiveFigures figures) {
    this.fetch = fetch;
    this.hub = hub;
    this.most = most;
    this.figures = figures;
  }

  int running() {
    return running;
  }

  int waiting() {
    return waiting.size();
  }

  /// @param then on the hub's thread; null when there was no answer
  void order(RequestHead head, InetSocketAddress peer, Consumer<@Nullable Fetched> then) {
    waiting.add(new Order(head, peer, then));
    next();
  }

  private void next() {
    while (running < most) {
      Order order = waiting.poll();
      if (order == null) {
        return;
      }
      running++;
      figures.fetches.increment();
      var _ =
          begin(order)
              .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
              .whenComplete((got, failure) -> hub.execute(() -> done(order, got)));
    }
  }

  private CompletableFuture<Fetched> begin(Order order) {
    try {
      RequestHead head = order.head();
      return fetch.fetch(head.withFields(head.fields().copy()), order.peer());
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void done(Order order, @Nullable Fetched got) {
    running--;
    try {
      order.then().accept(got);
    } finally {
      next();
    }
  }
}
