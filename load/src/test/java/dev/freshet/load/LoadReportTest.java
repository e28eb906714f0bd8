package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.http.Fields;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoadReportTest {
  private static final long MILLI = 1_000_000;

  /// A hundred answers, the nth felt for n and taking 1 ms; two of them failed, half were hits.
  private static Measured measured(long lateMillis, double waited) {
    Figures figures = new Figures();
    for (int i = 1; i <= 100; i++) {
      String cache = i % 2 == 0 ? "freshet; hit" : "freshet; fwd=miss";
      Reply reply = new Reply(i <= 98 ? 200 : 503, Fields.of("Cache-Status", cache), 50, 5, null);
      figures.arrived(i <= 98);
      figures.answered(i * MILLI, MILLI, reply, i > 98);
    }
    Histogram lateness = new Histogram(3);
    lateness.recordValue(lateMillis * MILLI);
    Phase phase = Phase.constantRate(50, Duration.ofSeconds(1), Duration.ofSeconds(2));
    Measured.Second second = new Measured.Second(1, true, 50, 1, 1, 2, 3, 0.5);
    Measured.Second last = new Measured.Second(2, false, 49, 1, 1, 2, 3, 0.5);
    return new Measured(
        phase,
        2,
        figures,
        Map.of("<b>home</b>", figures),
        lateness,
        new Histogram(3),
        waited,
        List.of(second, last),
        false);
  }

  private static LoadReport report(Measured measured, String... thresholds) {
    List<Threshold> asked = List.of(thresholds).stream().map(Threshold::parse).toList();
    return new LoadReport("http://127.0.0.1", "<s>", 0, List.of(measured), asked);
  }

  @ParameterizedTest
  @CsvSource({
    "p95 < 96ms, true",
    "p95 < 95ms, false",
    "p50 <= 0.051s, true",
    "mean > 50ms, true",
    "max >= 99ms, true",
    "errors < 2%, false",
    "errors <= 2 %, true",
    "rate > 49/s, true",
    "rate > 50, false",
    "hits >= 50%, true",
    "<b>home</b> p99 < 100ms, true",
    "elsewhere p99 < 100ms, false"
  })
  void thresholdsHoldOrDoNot(String text, boolean isMet) {
    assertThat(Threshold.parse(text).of(measured(0, 0)).isMet()).isEqualTo(isMet);
    assertThat(report(measured(0, 0), text).isWell()).isEqualTo(isMet);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"p95", "p95 < 200", "errors < 1", "rate < 5ms", "speed < 3ms", "p101 < 1s"})
  void whatIsNoThresholdIsRefused(String text) {
    assertThatThrownBy(() -> Threshold.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void figuresOfALateOrStarvedGeneratorAreNotBelieved() {
    assertThat(report(measured(4, 0.1)).isWell()).isTrue();
    assertThat(report(measured(6, 0)).isWell()).isFalse();
    assertThat(measured(6, 0).validity()).isEqualTo(Measured.Validity.LATE);
    assertThat(measured(0, 0.3).validity()).isEqualTo(Measured.Validity.STARVED);
    assertThat(report(measured(6, 0)).text()).contains("invalid: the generator was late");
  }

  @Test
  void nothingMeasuredIsNotWell() {
    assertThat(new LoadReport("t", "s", 0, List.of(), List.of()).isWell()).isFalse();
  }

  @Test
  void dataSaysBothTimes() {
    JsonNode data = new ObjectMapper().valueToTree(report(measured(0, 0), "p95 < 1s").data());
    JsonNode total = data.path("phases").path(0).path("total");
    assertThat(total.path("felt").path("p95").asDouble()).isBetween(94.9, 95.2);
    assertThat(total.path("onceSent").path("p95").asDouble()).isBetween(0.9, 1.1);
    assertThat(total.path("felt").properties())
        .extracting(Map.Entry::getKey)
        .containsExactly("mean", "p50", "p75", "p90", "p95", "p99", "p99.9", "max");
    assertThat(total.path("statuses").path("503").asInt()).isEqualTo(2);
    assertThat(data.path("thresholds").path(0).path("isMet").asBoolean()).isTrue();
  }

  @Test
  void theSummaryHasTheNamesThatToolsKnow() {
    JsonNode metrics =
        new ObjectMapper().valueToTree(report(measured(0, 0)).summary()).path("metrics");
    assertThat(metrics.path("http_reqs").path("rate").asDouble()).isEqualTo(50);
    assertThat(metrics.path("http_req_failed").path("value").asDouble()).isEqualTo(0.02);
    assertThat(metrics.path("http_req_duration").path("p(95)").asDouble()).isBetween(94.9, 95.2);
  }

  @Test
  void thePageComparesAndEscapes() {
    JsonNode before = new ObjectMapper().valueToTree(report(measured(0, 0)).data());
    String page = LoadPage.of(report(measured(0, 0), "p95 < 1ms"), before);
    assertThat(page)
        .contains(
            "&lt;b&gt;home&lt;/b&gt;",
            "MISSED",
            "<polyline",
            "beside the earlier run",
            "+0.0 %",
            "<td>p50 ms<td>50.0")
        .doesNotContain("<b>home", "<script", "http://www", "NaN");
  }

  @Test
  void theScreenHasAlwaysAsManyLines() {
    LoadScreen screen = new LoadScreen();
    Measured measured = measured(0, 0);
    for (Measured.Second second : measured.over()) {
      assertThat(screen.lines(measured.phase(), second)).hasSize(7);
    }
    assertThat(LoadScreen.line(measured.phase(), measured.over().getFirst()))
        .contains("(warm-up)", "50/s", "hits 50.0 %");
  }
}
