package dev.freshet.cache;

import dev.freshet.base.Histogram;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.freshness.Evidence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/* Why nothing purged comes back from Redis.
 *
 * Redis holds one sequence. A purge takes the sequence's next place there, in the same step in
 * which it is noted by what it covers. A fill can't ask Redis before it begins, so it claims the
 * last place that its node had heard of by then: a place S that certainly was taken when the fill
 * began. The value is stored with S. A reader gets value and all purges that may cover it in one
 * step, and drops an entry if any is at a place above S. Such a purge may in truth have come before
 * the fill (the node had not heard of it yet): then a good entry is missed. The reverse can't be: a
 * purge that came after the fill began has a place above all that anybody had heard of then.
 *
 * Every node also has its own stamps (see Stamps), which order its fills and the purges that it
 * knows of, its own and those it heard of. Positions keeps pairs (stamp, place) both ways. Out: a
 * fill's stamp gives the place known at that stamp. In: a value with place S gets a stamp t such
 * that every purge with a stamp up to t has a place up to S; so whatever purge this node knows and
 * Redis does not know yet has a stamp above t, and covers the entry by the ordinary rules of the
 * heap. That is what holds while Redis is down or a purge is still on its way: pairs for the way in
 * are made only while no purge of this node is without a place. Own purges are kept and retried
 * until delivered; if too many wait, one purge of everything takes their place.
 *
 * Other nodes hear of a purge from a stream with one entry a place. A gap in the places means that
 * something was missed: then the heap is dropped.
 *
 * Redis forgets: epochs. The sequence has a random epoch, kept in the very keys that hold the
 * purges; a lost key starts another epoch, and values carry theirs. A place behind one already seen
 * (a snapshot was restored) starts another, too. Each node then sends its recent purges again,
 * since others may not have heard of them. Not covered: Redis loses its last second of purges,
 * keeps the values, and every Freshet node restarts before it comes back; Redis with appendonly yes
 * narrows that to what it had not synced. A purge that could not be delivered is lost when this
 * program ends.
 *
 * Rejected: the clock as order (clocks differ), locks (somebody waits), deleting by SCAN (slow,
 * misses fills under way), publish and subscribe (what was said during a disconnection is lost),
 * asking Redis for the place when a fill begins (a round trip for every miss).
 */

/// The second tier on one Redis, shared by all nodes that use it. Nothing here fails or waits
/// longer than the budget; what is slow, broken or away is a miss.
final class RedisTier<M> implements AutoCloseable {
  /// A value, epoch, place, floor, and three pairs before the groups.
  private static final int FIRST_GROUP = 10;

  private final Time time;
  private final SecondTierConfig config;
  private final Positions positions;
  private final RedisLink link;
  private final Breaker breaker = new Breaker();
  private final ValueFormat<M> format;
  private final PurgeCourier courier;
  private final PurgeTail tail;
  private final TierWriter<M> writer;
  private final PurgeSearch search;
  private final AtomicInteger asking = new AtomicInteger();
  private final Meters.Counter hits;
  private final Meters.Counter misses;
  private final Meters.Counter late;
  private final Meters.Counter failures;
  private final Meters.Counter damaged;
  private final Histogram latencies;

  /// An entry that Redis has no purge against.
  ///
  /// @param stamp on this node's scale
  @SuppressWarnings("ArrayRecordComponent")
  record Found<M>(
      M meta,
      byte[][] body,
      List<String> groups,
      long stamp,
      boolean softened,
      @Nullable Evidence evidence) {}

  /// @param purgeHere carries out a purge in the heap tier
  /// @param purge carries out a purge in both tiers
  RedisTier(
      SecondTierConfig config,
      ValueFormat<M> format,
      Stamps stamps,
      Time time,
      Meters meters,
      Consumer<Purge> purgeHere,
      Consumer<Purge> purge) {
    this.config = config;
    this.time = time;
    positions = new Positions(stamps);
    link = new RedisLink(config);
    this.format = format;
    courier = new PurgeCourier(link, positions, breaker, time, config);
    search = new PurgeSearch(link, time);
    tail = new PurgeTail(link, positions, courier.node(), purgeHere);
    writer =
        new TierWriter<>(
            link,
            positions,
            breaker,
            format,
            time,
            config.maxPending(),
            this::isUsable,
            key -> purge.accept(new Purge.Url(key, false)),
            meters);
    hits = lookups(meters, "hit");
    misses = lookups(meters, "miss");
    late = lookups(meters, "late");
    failures = lookups(meters, "failed");
    damaged = lookups(meters, "damaged");
    latencies =
        meters.latencies(
            "freshet_second_seconds", "How long the second tier took to answer", Map.of());
    meters.gauge(
        "freshet_second_up",
        "Whether the second tier is asked: 1, or 0 while it is slow or down",
        Map.of(),
        () -> isUsable() ? 1 : 0);
    meters.gauge(
        "freshet_second_purges_pending",
        "Purges that the second tier has not heard of yet",
        Map.of(),
        positions::pending);
  }

  private static Meters.Counter lookups(Meters meters, String outcome) {
    return meters.counter(
        "freshet_second_lookups_total",
        "Lookups in the second tier by what came of them",
        Map.of("outcome", outcome));
  }

  void start() {
    courier.start();
    tail.start();
    writer.start();
  }

  /// `up`, `slow` (connected, but too late too often) or `down`.
  String state() {
    if (!courier.isAttached() && !link.isUp()) {
      return "down";
    }
    return isUsable() ? "up" : "slow";
  }

  private boolean isUsable() {
    return courier.isAttached() && tail.isFollowing() && !breaker.isOpen();
  }

  /// What is stored under a key and not purged; never fails, at most the budget late.
  CompletableFuture<List<Found<M>>> find(String key, String bare) {
    if (!isUsable() || asking.get() >= config.maxPending()) {
      return CompletableFuture.completedFuture(List.of());
    }
    asking.incrementAndGet();
    Positions.At known = positions.at();
    long began = time.nanos();
    CompletableFuture<List<Object>> said =
        link.run(TierScripts.READ, RedisLink.octets(key), RedisLink.octets(bare));
    return said.whenComplete((answer, failure) -> asking.decrementAndGet())
        .orTimeout(config.budget().toNanos(), TimeUnit.NANOSECONDS)
        .handle((answer, failure) -> {
          if (answer == null) {
            failed(failure);
            return List.of();
          }
          latencies.record(time.nanos() - began);
          breaker.succeeded();
          List<Found<M>> found = answer.isEmpty() ? List.of() : judge(key, answer, known);
          (found.isEmpty() ? misses : hits).increment();
          return found;
        });
  }

  private void failed(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
    (cause instanceof TimeoutException ? late : failures).increment();
    breaker.failed();
  }

  private List<Found<M>> judge(String key, List<Object> answer, Positions.At known) {
    ValueFormat.Value<M> value = format.decode(key, (byte[]) answer.get(0));
    if (value == null) {
      damaged.increment();
      return List.of();
    }
    long epoch = RedisLink.number(answer.get(1));
    long place = RedisLink.number(answer.get(2));
    boolean isBehind = place < known.sequence();
    if (value.epoch() != epoch || known.epoch() != epoch || isBehind) {
      return List.of();
    }
    Purges purges = Purges.read(key, answer, value.groups());
    if (purges.prefixEpoch() != epoch) {
      return List.of();
    }
    List<Found<M>> found = new ArrayList<>();
    for (ValueFormat.Kept<M> kept : value.entries()) {
      long hard = purges.hard();
      long soft = purges.soft();
      for (String group : kept.groups()) {
        long[] places = purges.groups().getOrDefault(group, new long[2]);
        hard = Math.max(hard, places[0]);
        soft = Math.max(soft, places[1]);
      }
      if (kept.sequence() >= hard && kept.sequence() <= place) {
        found.add(
            new Found<>(
                kept.meta(),
                kept.body(),
                kept.groups(),
                positions.stampAt(kept.sequence()),
                kept.softened() || kept.sequence() < soft,
                kept.evidence()));
      }
    }
    // The stamps above are of the epoch only if it has not changed meanwhile.
    return positions.epoch() == epoch ? found : List.of();
  }

  /// Places of the last purges that cover a key.
  ///
  /// @param groups hard and soft place of each
  private record Purges(long hard, long soft, long prefixEpoch, Map<String, long[]> groups) {

    static Purges read(String key, List<Object> answer, List<String> names) {
      long hard = RedisLink.number(answer.get(3));
      long soft = 0;
      for (int i = 4; i < FIRST_GROUP; i += 2) {
        hard = Math.max(hard, RedisLink.number(answer.get(i)));
        soft = Math.max(soft, RedisLink.number(answer.get(i + 1)));
      }
      Map<String, long[]> groups = new HashMap<>();
      int at = FIRST_GROUP;
      for (String name : names) {
        long[] places = {RedisLink.number(answer.get(at)), RedisLink.number(answer.get(at + 1))};
        groups.put(name, places);
        at += 2;
      }
      long epoch = 0;
      for (; at + 1 < answer.size(); at += 2) {
        String name = RedisLink.text(answer.get(at));
        long place = RedisLink.number(answer.get(at + 1));
        if (name.equals("!epoch")) {
          epoch = place;
        } else if (key.startsWith(name.substring(2))) {
          hard = name.startsWith("h") ? Math.max(hard, place) : hard;
          soft = name.startsWith("s") ? Math.max(soft, place) : soft;
        }
      }
      return new Purges(hard, soft, epoch, groups);
    }
  }

  void write(String key, Resource<M> resource, long expires) {
    writer.write(key, resource, expires);
  }

  void remove(String key) {
    writer.remove(key);
  }

  /// To be said before a purge takes its stamp in the heap tier.
  void begin() {
    positions.begin();
  }

  /// To be said after [#begin] and the purge of the heap tier; what is returned completes once
  /// Redis knows, see [Purged#second].
  CompletableFuture<Noted> purge(Purge what) {
    return courier.take(what);
  }

  /// As [Cache#hits] says.
  long hits(List<Noted> purges, Duration patience) throws InterruptedException {
    return search.hits(purges, patience);
  }

  @Override
  public void close() {
    writer.close();
    courier.close();
    tail.close();
    link.close();
  }
}
