package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.freshness.Freshness;
import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A popular answer on its way to be made again. It ends once, whatever happens.
final class Renewal {
  private static final System.Logger LOG = System.getLogger("freshet.edge");

  private final Popular popular;
  private final Site site;
  private final Freshness freshness;
  private final EventLoop loop;
  private final Consumer<End> then;
  private final AtomicBoolean over = new AtomicBoolean();

  /// How it ended.
  sealed interface End {
    /// It was made, or is not wanted any more.
    record Done() implements End {}

    /// It can't be kept now: the feed is away.
    record Unwatched() implements End {}

    /// The app has no place for what nobody waits for.
    record Busy() implements End {}

    /// Another node goes first, and what it makes will be found in the second tier.
    record Elsewhere() implements End {}

    /// Another trip for its key has to be over first.
    record Behind(Fill other) implements End {}
  }

  /// @param then is told of its end, once
  Renewal(Popular popular, Site site, EventLoop loop, Consumer<End> then) {
    this.popular = popular;
    this.site = site;
    this.freshness = site.database().freshness();
    this.loop = loop;
    this.then = then;
  }

  void begin() {
    onLoop(this::decide);
  }

  private void onLoop(Runnable step) {
    try {
      loop.execute(() -> guarded(step));
    } catch (RejectedExecutionException e) {
      // It is being closed.
      over(new End.Done());
    }
  }

  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a renewal ended in an internal fault", e);
      over(new End.Done());
    }
  }

  private void over(End how) {
    if (over.compareAndSet(false, true)) {
      then.accept(how);
    }
  }

  private void decide() {
    Entry<StoredResponse> old = wanted();
    if (old == null) {
      return;
    }
    boolean isShared = site.cache().mayHaveNewer(old);
    if (isShared && !popular.hasYielded() && !freshness.isFirstFor(popular.place().key())) {
      over(new End.Elsewhere());
    } else if (isShared) {
      var _ =
          site.cache()
              .second(popular.place().key())
              .whenComplete((found, failure) -> onLoop(this::send));
    } else {
      send();
    }
  }

  /// The answer that is to be made again; null when this is over.
  private @Nullable Entry<StoredResponse> wanted() {
    if (!freshness.isAttached()) {
      over(new End.Unwatched());
      return null;
    }
    Entry<StoredResponse> old = popular.stored(site);
    if (old == null || !popular.isDue(site, old)) {
      over(new End.Done());
      return null;
    }
    return old;
  }

  private void send() {
    Entry<StoredResponse> old = wanted();
    if (old == null) {
      return;
    }
    switch (Unasked.begin(
        site,
        popular.place().key(),
        popular.head(),
        old,
        popular.isSought(),
        () -> old.equals(popular.stored(site)) && popular.isDue(site, old),
        loop)) {
      case Unasked.Busy() -> over(new End.Busy());
      case Unasked.Behind(Fill other) -> over(new End.Behind(other));
      case Unasked.Begun(Fill made) -> {
        site.routes().of(popular.head()).figures().renews();
        // Known a moment before it is stored.
        var _ = made.grounds().whenComplete((known, failure) -> onLoop(() -> over(new End.Done())));
      }
    }
  }
}
