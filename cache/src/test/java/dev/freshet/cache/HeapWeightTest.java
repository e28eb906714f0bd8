package dev.freshet.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeapWeightTest {

  @ParameterizedTest
  @CsvSource({"100000, 100", "40000, 1000", "3000, 20000"})
  void whatTheCacheSaysItHoldsIsWhatItHolds(int keys, int octets) {
    long before = used();
    try (Cache<String> cache =
        new Cache<>(
            new CacheConfig(new ByteSize(512 << 20), 8, null),
            new TextCodec(),
            Time.system(),
            new Meters())) {
      Random random = new Random(5);
      for (int i = 0; i < keys; i++) {
        String meta = "x".repeat(100 + random.nextInt(200));
        byte[][] body = {new byte[octets / 2 + random.nextInt(octets)]};
        List<String> groups = List.of("p" + random.nextInt(1_000), "all");
        Entry<String> entry =
            cache.newEntry(meta, body, groups, cache.stamp(), new TextCodec().weight(meta));
        cache.put("https://shop.example/products/" + i, entry, old -> true, Long.MAX_VALUE);
      }
      long held = used() - before;
      assertThat(cache.stats().keys()).isEqualTo(keys);
      assertThat((double) cache.stats().weight())
          .as("%d octets on the heap", held)
          .isCloseTo((double) held, Percentage.withPercentage(15));
    }
  }

  @Test
  void keepsWithinItsMemory() {
    try (Cache<String> cache =
        new Cache<>(
            new CacheConfig(new ByteSize(4 << 20), 8, null),
            new TextCodec(),
            Time.system(),
            new Meters())) {
      for (int i = 0; i < 20_000; i++) {
        byte[][] body = {new byte[1_000]};
        Entry<String> entry = cache.newEntry("m", body, List.of(), cache.stamp(), 60);
        cache.put("k" + i, entry, old -> true, Long.MAX_VALUE);
        assertThat(cache.stats().weight()).isLessThanOrEqualTo(4 << 20);
      }
      assertThat(cache.stats().evictions()).isPositive();
    }
  }

  private static long used() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
