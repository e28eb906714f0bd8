package dev.freshet.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.base.FakeTime;
import dev.freshet.base.Meters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The heap tier against a model that remembers every purge and asks all of them every time.
class HeapModelTest {
  private static final String[] KEYS = {
    "s://h/", "s://h/a", "s://h/a\nann", "s://h/a\nbob", "s://h/a/b", "s://h/a/c", "s://i/a", "x"
  };
  private static final String[] GROUPS = {"g", "h", "i", "j"};
  private static final String[] PREFIXES = {"s://h/a/", "s://h/a", "s://", "x"};

  private record Event(int moment, Purge what) {
    boolean covers(String key, List<String> groups) {
      return switch (what) {
        case Purge.Url url -> key.equals(url.key()) || key.startsWith(url.key() + "\n");
        case Purge.Prefix prefix -> key.startsWith(prefix.prefix());
        case Purge.Group group -> groups.contains(group.name());
        case Purge.Everything everything -> true;
      };
    }
  }

  /// A fill, and later what it stored.
  private record Fill(String key, String text, List<String> groups, int begun, long stamp) {}

  private final Cache<String> cache =
      new Cache<>(
          new CacheConfig(new ByteSize(64 << 20), 8, null),
          new TextCodec(),
          new FakeTime(1_000_000),
          new Meters());
  private final List<Event> purges = new ArrayList<>();
  private final Map<String, Fill> stored = new HashMap<>();
  private final List<Fill> running = new ArrayList<>();
  private int moment;
  private boolean forgets;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void agreesWithTheModel(long base) {
    long seed = Long.getLong("seed", base);
    Random random = new Random(seed);
    for (int step = 0; step < 2_000; step++) {
      moment++;
      act(random);
      for (String key : KEYS) {
        assertThat(actual(key)).as("seed %d, step %d, key %s", seed, step, key).isEqualTo(due(key));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void isNeverMoreForgivingThanTheModelWhenPurgesAreForgotten(long base) {
    long seed = Long.getLong("seed", base);
    Random random = new Random(seed);
    forgets = true;
    for (int step = 0; step < 300; step++) {
      moment++;
      act(random);
      // They cover nothing, so the model need not look through them.
      for (int i = 0; i < 50; i++) {
        cache.purge(new Purge.Url("other" + random.nextInt(), false));
        cache.purge(new Purge.Group("other" + random.nextInt(), random.nextBoolean()));
        cache.purge(new Purge.Prefix("other" + random.nextInt(), false));
      }
      for (String key : KEYS) {
        String is = actual(key);
        assertThat(is == null || is.startsWith("SOFT") || is.equals(due(key)))
            .as("seed %d, step %d, key %s is %s, due %s", seed, step, key, is, due(key))
            .isTrue();
        assertThat(due(key) == null && is != null).as("seed %d, step %d", seed, step).isFalse();
      }
    }
  }

  private void act(Random random) {
    String key = KEYS[random.nextInt(KEYS.length)];
    boolean soft = random.nextBoolean();
    switch (random.nextInt(20)) {
      case 0 -> purge(new Purge.Url(key, soft));
      case 1 -> purge(new Purge.Group(GROUPS[random.nextInt(GROUPS.length)], soft));
      case 2 -> {
        if (random.nextInt(4) == 0) {
          purge(new Purge.Prefix(PREFIXES[random.nextInt(PREFIXES.length)], soft));
        }
      }
      case 3 -> {
        if (random.nextInt(5) == 0) {
          purge(new Purge.Everything(soft));
        }
      }
      case 4 -> swap(key);
      case 5 -> {
        cache.remove(key);
        stored.remove(key);
      }
      case 6, 7, 8, 9, 10, 11, 12 -> begin(key, random);
      default -> {
        if (!running.isEmpty()) {
          finish(running.remove(random.nextInt(running.size())));
        }
      }
    }
  }

  private void purge(Purge what) {
    moment++;
    purges.add(new Event(moment, what));
    cache.purge(what);
  }

  private void begin(String key, Random random) {
    List<String> groups = new ArrayList<>();
    for (String group : GROUPS) {
      if (random.nextInt(3) == 0) {
        groups.add(group);
      }
    }
    running.add(new Fill(key, "t" + moment, List.copyOf(groups), moment, cache.stamp()));
  }

  private void finish(Fill fill) {
    boolean isDue =
        purges.stream()
            .noneMatch(p -> p.moment() > fill.begun() && p.covers(fill.key(), fill.groups()));
    Entry<String> entry =
        cache.newEntry(fill.text(), new byte[][] {{1}}, fill.groups(), fill.stamp(), 50);
    boolean isStored = cache.put(fill.key(), entry, old -> true, Long.MAX_VALUE);
    assertThat(isStored && !isDue).as("stored what a purge covers").isFalse();
    assertThat(isDue && !isStored && !forgets).as("refused what no purge covers").isFalse();
    if (isStored) {
      stored.put(fill.key(), fill);
    }
  }

  /// Other words for the same entry.
  private void swap(String key) {
    Resource<String> resource = cache.heap(key);
    if (resource == null) {
      return;
    }
    Entry<String> old = resource.get(0);
    Entry<String> with =
        cache.newEntry(old.meta() + "'", old.body(), old.groups(), old.stamp(), 50);
    if (cache.swap(key, old, with)) {
      stored.computeIfPresent(
          key, (k, f) -> new Fill(f.key(), f.text() + "'", f.groups(), f.begun(), f.stamp()));
    }
  }

  private @Nullable String actual(String key) {
    Resource<String> resource = cache.heap(key);
    if (resource == null) {
      return null;
    }
    assertThat(resource.size()).isEqualTo(1);
    Standing standing = cache.standing(resource.get(0));
    return standing == Standing.GONE ? null : standing + " " + resource.get(0).meta();
  }

  private @Nullable String due(String key) {
    Fill fill = stored.get(key);
    if (fill == null) {
      return null;
    }
    boolean isSoft = false;
    for (Event purge : purges) {
      if (purge.moment() > fill.begun() && purge.covers(key, fill.groups())) {
        if (!purge.what().soft()) {
          return null;
        }
        isSoft = true;
      }
    }
    return (isSoft ? Standing.SOFT : Standing.LIVE) + " " + fill.text();
  }
}
