package dev.freshet.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class MetersTest {
  private final Meters meters = new Meters();

  @Test
  void theSameNameAndLabelsGiveTheSameMeter() {
    Map<String, String> one = new LinkedHashMap<>();
    one.put("route", "/a");
    one.put("result", "hit");
    Map<String, String> turned = new LinkedHashMap<>();
    turned.put("result", "hit");
    turned.put("route", "/a");
    assertThat(meters.counter("n", "help", turned)).isSameAs(meters.counter("n", "help", one));
    assertThat(meters.latencies("d", "help", turned)).isSameAs(meters.latencies("d", "help", one));
    assertThat(meters.all()).hasSize(2);
  }

  @Test
  void anotherLabelValueGivesAnotherMeter() {
    Meters.Counter a = meters.counter("n", "help", Map.of("route", "/a"));
    Meters.Counter b = meters.counter("n", "help", Map.of("route", "/b"));
    a.increment();
    b.add(5);
    assertThat(a.sum()).isEqualTo(1);
    assertThat(b.sum()).isEqualTo(5);
    assertThat(meters.counter("n", "help").sum()).isZero();
    assertThat(meters.all()).hasSize(3);
  }

  @Test
  void labelsChangedAfterRegistrationChangeNothing() {
    Map<String, String> labels = new LinkedHashMap<>(Map.of("route", "/a"));
    Meters.Counter counter = meters.counter("n", "help", labels);
    labels.put("route", "/b");
    assertThat(counter.id().labels()).isEqualTo(Map.of("route", "/a"));
    assertThat(meters.counter("n", "help", Map.of("route", "/a"))).isSameAs(counter);
  }

  @Test
  void theLastSupplierOfAGaugeWinsAndIsReadWhenAsked() {
    double[] level = {1};
    meters.gauge("level", "help", Map.of(), () -> -1);
    meters.gauge("level", "help", Map.of(), () -> level[0]);
    Meters.Gauge gauge = (Meters.Gauge) meters.all().iterator().next();
    level[0] = 7;
    assertThat(meters.all()).hasSize(1);
    assertThat(gauge.value().getAsDouble()).isEqualTo(7);
  }

  @Test
  void oneNameIsNotTwoKindsOfMeter() {
    meters.counter("n", "help");
    assertThatThrownBy(() -> meters.latencies("n", "help", Map.of()))
        .isInstanceOf(ClassCastException.class);
  }

  /// Each thread asks for the meter anew, so that registering races, too.
  @Test
  void countsAreExactWhoeverCounts() throws InterruptedException {
    int threads = 8;
    int each = 20_000;
    CountDownLatch start = new CountDownLatch(1);
    Thread[] all = new Thread[threads];
    for (int t = 0; t < threads; t++) {
      all[t] = Thread.ofPlatform().start(() -> countAll(start, each));
    }
    start.countDown();
    for (Thread thread : all) {
      thread.join();
    }
    assertThat(meters.counter("n", "help").sum()).isEqualTo(3L * threads * each);
    assertThat(meters.counter("n", "help", Map.of("k", "v")).sum())
        .isEqualTo((long) threads * each);
    assertThat(meters.latencies("d", "help", Map.of()).count()).isEqualTo((long) threads * each);
    assertThat(meters.all()).hasSize(3);
  }

  private void countAll(CountDownLatch start, int times) {
    try {
      start.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    for (int i = 0; i < times; i++) {
      meters.counter("n", "help").add(3);
      meters.counter("n", "help", Map.of("k", "v")).increment();
      meters.latencies("d", "help", Map.of()).record(i);
    }
  }
}
