package dev.freshet.edge;

import dev.freshet.base.Meters;
import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.cache.Standing;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.edge.StoredResponse.Selecting;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Watchlist;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/* An answer that rows keep ends when they change, and then some visitor waits for the app. Where
 * many are answered from memory between two changes, it pays to ask the app at once instead.
 *
 * What may be made again is bounded by what was used: an answer has to be given to some visitors
 * before the next change makes it due, so there is never more than one such trip for that many
 * hits, however often rows change, and none for what nobody looks at any more.
 *
 * It is an ordinary trip (a Fill without a leader): its position is taken before it begins, what
 * it reads is learned, and it is stored only if that still holds. So nothing here can make an old
 * answer look new. Only answers that everybody shares are made again, by a request without
 * anything that tells who asked for the old one.
 */

/// Makes popular answers again when rows have changed, before anybody asks.
final class Renewals implements AutoCloseable {
  /// Visitors who must have been answered with it since it was made.
  static final int USES = 2;

  private static final System.Logger LOG = System.getLogger("freshet.edge");
  private static final int MAX_WATCHED = 4_096;
  private static final long MAX_WEIGHT = 16 << 20;
  private static final long LATER_MILLIS = 50;

  /// Nobody's address: Freshet itself asks.
  private static final InetSocketAddress ITSELF =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  /// Fields by which an answer may differ without saying so in `Vary`, and that name nobody.
  private static final Set<FieldName> ASKED_WITH =
      Set.of(
          FieldName.ACCEPT,
          FieldName.ACCEPT_ENCODING,
          FieldName.ACCEPT_LANGUAGE,
          FieldName.USER_AGENT);

  private final Freshness freshness;
  private final EventLoopGroup loops;
  private final Supplier<Site> site;
  private final Watchlist<Place> watchlist;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile boolean isWatching;
  private volatile boolean closed;

  /// In the order of their coming; all guarded by this.
  private final Map<Place, Popular> watched = new LinkedHashMap<>();

  private final Map<Place, Popular> due = new HashMap<>();
  private long weight;
  private int underWay;
  private boolean comesAgain;

  /// Where an answer is stored: of one key there may be several.
  private record Place(String key, Selecting selecting) {}

  /// @param head asks for it
  /// @param uses so many visitors were answered with it
  private record Popular(Place place, RequestHead head, Evidence evidence, int uses) {
    Popular used(int times) {
      return new Popular(place, head, evidence, times);
    }
  }

  Renewals(Freshness freshness, EventLoopGroup loops, Supplier<Site> site, Meters meters) {
    this.freshness = freshness;
    this.loops = loops;
    this.site = site;
    this.watchlist = freshness.watchlist(this::told);
    meters.gauge(
        "freshet_edge_renewals_due",
        "Popular answers whose rows have changed and that are still to be made again",
        Map.of(),
        () -> (double) due());
  }

  private synchronized int due() {
    return due.size();
  }

  /// Somebody was answered from memory with what rows keep.
  void used(String key, Entry<StoredResponse> entry, Routes.Route route, RequestHead head) {
    if (entry.use() == USES && isRenewable(site.get(), route, entry, head)) {
      watch(key, entry, head);
    }
  }

  private static boolean isRenewable(
      Site now, Routes.Route route, Entry<StoredResponse> entry, RequestHead head) {
    return now.limits().renewals() > 0
        && route.rule().share() == Share.PUBLIC
        && entry.meta().isWhole()
        && head.method().equals("GET")
        && !head.fields().has(FieldName.AUTHORIZATION);
  }

  private void watch(String key, Entry<StoredResponse> entry, RequestHead head) {
    Evidence evidence = entry.evidence();
    if (evidence == null || closed || evidence.weight() > MAX_WEIGHT / 16) {
      return;
    }
    Selecting selecting = entry.meta().selecting();
    Fields asking = head.fields().copy();
    asking.removeIf(name -> !ASKED_WITH.contains(name) && !selecting.names().contains(name));
    Place place = new Place(key, selecting);
    Popular popular = new Popular(place, head.withFields(asking), evidence, USES);
    synchronized (this) {
      forget(place);
      while (watched.size() >= MAX_WATCHED || weight + evidence.weight() > MAX_WEIGHT) {
        forget(watched.keySet().iterator().next());
      }
      watched.put(place, popular);
      weight += evidence.weight();
      watchlist.watch(place, evidence);
      isWatching = true;
    }
    // What changed before it was watched was told to nobody.
    if (freshness.isAttached() && !freshness.isCurrent(evidence)) {
      ended(popular);
      pump();
    }
  }

  /// Guarded by this.
  private void forget(Place place) {
    Popular gone = watched.remove(place);
    if (gone != null) {
      weight -= gone.evidence().weight();
      watchlist.forget(place);
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
      Popular popular;
      synchronized (this) {
        popular = watched.get(place);
      }
      if (popular != null && !freshness.isCurrent(popular.evidence())) {
        ended(popular);
      }
    }
    pump();
  }

  private void ended(Popular popular) {
    Entry<StoredResponse> old = stored(site.get(), popular.place());
    synchronized (this) {
      if (popular.equals(watched.get(popular.place()))) {
        forget(popular.place());
        if (old != null && due.size() < MAX_WATCHED) {
          due.put(popular.place(), popular.used(old.uses()));
        }
      }
    }
  }

  /// What memory holds there, current or not.
  private static @Nullable Entry<StoredResponse> stored(Site now, Place place) {
    Resource<StoredResponse> all = now.cache().heap(place.key());
    for (int i = 0; all != null && i < all.size(); i++) {
      Entry<StoredResponse> entry = all.get(i);
      if (entry.meta().isWhole() && entry.meta().selecting().equals(place.selecting())) {
        return entry;
      }
    }
    return null;
  }

  /// Begins as many trips as there may be, those that most were answered with first.
  private void pump() {
    for (Popular each : taken()) {
      EventLoop loop = loops.next();
      try {
        loop.execute(() -> begin(each, loop));
      } catch (RejectedExecutionException e) {
        // It is being closed.
        over();
      }
    }
  }

  private synchronized List<Popular> taken() {
    List<Popular> out = new ArrayList<>();
    Site now = site.get();
    while (!closed && !due.isEmpty() && underWay < now.limits().renewals()) {
      if (!now.upstreams().hasLeisure(underWay)) {
        comeAgain();
        return out;
      }
      Popular next = Collections.max(due.values(), Comparator.comparingInt(Popular::uses));
      due.remove(next.place());
      underWay++;
      out.add(next);
    }
    return out;
  }

  private void comeAgain() {
    if (!comesAgain) {
      comesAgain = true;
      var _ = loops.next().schedule(this::again, LATER_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void again() {
    synchronized (this) {
      comesAgain = false;
    }
    pump();
  }

  private void over() {
    synchronized (this) {
      underWay--;
    }
    pump();
  }

  private void begin(Popular popular, EventLoop loop) {
    Site now = site.get();
    try {
      Entry<StoredResponse> old = stored(now, popular.place());
      if (old == null || !isWanted(now, popular, old)) {
        over();
      } else if (now.cache().mayHaveNewer(old)) {
        var _ =
            now.cache()
                .second(popular.place().key())
                .whenComplete((found, failure) -> loop.execute(() -> send(now, popular, loop)));
      } else {
        send(now, popular, loop);
      }
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a renewal ended in an internal fault", e);
      over();
    }
  }

  /// False where somebody was quicker, or other rules are in force by now.
  private static boolean isWanted(Site now, Popular popular, Entry<StoredResponse> old) {
    String key = popular.place().key();
    RouteRule rule = now.routes().of(popular.head()).rule();
    return now.cache().standing(old) == Standing.CHANGED
        && rule.cache()
        && rule.rows() != null
        && rule.share() == Share.PUBLIC
        && now.keys().of(popular.head(), rule).equals(key)
        && !now.hitForMiss().isMarked(key)
        && now.flights().get(key) == null;
  }

  private void send(Site now, Popular popular, EventLoop loop) {
    Entry<StoredResponse> old = stored(now, popular.place());
    if (old == null || !isWanted(now, popular, old)) {
      over();
      return;
    }
    RequestHead head = popular.head();
    Routes.Route route = now.routes().of(head);
    Learning learning = Learning.begin(now, route, head);
    Entry<StoredResponse> base = old.meta().validators().isEmpty() ? null : old;
    Trip trip =
        new Trip(
            popular.place().key(),
            head,
            Requests.toOrigin(now, route, head, ITSELF, base, false, learning),
            route,
            false,
            base,
            null,
            now.compression().choose(head.fields()),
            true,
            learning,
            loop);
    Fill made = new Fill(now, trip, null);
    if (!now.flights().putIfAbsent(trip.key(), made)) {
      learning.drop();
      over();
      return;
    }
    route.figures().renews();
    var _ = made.grounds().whenComplete((known, failure) -> over());
    made.start();
  }

  @Override
  public void close() {
    closed = true;
    watchlist.close();
  }
}
