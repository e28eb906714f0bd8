package dev.freshet.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.base.FakeTime;
import dev.freshet.base.Meters;
import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class KeyOrderTest {
  private static final List<String> PARTS = List.of("a", "b", "/", "\n", "\u00ff", "\uffff", "");

  private static String key(Rolls rolls) {
    StringBuilder out = new StringBuilder();
    for (int i = rolls.between(0, 4); i > 0; i--) {
      out.append(rolls.oneOf(PARTS));
    }
    return out.toString();
  }

  private static Cache<String> cache(long octets) {
    return new Cache<>(
        new CacheConfig(new ByteSize(octets), 8, null),
        new TextCodec(),
        new FakeTime(1_000_000),
        new Meters());
  }

  private static void put(Cache<String> cache, String key, String meta, String... groups) {
    byte[][] body = {new byte[1_000]};
    Entry<String> entry = cache.newEntry(meta, body, List.of(groups), cache.stamp(), 50);
    cache.put(key, entry, old -> false, Long.MAX_VALUE);
  }

  @Test
  void showsExactlyTheKeysThatBeginSo() {
    Rolls rolls = new Rolls(System.nanoTime());
    KeyOrder order = new KeyOrder();
    Set<String> there = new TreeSet<>();
    for (int i = 0; i < 5_000; i++) {
      String key = key(rolls);
      if (rolls.chance(0.6)) {
        there.add(key);
      } else {
        there.remove(key);
      }
      order.settle(key, there::contains);
      String prefix = key(rolls);
      List<String> shown = new ArrayList<>();
      order.under(prefix, shown::add);
      shown.sort(null);
      assertThat(shown)
          .as("seed %d, prefix '%s'", rolls.seed(), prefix)
          .isEqualTo(there.stream().filter(k -> k.startsWith(prefix)).toList());
    }
  }

  /// With small blocks, so that they are split and joined all the time, in spells of coming and
  /// going, and with some that go while they are looked through.
  @Test
  void aShelfShowsAllThatStayWhileItIsLookedThrough() {
    Rolls rolls = new Rolls(System.nanoTime());
    for (int blockMax : new int[] {2, 4, 7, 32}) {
      KeyShelf shelf = new KeyShelf(blockMax);
      TreeSet<String> there = new TreeSet<>();
      for (int i = 0; i < 3_000; i++) {
        String key = Integer.toString(rolls.between(0, 500), 5);
        boolean isGrowing = i / 500 % 2 == 0;
        if (rolls.chance(isGrowing ? 0.7 : 0.2)) {
          there.add(key);
          shelf.add(key);
        } else {
          there.remove(key);
          shelf.remove(key);
        }
        boolean isTaken = rolls.chance(0.05);
        String prefix = rolls.chance(0.1) ? "" : Integer.toString(rolls.between(0, 50), 5);
        List<String> due = there.stream().filter(k -> k.startsWith(prefix)).toList();
        List<String> shown = new ArrayList<>();
        String bound = prefix;
        while (bound != null) {
          int before = shown.size();
          bound = shelf.under(prefix, bound, shown);
          if (isTaken) {
            shown.subList(before, shown.size()).forEach(shelf::remove);
          }
        }
        shown.sort(null);
        assertThat(shown)
            .as("seed %d, blocks of %d, '%s' of %s", rolls.seed(), blockMax, prefix, there)
            .isEqualTo(due);
        if (isTaken) {
          due.forEach(there::remove);
        }
      }
    }
  }

  /// Keys with times or counters in them come all the time, and none comes again.
  @Test
  void keysThatAreGoneLeaveNothingBehind() {
    Rolls rolls = new Rolls(System.nanoTime());
    KeyShelf shelf = new KeyShelf(16);
    for (int spell = 0; spell < 20; spell++) {
      TreeSet<String> keys = new TreeSet<>();
      while (keys.size() < 200) {
        String key = (100 + spell) + "-" + rolls.between(0, 9_999);
        keys.add(key);
        shelf.add(key);
      }
      keys.forEach(shelf::remove);
      assertThat(shelf.blocks()).as("seed %d", rolls.seed()).isEqualTo(1);
    }
  }

  /// Against a model that knows how many entries are under each key.
  @Test
  void purgesHitExactlyWhatTheyCoverAndSayHowMany() {
    Rolls rolls = new Rolls(System.nanoTime());
    TreeMap<String, Integer> there = new TreeMap<>();
    try (Cache<String> cache = cache(64 << 20)) {
      for (int i = 0; i < 5_000; i++) {
        String name = key(rolls);
        if (rolls.chance(0.7)) {
          put(cache, name, "text " + i);
          there.merge(name, 1, (n, one) -> Math.min(8, n + one));
          continue;
        }
        boolean soft = rolls.chance(0.3);
        boolean isPrefix = rolls.chance(0.5);
        List<String> hit =
            there.keySet().stream()
                .filter(k ->
                    isPrefix ? k.startsWith(name) : k.equals(name) || k.startsWith(name + "\n"))
                .toList();
        Purge purge = isPrefix ? new Purge.Prefix(name, soft) : new Purge.Url(name, soft);
        assertThat(cache.purge(purge).entries())
            .as("seed %d, %s of %s", rolls.seed(), purge, there)
            .isEqualTo(hit.stream().mapToLong(there::get).sum());
        if (!soft) {
          hit.forEach(there::remove);
        }
        assertThat(cache.stats().keys()).isEqualTo(there.size());
      }
      long all = there.values().stream().mapToLong(n -> n).sum();
      assertThat(cache.purge(new Purge.Everything(true)).entries()).isEqualTo(all);
      assertThat(cache.purge(new Purge.Everything(false)).entries()).isEqualTo(all);
      assertThat(cache.purge(new Purge.Everything(false)).entries()).isZero();
    }
  }

  @Test
  void afterAPurgeOfEverythingOnlyWhatCameSinceCounts() {
    try (Cache<String> cache = cache(64 << 20)) {
      long before = cache.stamp();
      put(cache, "a", "1", "g", "h");
      put(cache, "b", "2", "g");
      assertThat(cache.purge(new Purge.Everything(false)).entries()).isEqualTo(2);
      assertThat(cache.stats().keys()).isZero();
      assertThat(cache.purge(new Purge.Group("g", true)).entries()).isZero();
      assertThat(cache.purge(new Purge.Prefix("", false)).entries()).isZero();
      Entry<String> late = cache.newEntry("late", new byte[1][1], List.of("g"), before, 10);
      assertThat(cache.put("a", late, old -> true, Long.MAX_VALUE)).isFalse();
      put(cache, "c", "3", "g");
      assertThat(cache.purge(new Purge.Group("h", false)).entries()).isZero();
      assertThat(cache.purge(new Purge.Group("g", true)).entries()).isEqualTo(1);
      assertThat(cache.purge(new Purge.Everything(false)).entries()).isEqualTo(1);
    }
  }

  /// Keys come, are evicted, removed and purged by several at once, so that a removal is often told
  /// late; whatever is left then is found.
  @Test
  void noKeyIsLostThatComesWhileItGoes() throws ExecutionException, InterruptedException {
    try (Cache<String> cache = cache(1 << 20);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int round = 0; round < 20; round++) {
        List<Future<?>> all = new ArrayList<>();
        double everything = round % 2 == 0 ? 0 : 0.001;
        for (int t = 0; t < 4; t++) {
          Rolls rolls = new Rolls(round * 4L + t);
          all.add(
              threads.submit(() -> {
                for (int i = 0; i < 2_000; i++) {
                  String key = "k" + rolls.between(0, rolls.chance(0.5) ? 3 : 20_000) + "/";
                  switch (rolls.between(0, 9)) {
                    case 0, 1 -> cache.remove(key);
                    case 2 -> cache.purge(new Purge.Prefix(key, false));
                    case 3 -> {
                      if (rolls.chance(everything)) {
                        cache.purge(new Purge.Everything(false));
                      }
                    }
                    default -> put(cache, key, "text");
                  }
                }
              }));
        }
        for (Future<?> one : all) {
          one.get();
        }
        put(cache, "k", "text");
        assertThat(cache.stats().evictions()).isPositive();
        assertThat(cache.purge(new Purge.Prefix("k", false)).entries()).isPositive();
        assertThat(cache.stats().keys()).isZero();
        assertThat(cache.purge(new Purge.Everything(false)).entries()).isZero();
      }
    }
  }
}
