package dev.freshet.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Histogram;
import dev.freshet.base.Rolls;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `/metrics` is what Prometheus reads, and says exactly what was counted.
@SuppressWarnings("StringConcatToTextBlock")
@Timeout(60)
class MetricsTest {
  private static final long US = 1_000;
  private final Desk desk = new Desk();

  @AfterEach
  void close() {
    desk.close();
  }

  private Map<String, PrometheusText.Family> scrape() {
    Desk.Reply reply = desk.get("/metrics");
    assertThat(reply.status()).isEqualTo(200);
    return PrometheusText.parse(reply.text());
  }

  private PrometheusText.Family family(String name) {
    PrometheusText.Family family = scrape().get(name);
    assertThat(family).as(name).isNotNull();
    return Objects.requireNonNull(family);
  }

  private double value(String name) {
    return family(name).samples().getFirst().value();
  }

  @Test
  void ofNothingThereIsNothingToSay() {
    assertThat(scrape()).isEmpty();
  }

  @Test
  void countersOfOneNameStandTogetherUnderOneType() {
    desk.meters.counter("b_total", "Of b", Map.of("route", "/x")).add(3);
    desk.meters.counter("a_total", "Of a").add(1);
    desk.meters.counter("b_total", "Of b", Map.of("route", "/y")).add((1L << 53) - 1);
    desk.meters.counter("b_total", "Of b", Map.of("route", "/y", "result", "hit"));
    Map<String, PrometheusText.Family> all = scrape();
    assertThat(all.keySet()).containsExactly("a_total", "b_total");
    PrometheusText.Family b = family("b_total");
    assertThat(b.type()).isEqualTo("counter");
    assertThat(b.help()).isEqualTo("Of b");
    assertThat(b.samples())
        .containsExactlyInAnyOrder(
            new PrometheusText.Sample("b_total", Map.of("route", "/x"), 3),
            new PrometheusText.Sample("b_total", Map.of("route", "/y"), 9_007_199_254_740_991.0),
            new PrometheusText.Sample("b_total", Map.of("route", "/y", "result", "hit"), 0));
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        0,
        -1,
        0.1,
        1e-9,
        123_456_789.125,
        -0.000_123_456_789,
        1e15,
        1.5e300,
        4.9e-324,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY
      })
  void gaugesLoseNoDigit(double value) {
    desk.meters.gauge("level", "A level", Map.of(), () -> value);
    assertThat(value("level")).isEqualTo(Double.valueOf(value));
    assertThat(family("level").type()).isEqualTo("gauge");
  }

  @Test
  void gaugesAreReadWhenAsked() {
    double[] level = {1};
    desk.meters.gauge("level", "A level", Map.of(), () -> level[0]);
    assertThat(value("level")).isEqualTo(1);
    level[0] = 2;
    assertThat(value("level")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "\"",
        "\\",
        "\n",
        "\\n",
        "a\\\"b\n\\c\\\\",
        "},x=\"y\"} 1",
        "ends with \\",
        "größer → 😀",
        "le=\"1\"",
        "# TYPE a counter"
      })
  void labelsAndHelpsComeBackAsTheyWere(String text) {
    desk.meters.counter("n_total", "Help: " + text, Map.of("route", text, "z", "1")).add(2);
    PrometheusText.Family family = family("n_total");
    assertThat(family.help()).isEqualTo("Help: " + text);
    assertThat(family.samples())
        .containsExactly(new PrometheusText.Sample("n_total", Map.of("route", text, "z", "1"), 2));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void labelsComeBackWhateverTheyHold(long seed) {
    Rolls rolls = new Rolls(seed);
    Map<String, Double> expected = new HashMap<>();
    for (int i = 0; i < 300; i++) {
      String value = rolls.text(rolls.between(0, 12), "\"\"\"\\\\\\\n\n\n{},= é");
      int n = rolls.between(1, 1_000_000);
      desk.meters.counter("n_total", "Help", Map.of("value", value)).add(n);
      expected.merge(value, (double) n, Double::sum);
    }
    Map<String, Double> told = new HashMap<>();
    for (PrometheusText.Sample sample : family("n_total").samples()) {
      told.put(String.valueOf(sample.labels().get("value")), sample.value());
    }
    assertThat(told).as("seed %d", seed).isEqualTo(expected);
  }

  private double bucket(String name, String le) {
    for (PrometheusText.Sample sample : family(name).samples()) {
      String bound = sample.labels().get("le");
      if (bound != null && bound.equals(le)) {
        return sample.value();
      }
    }
    throw new AssertionError("no bucket " + le);
  }

  @Test
  void histogramsAreCumulativeInSeconds() {
    Histogram histogram = desk.meters.latencies("wait_seconds", "Waits", Map.of("route", "/"));
    for (long millis : new long[] {0, 3, 3, 30, 300, 3_000, 3_000_000}) {
      histogram.record(millis * 1_000 * US);
    }
    assertThat(family("wait_seconds").type()).isEqualTo("histogram");
    assertThat(bucket("wait_seconds", "0.0001")).isEqualTo(1);
    assertThat(bucket("wait_seconds", "0.005")).isEqualTo(3);
    assertThat(bucket("wait_seconds", "0.1")).isEqualTo(4);
    assertThat(bucket("wait_seconds", "1")).isEqualTo(5);
    assertThat(bucket("wait_seconds", "10")).isEqualTo(6);
    assertThat(bucket("wait_seconds", "+Inf")).isEqualTo(7);
    assertThat(family("wait_seconds").samples())
        .allMatch(sample -> "/".equals(sample.labels().get("route")))
        .contains(
            new PrometheusText.Sample("wait_seconds_sum", Map.of("route", "/"), 3_003.336),
            new PrometheusText.Sample("wait_seconds_count", Map.of("route", "/"), 7));
  }

  @Test
  void histogramsWithoutLabelsOrEntriesAreWholeToo() {
    desk.meters.latencies("a_seconds", "Help", Map.of());
    desk.meters.latencies("b_seconds", "Help", Map.of("x", "1")).record(1);
    desk.meters.latencies("b_seconds", "Help", Map.of("x", "2")).record(1);
    assertThat(scrape().keySet()).containsExactly("a_seconds", "b_seconds");
    assertThat(bucket("a_seconds", "+Inf")).isZero();
  }

  /// A rate is a difference of sums: what a month has added up must not swallow a millisecond.
  @Test
  void sumsGrowByAMillisecondAfterAMonth() {
    Histogram histogram = desk.meters.latencies("wait_seconds", "Waits", Map.of());
    histogram.record(30L * 86_400 * 1_000_000 * US);
    double before = sum();
    histogram.record(1_000 * US);
    assertThat(Math.round((sum() - before) * 1e6)).isEqualTo(1_000);
  }

  private double sum() {
    return family("wait_seconds").samples().stream()
        .filter(sample -> sample.name().equals("wait_seconds_sum"))
        .findFirst()
        .orElseThrow()
        .value();
  }

  @Test
  void aHistogramThatIsWrittenMeanwhileStillAddsUp() throws InterruptedException {
    Histogram histogram = desk.meters.latencies("wait_seconds", "Waits", Map.of());
    AtomicBoolean isOver = new AtomicBoolean();
    CountDownLatch begun = new CountDownLatch(2);
    List<Thread> writers =
        List.of(
            Thread.ofPlatform().start(() -> write(histogram, 1, begun, isOver)),
            Thread.ofPlatform().start(() -> write(histogram, 2, begun, isOver)));
    begun.await();
    try {
      for (int i = 0; i < 100; i++) {
        assertThat(scrape()).containsOnlyKeys("wait_seconds");
      }
    } finally {
      isOver.set(true);
      for (Thread writer : writers) {
        writer.join();
      }
    }
  }

  private static void write(
      Histogram histogram, long seed, CountDownLatch begun, AtomicBoolean isOver) {
    Rolls rolls = new Rolls(seed);
    begun.countDown();
    while (!isOver.get()) {
      histogram.record(rolls.between(0, Integer.MAX_VALUE - 1));
    }
  }

  /// The reader above must be able to say no.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "# HELP a x\n# TYPE a counter\na 1",
        "a 1\n",
        "# TYPE a counter\na 1\n",
        "# HELP a x\n# TYPE b counter\nb 1\n",
        "# HELP a x\n# TYPE a counter\nb 1\n",
        "# HELP a x\n# TYPE a counter\n",
        "# HELP a x\n# TYPE a count\na 1\n",
        "# HELP a x\n# TYPE a counter\na\n",
        "# HELP a x\n# TYPE a counter\na Infinity\n",
        "# HELP a x\n# TYPE a counter\na 1,5\n",
        "# HELP a x\n# TYPE a counter\na -1\n",
        "# HELP a x\n# TYPE a counter\na 1\na 1\n",
        "# HELP a x\\y\n# TYPE a counter\na 1\n",
        "# HELP a-b x\n# TYPE a-b counter\na-b 1\n",
        "# HELP a x\n# TYPE a counter\na 1\n# HELP a x\n# TYPE a counter\na{b=\"1\"} 1\n",
        "# HELP a x\n# TYPE a counter\na{b=\"1\",b=\"2\"} 1\n",
        "# HELP a x\n# TYPE a counter\na{b=\"1\"c=\"2\"} 1\n",
        "# HELP a x\n# TYPE a counter\na{b=\"1\n\"} 1\n",
        "# HELP a x\n# TYPE a counter\na{b=\"1\"\"} 1\n",
        "# HELP a x\n# TYPE a counter\na{b=\"\\t\"} 1\n",
        "# HELP a x\n# TYPE a counter\na{b=1} 1\n",
        "# HELP a x\n# TYPE a counter\na{1b=\"1\"} 1\n",
        "# HELP a x\n# TYPE a counter\na{le=\"1\"} 1\n",
        "# HELP a x\n# TYPE a histogram\na 1\n",
        "# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
        "# HELP a x\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\n",
        "# HELP a x\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n",
        "# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\n"
            + "a_count 1\n",
        "# HELP a x\n# TYPE a histogram\na_bucket{le=\"2\"} 1\na_bucket{le=\"1\"} 1\n"
            + "a_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n"
      })
  void theReaderOfThisTestRefusesWhatIsWrong(String text) {
    assertThatThrownBy(() -> PrometheusText.parse(text)).isInstanceOf(AssertionError.class);
  }
}
