package dev.freshet.edge;

import dev.freshet.base.Meters;
import dev.freshet.cache.Entry;
import dev.freshet.edge.Popular.Place;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Watchlist;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import io.netty.channel.EventLoopGroup;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/* An answer that rows keep ends when they change, and then some visitor waits for the app. Where
 * many are answered from memory between two changes, it pays to ask the app at once instead.
 *
 * What may be made again is bounded by what was used. An answer has to be given to some visitors
 * before a change makes it due the first time; from then on each use pays for one such trip, now or
 * after a later change. So there are never more of these trips than hits, however often rows
 * change, and none for what nobody looks at any more.
 *
 * Only answers that everybody shares are made again, by a request without anything that tells who
 * asked for the old one.
 */

/// Makes popular answers again when rows have changed, before anybody asks.
final class Renewals implements AutoCloseable {
  /// Visitors who must have been answered with it since it was made.
  static final int USES = 2;

  /// So long another node may take at least to make one before this one does, and at most.
  private static final long YIELD_MILLIS = 100;

  private static final long MOST_YIELD_MILLIS = 2_000;

  /// Fields by which an answer may differ without saying so in `Vary`, and that name nobody.
  private static final Set<FieldName> ASKED_WITH =
      Set.of(
          FieldName.ACCEPT,
          FieldName.ACCEPT_ENCODING,
          FieldName.ACCEPT_LANGUAGE,
          FieldName.USER_AGENT);

  private final Freshness freshness;
  private final EventLoopGroup loops;
  private final Later later;
  private final Supplier<Site> site;
  private final Watchlist<Place> watchlist;
  private final Favourites favourites;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile boolean isWatching;
  private volatile boolean closed;

  /// All guarded by this.
  private final Map<Place, Popular> due = new HashMap<>();

  /// Due as well, but behind another trip for their keys, here or at another node.
  private int behind;

  private int underWay;

  Renewals(Freshness freshness, EventLoopGroup loops, Supplier<Site> site, Meters meters) {
    this.freshness = freshness;
    this.loops = loops;
    this.later = new Later(loops, this::pump);
    this.site = site;
    this.watchlist = freshness.watchlist(this::told);
    this.favourites = new Favourites(watchlist, site);
    meters.gauge(
        "freshet_edge_renewals_due",
        "Popular answers whose rows have changed and that are still to be made again",
        Map.of(),
        () -> (double) due());
  }

  private synchronized int due() {
    return due.size() + behind + underWay;
  }

  /// Somebody was answered from memory with what rows keep.
  void used(String key, Entry<StoredResponse> entry, Routes.Route route, RequestHead head) {
    if (entry.isWatched()) {
      entry.use();
    } else if (isRenewable(site.get(), route, entry, head) && entry.use() >= USES) {
      entry.watched();
      watch(key, entry, head);
    }
  }

  /// What was asked for with any other field that `Vary` names might be one visitor's after all: an
  /// app may know him by it.
  private static boolean isRenewable(
      Site now, Routes.Route route, Entry<StoredResponse> entry, RequestHead head) {
    return now.limits().renewals() > 0
        && route.rule().share() == Share.PUBLIC
        && entry.meta().isWhole()
        && entry.meta().isChosenImpersonally()
        && head.method().equals("GET")
        && !head.fields().has(FieldName.AUTHORIZATION);
  }

  private void watch(String key, Entry<StoredResponse> entry, RequestHead head) {
    Evidence evidence = entry.evidence();
    if (evidence == null || closed) {
      return;
    }
    Fields asking = head.fields().copy();
    site.get().forwarding().keepImpersonal(asking, ASKED_WITH);
    Place place = new Place(key, entry.meta().selecting());
    Popular popular = new Popular(place, head.withFields(asking), evidence, 0, false);
    if (Favourites.fits(popular)) {
      watch(popular, evidence);
    }
  }

  private void watch(Popular popular, Evidence evidence) {
    favourites.watch(popular);
    isWatching = true;
    // What changed before it was watched was told to nobody.
    if (freshness.isAttached() && !freshness.isCurrent(evidence)) {
      ended(popular);
      pump();
    }
  }

  /// On the feed's thread.
  private void told() {
    if (isWatching && !closed && looking.compareAndSet(false, true)) {
      var _ = Thread.ofVirtual().name("freshet-edge-renewals").start(this::look);
    }
  }

  /// Finds what has ended since the last look. Without a feed nothing could be made that would be
  /// kept; when it is back, everybody is suspect.
  private void look() {
    looking.set(false);
    if (!freshness.isAttached()) {
      return;
    }
    for (Place place : watchlist.suspects()) {
      Popular popular = favourites.at(place);
      if (popular != null && !freshness.isCurrent(popular.evidence())) {
        ended(popular);
      }
    }
    pump();
  }

  private void ended(Popular popular) {
    Entry<StoredResponse> old = popular.stored(site.get());
    if (favourites.forget(popular) && old != null) {
      putBack(popular.used(old.uses()));
    }
  }

  private synchronized void putBack(Popular popular) {
    if (due() < Favourites.MAX) {
      due.put(popular.place(), popular);
    }
  }

  /// Begins as many trips as there may be, those that most were answered with first.
  private void pump() {
    for (Popular each : taken()) {
      new Renewal(each, site.get(), loops.next(), end -> over(each, end)).begin();
    }
  }

  private synchronized List<Popular> taken() {
    List<Popular> out = new ArrayList<>();
    Site now = site.get();
    boolean isOn = !closed && freshness.isAttached();
    while (isOn && !due.isEmpty() && underWay < now.limits().renewals()) {
      Popular next = Collections.max(due.values(), Comparator.comparingInt(Popular::uses));
      if (!now.upstreams().hasLeisure(next.isSought())) {
        later.comeAgain();
        return out;
      }
      due.remove(next.place());
      underWay++;
      out.add(next);
    }
    return out;
  }

  private void over(Popular popular, Renewal.End end) {
    synchronized (this) {
      underWay--;
    }
    switch (end) {
      case Renewal.End.Done() -> {
        stays(popular);
        pump();
      }
      case Renewal.End.Unwatched() -> {
        putBack(popular);
        // Should the feed be back already, that was told too early for this one.
        pump();
      }
      case Renewal.End.Busy() -> {
        putBack(popular);
        later.comeAgain();
      }
      case Renewal.End.Behind(Fill other) -> {
        waits();
        var _ = other.grounds().whenComplete((known, failure) -> isNext(popular));
        pump();
      }
      case Renewal.End.Elsewhere() -> {
        waits();
        yields(popular.yielded());
        pump();
      }
    }
  }

  /// What was used more often than it was made again is watched at once, whoever made it.
  private void stays(Popular popular) {
    Entry<StoredResponse> made = popular.uses() > 1 ? popular.stored(site.get()) : null;
    Evidence evidence = made == null ? null : made.evidence();
    if (made != null && evidence != null && !made.isWatched() && !closed) {
      made.watched();
      watch(popular.spent(evidence), evidence);
    }
  }

  /// Twice what an answer takes here: the other node has the same app.
  static long yieldMillis(long answerNanos) {
    long twice = TimeUnit.NANOSECONDS.toMillis(2 * answerNanos);
    return Math.clamp(twice, YIELD_MILLIS, MOST_YIELD_MILLIS);
  }

  private void yields(Popular popular) {
    try {
      long patience = yieldMillis(site.get().upstreams().answerNanos());
      var _ = loops.next().schedule(() -> isNext(popular), patience, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // It is being closed.
      closed = true;
    }
  }

  private synchronized void waits() {
    behind++;
  }

  private void isNext(Popular popular) {
    synchronized (this) {
      behind--;
      putBack(popular);
    }
    pump();
  }

  @Override
  public void close() {
    closed = true;
    watchlist.close();
  }
}
