package dev.freshet.live;

import dev.freshet.base.Time;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Watchlist;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/* Why nothing is lost.
 *
 * A channel carries states, not happenings. A topic has the last state of an answer and the
 * evidence it was made from. Whether that still holds does not depend on having seen an event go
 * by: once something it was made from has changed, its evidence is not current, and stays so. So
 * there is no gap between the first fetch and the following: the fetch takes its position before
 * it reads, the topic is put on the watch list, and then its evidence is looked at; what happened
 * in between is seen by the look, what happens later is told by the list (see Watchlist).
 *
 * Each new state replaces the one before, and who is told has either the state before (NEXT) or
 * needs none (WHOLE). A version is a digest of the answer, the same on every node and after every
 * restart. A client that comes back says which version it has: if the answer now has another, it
 * is told; if not, it has missed nothing that is still true.
 *
 * What one subscriber is given is shown to another only where the edge says that both are answered
 * with the same (`sharedAs`), and this is asked anew for each state: when the answer to the one
 * who asked is no longer the common one, he leaves, and the next one asks for himself.
 */

/// Follows answers and tells subscribers of new states; all of it on one thread.
final class Hub implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.live");
  private static final int TICK_MILLIS = 250;
  private static final int FIRST_RETRY_MILLIS = 20;

  /// An answer that changes faster than it is made is asked for so often without a pause.
  private static final int RESTLESS = 8;

  private static final int MAX_RETRY_MILLIS = 30_000;

  /// How often an answer without evidence is asked for again before it counts as having none:
  /// between two looks of a busy cache it may be missing.
  private static final int ATTEMPTS = 3;

  private final LiveConfig config;
  private final Freshness freshness;
  private final Time time;
  private final LiveFigures figures;
  private final Watchlist<Topic> watchlist;
  private final Fetches fetches;
  private final ScheduledExecutorService thread;
  private final AtomicBoolean isDue = new AtomicBoolean();

  // ---- of the thread ----
  private final Set<Subscriber> subscribers = new LinkedHashSet<>();
  private final Map<String, Topic> shared = new HashMap<>();
  private final Set<Topic> topics = new LinkedHashSet<>();

  /// Topics known to have changed by something that is not visible to all yet.
  private final Set<Topic> unsettled = new LinkedHashSet<>();

  /// Subscriptions whose first answer has to wait: for the feed, or for another attempt.
  private final Set<Subscription> pending = new LinkedHashSet<>();

  private int subscriptions;
  private boolean isAttached;
  private boolean isOver;
  private volatile LiveSnapshot snapshot = new LiveSnapshot(0, 0, 0, 0, 0, false);

  Hub(LiveConfig config, Freshness freshness, Fetch fetch, Time time, LiveFigures figures) {
    this.config = config;
    this.freshness = freshness;
    this.time = time;
    this.figures = figures;
    thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("freshet-live").daemon().factory());
    fetches = new Fetches(fetch, this::run, config.maxFetches(), figures);
    watchlist = freshness.watchlist(this::told);
    isAttached = freshness.isAttached();
    var _ =
        thread.scheduleWithFixedDelay(
            () -> guarded(this::tick), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    figures.gauges(this);
  }

  // ---- from other threads ----

  LiveFigures figures() {
    return figures;
  }

  LiveSnapshot snapshot() {
    return snapshot;
  }

  long nanos() {
    return time.nanos();
  }

  private void run(Runnable task) {
    try {
      thread.execute(() -> guarded(task));
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "after the end", e);
    }
  }

  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "an internal fault", e);
    }
  }

  /// The feed has news.
  private void told() {
    if (isDue.compareAndSet(false, true)) {
      run(this::sweep);
    }
  }

  void join(Subscriber subscriber) {
    run(() -> {
      subscribers.add(subscriber);
      if (isOver) {
        dismiss(subscriber);
      } else if (!isAttached) {
        tell(subscriber, Event.PAUSED);
      }
      count();
    });
  }

  void leave(Subscriber subscriber) {
    run(() -> {
      if (subscribers.remove(subscriber)) {
        List.copyOf(subscriber.subscriptions.values()).forEach(this::drop);
        count();
      }
    });
  }

  void subscribe(Subscriber subscriber, List<Wish> wishes) {
    run(() -> {
      wishes.forEach(wish -> subscribe(subscriber, wish));
      count();
    });
  }

  void unsubscribe(Subscriber subscriber, List<String> urls) {
    run(() -> {
      for (String url : urls) {
        Subscription old = subscriber.subscriptions.get(url);
        if (old != null) {
          drop(old);
        }
      }
      count();
    });
  }

  /// Tells the states of these anew, because some were skipped.
  void repeat(Subscriber subscriber, List<String> urls) {
    run(() -> {
      for (String url : urls) {
        Subscription known = subscriber.subscriptions.get(url);
        Topic topic = known == null ? null : known.topic;
        if (known != null && topic != null) {
          known.version = topic.state.version();
          tell(subscriber, Event.subscribed(url, topic.state, known.wantsContent()));
        }
      }
    });
  }

  /// Ends all channels, also those that are just being opened: their clients come again, here or
  /// elsewhere.
  void dismissAll() {
    run(() -> {
      isOver = true;
      subscribers.forEach(Hub::dismiss);
    });
  }

  private static void dismiss(Subscriber one) {
    one.caller().loop().execute(() -> one.close(WebSocketFrames.GOING_AWAY, "going away"));
  }

  // ---- subscriptions ----

  private void subscribe(Subscriber subscriber, Wish wish) {
    if (!subscribers.contains(subscriber)) {
      return;
    }
    Subscription old = subscriber.subscriptions.get(wish.url());
    if (old != null) {
      drop(old);
    }
    if (!wish.isSound()) {
      refuse(subscriber, wish.url(), "bad-url", 0, "subscribe to a path of this site, as /a?b=c");
      return;
    }
    if (subscriber.subscriptions.size() >= config.maxUrls()) {
      refuse(subscriber, wish.url(), "too-many", 0, "one client may follow " + config.maxUrls());
      return;
    }
    Subscription made = new Subscription(subscriber, wish, Requests.of(subscriber.head(), wish));
    subscriber.subscriptions.put(wish.url(), made);
    subscriptions++;
    ask(made);
  }

  private void ask(Subscription made) {
    if (!isAttached) {
      pending.add(made);
      return;
    }
    fetches.order(made.head, made.subscriber.caller().peer(), got -> answered(made, got));
  }

  private void answered(Subscription made, @Nullable Fetched got) {
    if (made.over) {
      return;
    }
    Refusal refusal = Refusal.of(made, got, config);
    if (refusal != null && refusal.isDoubt()) {
      if (!freshness.isAttached() || made.attempts++ < ATTEMPTS) {
        pending.add(made);
        return;
      }
    }
    settle(made, got);
    count();
  }

  /// Gives a subscription that has no topic its place by an answer to its own request.
  private void settle(Subscription made, @Nullable Fetched got) {
    Refusal refusal = Refusal.of(made, got, config);
    Evidence evidence = got == null ? null : got.evidence();
    if (refusal != null || got == null || evidence == null) {
      end(made, refusal == null ? new Refusal("unreachable", 0, "") : refusal);
      return;
    }
    State state = State.of(got, evidence.asOf());
    String common = got.sharedAs();
    Topic topic = common == null ? null : shared.get(common);
    if (topic == null) {
      topic = new Topic(common, state, evidence);
      topics.add(topic);
      if (common != null) {
        shared.put(common, topic);
      }
      enter(topic, made);
      watch(topic, evidence);
    } else {
      if (isNewer(evidence, topic)) {
        advance(topic, state, evidence);
      }
      enter(topic, made);
      if (made.wantsContent() && topic.state.content() == null) {
        if (!state.version().equals(topic.state.version())) {
          // The topic is ahead, but nobody wanted its content so far.
          refetch(topic);
          return;
        }
        topic.state = state.at(topic.state.position());
      }
    }
    greet(made, topic.state);
  }

  private void enter(Topic topic, Subscription made) {
    made.topic = topic;
    topic.members.add(made);
    if (!topic.wantsContent()) {
      topic.state = topic.state.bare();
    }
  }

  private void greet(Subscription made, State state) {
    boolean isKnown = state.version().equals(made.version);
    if (made.greeted && isKnown) {
      return;
    }
    made.greeted = true;
    made.version = state.version();
    tell(made.subscriber, Event.subscribed(made.url, state, made.wantsContent() && !isKnown));
  }

  private void end(Subscription made, Refusal why) {
    drop(made);
    if (made.greeted) {
      figures.refused(why.reason());
      tell(made.subscriber, Event.ended(made.url, why.reason(), why.status(), why.detail()));
    } else {
      refuse(made.subscriber, made.url, why.reason(), why.status(), why.detail());
    }
  }

  private void refuse(Subscriber to, String url, String reason, int status, String detail) {
    figures.refused(reason);
    tell(to, Event.refused(url, reason, status, detail));
  }

  private void drop(Subscription old) {
    if (old.over) {
      return;
    }
    old.over = true;
    subscriptions--;
    pending.remove(old);
    old.subscriber.subscriptions.remove(old.url, old);
    quit(old);
  }

  private void quit(Subscription old) {
    Topic topic = old.topic;
    old.topic = null;
    if (topic != null) {
      topic.members.remove(old);
      if (topic.members.isEmpty()) {
        dispose(topic);
      }
    }
  }

  private void dispose(Topic topic) {
    watchlist.forget(topic);
    topics.remove(topic);
    unsettled.remove(topic);
    if (topic.sharedAs != null) {
      shared.remove(topic.sharedAs, topic);
    }
  }

  // ---- following ----

  private void sweep() {
    isDue.set(false);
    boolean now = freshness.isAttached();
    if (now != isAttached) {
      isAttached = now;
      subscribers.forEach(each -> tell(each, now ? Event.RESUMED : Event.PAUSED));
      askPending();
    }
    Collection<Topic> suspects = watchlist.suspects();
    if (!now) {
      // When the feed is back, everybody is a suspect.
      return;
    }
    long nanos = nanos();
    List<Topic> again = List.copyOf(unsettled);
    unsettled.clear();
    again.forEach(topic -> look(topic, nanos));
    suspects.forEach(topic -> look(topic, nanos));
    count();
  }

  private void askPending() {
    if (isAttached) {
      List<Subscription> waiting = List.copyOf(pending);
      pending.clear();
      waiting.forEach(this::ask);
    }
  }

  private void look(Topic topic, long nanos) {
    boolean isSettled = freshness.isCurrent(topic.evidence) && !hasNewcomers(topic);
    if (topic.members.isEmpty() || isSettled || !freshness.isAttached()) {
      return;
    }
    if (topic.changedAt == 0) {
      topic.changedAt = nanos;
    }
    refetch(topic);
  }

  /// Asks for the topic's answer in the name of one of its members. What changes while that is
  /// under way shows in the evidence that comes back.
  private void refetch(Topic topic) {
    if (topic.fetching || topic.members.isEmpty()) {
      return;
    }
    topic.fetching = true;
    Subscription asker = topic.members.iterator().next();
    fetches.order(
        asker.head, asker.subscriber.caller().peer(), got -> refetched(topic, asker, got));
  }

  private void refetched(Topic topic, Subscription asker, @Nullable Fetched got) {
    topic.fetching = false;
    if (topic.members.isEmpty()) {
      return;
    }
    Evidence evidence = got == null ? null : got.evidence();
    if (got == null || got.status() >= 500 || got.status() == 429) {
      retryLater(topic);
      return;
    }
    if (evidence == null && Refusal.isGood(got)) {
      if (!freshness.isAttached()) {
        return;
      }
      if (topic.failures < ATTEMPTS) {
        retryLater(topic);
        return;
      }
    }
    boolean isCommon =
        Objects.equals(got.sharedAs(), topic.sharedAs) && Refusal.of(asker, got, config) == null;
    if (isCommon && evidence != null) {
      common(topic, got, evidence);
    } else {
      if (topic.members.contains(asker)) {
        topic.members.remove(asker);
        asker.topic = null;
        settle(asker, got);
      }
      if (topic.members.isEmpty()) {
        dispose(topic);
      } else {
        refetch(topic);
      }
    }
    count();
  }

  private void common(Topic topic, Fetched got, Evidence evidence) {
    if (isNewer(evidence, topic) || evidence.asOf() == topic.state.position()) {
      advance(topic, State.of(got, evidence.asOf()), evidence);
    } else if (!freshness.isCurrent(topic.evidence) || hasNewcomers(topic)) {
      settleLater(topic);
    }
  }

  /// Whether an answer tells more than the topic does: it holds now, or reflects a later position.
  private boolean isNewer(Evidence evidence, Topic topic) {
    return freshness.isCurrent(evidence)
        || (evidence.history() == topic.evidence.history()
            && Long.compareUnsigned(evidence.asOf(), topic.state.position()) > 0);
  }

  private void advance(Topic topic, State state, Evidence evidence) {
    State before = topic.state;
    topic.state = topic.wantsContent() ? state : state.bare();
    if (!state.version().equals(before.version())) {
      figures.changes.increment();
      if (topic.changedAt != 0) {
        figures.delay.record(nanos() - topic.changedAt);
      }
      broadcast(topic, before);
    } else {
      greetLate(topic);
    }
    topic.changedAt = 0;
    watch(topic, evidence);
  }

  /// Who came while the content was missing.
  private void greetLate(Topic topic) {
    for (Subscription each : topic.members) {
      if (!each.greeted) {
        greet(each, topic.state);
      }
    }
  }

  private void watch(Topic topic, Evidence evidence) {
    boolean isProgress = evidence.asOf() != topic.evidence.asOf() || topic.restless == 0;
    topic.evidence = evidence;
    watchlist.watch(topic, evidence);
    if (freshness.isCurrent(evidence)) {
      topic.restless = 0;
      topic.failures = 0;
      return;
    }
    topic.restless++;
    topic.changedAt = nanos();
    if (isProgress) {
      settleLater(topic);
    } else {
      // The same old answer again, as when it stands in for one that can't be had.
      retryLater(topic);
    }
  }

  /// What has changed it may not be visible to all: then the answer is asked for when it is.
  private void settleLater(Topic topic) {
    if (!freshness.isAttached()) {
      return;
    }
    boolean isKnownToAll = Long.compareUnsigned(freshness.published(), topic.evidence.asOf()) > 0;
    if (!isKnownToAll && !hasNewcomers(topic)) {
      unsettled.add(topic);
    } else if (topic.restless <= RESTLESS) {
      refetch(topic);
    } else {
      after(topic, FIRST_RETRY_MILLIS);
    }
  }

  private static boolean hasNewcomers(Topic topic) {
    return topic.members.stream().anyMatch(each -> !each.greeted);
  }

  private void retryLater(Topic topic) {
    long wait = (long) FIRST_RETRY_MILLIS << Math.min(12, topic.failures);
    topic.failures++;
    after(topic, Math.min(MAX_RETRY_MILLIS, wait));
  }

  private void after(Topic topic, long millis) {
    var _ =
        thread.schedule(() -> guarded(() -> look(topic, nanos())), millis, TimeUnit.MILLISECONDS);
  }

  // ---- telling ----

  private void broadcast(Topic topic, State before) {
    Broadcast out = new Broadcast(before, topic.state);
    for (Subscription each : topic.members) {
      each.greeted = true;
      out.add(each);
      each.version = topic.state.version();
    }
    figures.events.add(topic.members.size());
    out.send();
  }

  private static void tell(Subscriber to, Event event) {
    to.caller().loop().execute(() -> to.take(event));
  }

  private void tick() {
    long now = nanos();
    askPending();
    long heartbeat = config.heartbeat().toNanos();
    for (Subscriber each : subscribers) {
      if (now - each.heardAt() > 3 * heartbeat) {
        each.caller()
            .loop()
            .execute(() -> each.close(WebSocketFrames.GOING_AWAY, "not heard of for too long"));
      } else if (now - each.saidAt() > heartbeat) {
        tell(each, Event.BEAT);
      }
    }
    count();
  }

  private void count() {
    snapshot =
        new LiveSnapshot(
            subscribers.size(),
            subscriptions,
            topics.size(),
            fetches.running(),
            fetches.waiting(),
            isAttached);
  }

  /// Dismisses everybody, then ends the thread.
  @Override
  public void close() {
    if (thread.isShutdown()) {
      return;
    }
    dismissAll();
    CompletableFuture<Void> said = CompletableFuture.runAsync(() -> {}, thread);
    try {
      said.get(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.log(System.Logger.Level.WARNING, "not everybody could be dismissed", e);
    }
    watchlist.close();
    thread.shutdownNow();
  }
}
