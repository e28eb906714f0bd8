import dev.freshet.base.ByteSize;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.cache.Cache;
import dev.freshet.cache.CacheConfig;
import dev.freshet.cache.Entry;
import dev.freshet.cache.MetaCodec;
import dev.freshet.cache.Noted;
import dev.freshet.cache.Purge;
import dev.freshet.cache.Resource;
import dev.freshet.cache.SecondTierConfig;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What purges cost with so many keys in memory, and what stores and hits cost there: the cache alone, one thread, processor time where it says so. With the URL of
/// a Redis: how long it takes to tell how many values in it a purge hit. Started by `purges.sh`.
public final class Purges {
  private static final MetaCodec<String> TEXT =
      new MetaCodec<>() {
        @Override
        public byte[] encode(String meta) {
          return meta.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String decode(byte[] octets) {
          return new String(octets, StandardCharsets.UTF_8);
        }

        @Override
        public long weight(String meta) {
          return meta.length();
        }
      };

  private static long found;

  public static void main(String[] told) throws InterruptedException, ExecutionException, TimeoutException {
    if (told.length > 0 && told[0].startsWith("redis:")) {
      redis(told[0]);
      return;
    }
    int keys = told.length == 0 ? 1_000_000 : Integer.parseInt(told[0]);
    Integer[] order = new Integer[keys];
    Arrays.setAll(order, i -> i);
    Collections.shuffle(Arrays.asList(order), new Random(1));
    String[] names = new String[keys];
    for (int i = 0; i < keys; i++) {
      names[i] = "https://shop.example/c" + order[i] / 10_000 + "/p" + order[i] % 10_000 / 10 + "/" + order[i] % 10;
    }
    for (int round = 0; round < 3; round++) {
      round(names);
    }
    System.err.println(found + " found");
  }

  private static void round(String[] names) {
    int keys = names.length;
    try (Cache<String> cache = new Cache<>(new CacheConfig(new ByteSize(8L << 30), 8, null), TEXT, Time.system(), new Meters())) {
      double first = nanos(() -> store(cache, names, 0, keys * 9 / 10), keys * 9 / 10);
      double last = nanos(() -> store(cache, names, keys * 9 / 10, keys), keys / 10);
      double again = nanos(() -> store(cache, names, 0, keys / 2), keys / 2);
      double hit = nanos(() -> hits(cache, names), keys);
      System.out.printf("%,d keys, processor time: a store of a new key %.0f ns, of the last tenth %.0f ns; under a key that is there %.0f ns; a hit %.0f ns%n", keys, first, last, again, hit);
      int sections = keys / 10_000;
      double[] url = times(20, i -> cache.purge(new Purge.Url(names[i], false)).entries());
      double[] ten = times(20, i -> cache.purge(new Purge.Prefix("https://shop.example/c" + i % sections + "/p" + (500 + i) + "/", false)).entries());
      double[] none = times(20, i -> cache.purge(new Purge.Prefix("https://other.example/" + i, false)).entries());
      double[] many = times(5, i -> cache.purge(new Purge.Prefix("https://shop.example/c" + (sections / 2 + i) + "/", false)).entries());
      double[] soft = times(5, i -> cache.purge(new Purge.Prefix("https://shop.example/c" + (sections / 2 - 1 - i) + "/", true)).entries());
      double[] group = times(5, i -> cache.purge(new Purge.Group("g" + i, false)).entries());
      double[] all = times(1, i -> cache.purge(new Purge.Everything(true)).entries());
      double[] gone = times(1, i -> cache.purge(new Purge.Everything(false)).entries());
      System.out.printf("  purges, ms (median, longest): a URL %.3f %.3f; a prefix of 10 %.3f %.3f, of none %.3f %.3f, of 10,000 %.1f %.1f, of 10,000 softly %.1f %.1f; a group %.3f %.3f; everything softly %.1f, everything %.1f%n",
          url[0], url[1], ten[0], ten[1], none[0], none[1], many[0], many[1], soft[0], soft[1], group[0], group[1], all[0], gone[0]);
    }
  }

  private static void redis(String url) throws InterruptedException, ExecutionException, TimeoutException {
    try (Cache<String> cache = new Cache<>(new CacheConfig(new ByteSize(8L << 20), 8, SecondTierConfig.defaults(url)), TEXT, Time.system(), new Meters())) {
      for (int i = 0; i < 20; i++) {
        Purge purge = i % 2 == 0 ? new Purge.Prefix("https://shop.example/c/:" + (12_340 + i), false) : new Purge.Url("https://shop.example/c/:" + i, false);
        long before = System.nanoTime();
        Noted noted = cache.purge(purge).second().get(20, TimeUnit.SECONDS);
        long known = System.nanoTime();
        long hits = cache.hits(List.of(noted), Duration.ofMinutes(1));
        System.out.printf("  %s: Redis knows after %.1f ms, says %s after %.0f ms%n", purge, (known - before) / 1e6, hits < 0 ? "nothing" : hits + " values", (System.nanoTime() - known) / 1e6);
      }
    }
  }

  private static void store(Cache<String> cache, String[] names, int from, int to) {
    byte[][] body = {new byte[100]};
    for (int i = from; i < to; i++) {
      Entry<String> entry = cache.newEntry("meta", body, List.of("g" + i % 1_000), cache.stamp(), 60);
      if (!cache.put(names[i], entry, old -> true, Long.MAX_VALUE)) {
        throw new IllegalStateException("not stored");
      }
    }
  }

  private static void hits(Cache<String> cache, String[] names) {
    for (int i = 0; i < names.length; i++) {
      Resource<String> resource = cache.heap(names[(int) (i * 7919L % names.length)]);
      found += resource != null && cache.standing(resource.get(0)) != null ? 1 : 0;
    }
  }

  private static double nanos(Runnable work, int times) {
    var threads = ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadCpuTime();
    work.run();
    return (double) (threads.getCurrentThreadCpuTime() - before) / times;
  }

  private interface Counted {
    long run(int i);
  }

  /// Milliseconds: the median and the longest.
  private static double[] times(int times, Counted purge) {
    double[] all = new double[times];
    for (int i = 0; i < times; i++) {
      long before = System.nanoTime();
      found += purge.run(i);
      all[i] = (System.nanoTime() - before) / 1e6;
    }
    Arrays.sort(all);
    return new double[] {all[times / 2], all[times - 1]};
  }
}
