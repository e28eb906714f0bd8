package dev.freshet.edge;

import dev.freshet.base.Meters;
import dev.freshet.cache.Resource;
import dev.freshet.cache.Standing;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.http.AbsoluteUrl;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.SoundingTarget;
import dev.freshet.http.Version;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/* After a start or a deploy every first request for an address has to wait for the app. An operator
 * knows what will be asked for (a log of yesterday, a sitemap), so Freshet can ask first, the most
 * wanted first, with what the app has to spare.
 *
 * What is asked is asked as nobody in particular and kept on the same terms as any answer. Who
 * gives the addresses vouches that asking for them does no harm; all the same nothing is asked for
 * that sounds as if it did something, and nothing on a route where the gateway has seen a GET
 * change rows.
 */

/// Asks ahead for addresses that an operator expects visitors to ask for.
final class Warming implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.edge");

  /// Addresses that may wait; who has more brings them later.
  static final int MAX_WAITING = 20_000;

  /// Characters of all that wait.
  static final int MAX_LENGTH = 8_000_000;

  /// Trips at a time, whatever is wished.
  static final int MOST_AT_ONCE = 16;

  /// Trips at a time for what pages name and a purge has taken: its visitors are on their way.
  private static final int FIRST_AT_ONCE = 4;

  private static final int LONGEST = 8_192;
  private static final FieldName PURPOSE = FieldName.of("Sec-Purpose");

  private final EventLoopGroup loops;
  private final Later later;
  private final Supplier<Site> site;

  /// Why an address is not asked for.
  enum LeftAlone {
    NOT_THE_APPS,
    SOUNDS_LIKE_A_DEED,
    ROUTE_OFF,
    BY_USER,
    ROUTE_HAS_WRITTEN,
    NOT_KEPT_LATELY,
    NO_FEED
  }

  /// @param isSought whether visitors are about to ask for it
  private record Wanted(RequestHead head, boolean isSought) {
    int length() {
      return head.authority().length() + head.target().length();
    }
  }

  /// All guarded by this.
  private final Deque<Wanted> waiting = new ArrayDeque<>();

  private final Map<LeftAlone, Long> leftAlone = new EnumMap<>(LeftAlone.class);
  private int atOnce = 1;
  private long length;
  private int underWay;
  private long made;
  private long there;
  private long notKept;
  private boolean closed;

  Warming(EventLoopGroup loops, Supplier<Site> site, Meters meters) {
    this.loops = loops;
    this.later = new Later(loops, this::pump);
    this.site = site;
    meters.gauge(
        "freshet_edge_warming_waiting",
        "Addresses that Freshet is still to ask for before anybody does",
        Map.of(),
        () -> (double) snapshot().waiting());
  }

  /// Takes addresses, absolute as clients use them, the most wanted first; those that came before
  /// go first. Throws [IllegalArgumentException], and takes none, where one is no address or there
  /// is no room for all.
  ///
  /// @param most trips to the app at a time
  WarmingSnapshot add(List<String> urls, int most) {
    if (most < 1 || most > MOST_AT_ONCE) {
      throw new IllegalArgumentException("atOnce: 1 to " + MOST_AT_ONCE);
    }
    List<Wanted> heads = urls.stream().map(url -> new Wanted(head(url), false)).toList();
    long more = heads.stream().mapToLong(Wanted::length).sum();
    synchronized (this) {
      if (waiting.size() + heads.size() > MAX_WAITING) {
        throw new IllegalArgumentException(
            "at most " + MAX_WAITING + " addresses may wait, and " + waiting.size() + " do");
      }
      if (length + more > MAX_LENGTH) {
        throw new IllegalArgumentException(
            "addresses of at most " + MAX_LENGTH + " characters in all may wait");
      }
      atOnce = most;
      length += more;
      waiting.addAll(heads);
    }
    pump();
    return snapshot();
  }

  /// Takes addresses that go before all that wait, as far as there is room.
  void first(List<String> urls) {
    List<Wanted> heads = urls.stream().map(url -> new Wanted(head(url), true)).toList();
    synchronized (this) {
      for (Wanted head : heads) {
        if (!closed && waiting.size() < MAX_WAITING) {
          waiting.addFirst(head);
          length += head.length();
        }
      }
    }
    pump();
  }

  private static RequestHead head(String url) {
    AbsoluteUrl parts = AbsoluteUrl.parse(url);
    if (url.length() > LONGEST) {
      throw new IllegalArgumentException("an address of " + url.length() + " characters");
    }
    Fields asking = new Fields(4);
    asking.add(FieldName.ACCEPT, "text/html,*/*;q=0.8");
    asking.add(FieldName.ACCEPT_ENCODING, "gzip, deflate, br, zstd");
    asking.add(FieldName.USER_AGENT, "Freshet");
    asking.add(PURPOSE, "prefetch");
    return new RequestHead(
        "GET",
        parts.scheme(),
        parts.site(),
        ContentName.without(parts.target()),
        asking,
        Version.HTTP_1_1);
  }

  /// Asks for nothing that is still waiting.
  synchronized WarmingSnapshot stop() {
    waiting.clear();
    length = 0;
    return snapshot();
  }

  synchronized WarmingSnapshot snapshot() {
    Map<String, Long> reasons = new TreeMap<>();
    leftAlone.forEach(
        (why, times) -> reasons.put(why.name().toLowerCase(Locale.ROOT).replace('_', '-'), times));
    return new WarmingSnapshot(waiting.size(), underWay, made, there, notKept, reasons);
  }

  private void pump() {
    for (Wanted wanted : taken()) {
      EventLoop loop = loops.next();
      onLoop(loop, () -> look(wanted, loop));
    }
  }

  private synchronized List<Wanted> taken() {
    List<Wanted> out = new ArrayList<>();
    while (!closed && !waiting.isEmpty() && underWay < mostAtOnce()) {
      if (!site.get().upstreams().hasLeisure(waiting.getFirst().isSought())) {
        later.comeAgain();
        return out;
      }
      underWay++;
      Wanted next = waiting.removeFirst();
      length -= next.length();
      out.add(next);
    }
    return out;
  }

  private int mostAtOnce() {
    return waiting.getFirst().isSought() ? Math.max(atOnce, FIRST_AT_ONCE) : atOnce;
  }

  private void onLoop(EventLoop loop, Runnable step) {
    try {
      loop.execute(() -> guarded(step));
    } catch (RejectedExecutionException e) {
      // It is being closed.
      close();
    }
  }

  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "asking ahead ended in an internal fault", e);
      over(Fate.NOT_KEPT);
    }
  }

  private void look(Wanted wanted, EventLoop loop) {
    Site now = site.get();
    RequestHead head = forTheApp(now, wanted.head());
    if (head == null) {
      leaveAlone(LeftAlone.NOT_THE_APPS);
      return;
    }
    LeftAlone why = objection(now, head);
    if (why != null) {
      leaveAlone(why);
    } else if (isThere(now, head)) {
      over(Fate.THERE);
    } else {
      var _ =
          now.cache()
              .second(key(now, head))
              .whenComplete((found, failure) ->
                  onLoop(loop, () -> send(new Wanted(head, wanted.isSought()), loop)));
    }
  }

  private void leaveAlone(LeftAlone why) {
    synchronized (this) {
      leftAlone.merge(why, 1L, Long::sum);
    }
    over(Fate.LEFT_ALONE);
  }

  /// What the app is asked for where visitors ask for that: of a list in pages it is the list. Null
  /// where Freshet answers by itself.
  private static @Nullable RequestHead forTheApp(Site now, RequestHead wanted) {
    Pagination pages = now.routes().of(wanted).rule().pages();
    if (wanted.target().startsWith(Edge.OWN)) {
      return null;
    }
    return pages == null ? wanted : Pager.list(wanted, pages);
  }

  private static @Nullable LeftAlone objection(Site now, RequestHead head) {
    Routes.Route route = now.routes().of(head);
    RouteRule rule = route.rule();
    if (SoundingTarget.isOfDeed(head.target())) {
      return LeftAlone.SOUNDS_LIKE_A_DEED;
    }
    if (!rule.cache()) {
      return LeftAlone.ROUTE_OFF;
    }
    if (rule.share() == Share.BY_USER) {
      return LeftAlone.BY_USER;
    }
    if (route.figures().hasWritten()) {
      return LeftAlone.ROUTE_HAS_WRITTEN;
    }
    if (now.hitForMiss().isMarked(now.keys().of(head, rule))) {
      return LeftAlone.NOT_KEPT_LATELY;
    }
    boolean isKept = rule.rows() == null || now.database().freshness().isAttached();
    return isKept ? null : LeftAlone.NO_FEED;
  }

  private static String key(Site now, RequestHead head) {
    return now.keys().of(head, now.routes().of(head).rule());
  }

  /// Parts, and what is for others by what they asked with, are not it.
  private static boolean isThere(Site now, RequestHead head) {
    Resource<StoredResponse> all = now.cache().heap(key(now, head));
    for (int i = 0; all != null && i < all.size(); i++) {
      StoredResponse stored = all.get(i).meta();
      boolean isFresh = stored.times().leftMillis(now.time().millis()) > 0;
      boolean fits = stored.isWhole() && Lookup.selects(stored, head.fields());
      if (isFresh && fits && now.cache().standing(all.get(i)) == Standing.LIVE) {
        return true;
      }
    }
    return false;
  }

  private void send(Wanted wanted, EventLoop loop) {
    Site now = site.get();
    RequestHead head = wanted.head();
    if (isThere(now, head)) {
      over(Fate.THERE);
      return;
    }
    switch (Unasked.begin(
        now, key(now, head), head, null, wanted.isSought(), () -> !isThere(now, head), loop)) {
      case Unasked.Busy() -> {
        synchronized (this) {
          waiting.addFirst(wanted);
          length += wanted.length();
          later.comeAgain();
        }
        over(Fate.LATER);
      }
      // A visitor was quicker.
      case Unasked.Behind(Fill other) ->
          other.grounds().whenComplete((known, failure) -> over(Fate.THERE));
      case Unasked.Begun(Fill fill) -> {
        now.routes().of(head).figures().warms();
        var _ =
            fill.grounds()
                .whenComplete((known, failure) ->
                    onLoop(loop, () -> over(isThere(now, head) ? Fate.MADE : Fate.NOT_KEPT)));
      }
    }
  }

  private enum Fate {
    MADE,
    THERE,
    NOT_KEPT,
    LEFT_ALONE,
    LATER
  }

  private void over(Fate fate) {
    synchronized (this) {
      underWay--;
      switch (fate) {
        case MADE -> made++;
        case THERE -> there++;
        case NOT_KEPT -> notKept++;
        case LEFT_ALONE, LATER -> {}
      }
    }
    if (fate != Fate.LATER) {
      pump();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    waiting.clear();
  }
}
