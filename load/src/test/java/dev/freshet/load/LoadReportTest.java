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
    Measured.Second second = new Measured.Second(1, true, 50, 1, 1, 2, 3, 0.5, null);
    Measured.Second last = new Measured.Second(2, false, 49, 1, 1, 2, 3, 0.5, null);
    return new Measured(
        phase,
        2,
        figures,
        Map.of("<b>home</b>", figures),
        lateness,
        new Histogram(3),
        waited,
        0,
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
    "rate > 48/s, true",
    "rate > 49, false",
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

  /// A channel of before the warm-up's end and one of behind it, with messages.
  private static Measured live() {
    Figures watch = new Figures();
    watch.answered(MILLI, MILLI, new Reply(101, Fields.of(), 50, 0, null), false);
    ChannelFigures channels = watch.channels();
    channels.connected(3 * MILLI);
    channels.early(true);
    channels.first(4 * MILLI);
    channels.answered(5 * MILLI);
    channels.said();
    for (int i = -1; i < 9; i++) {
      channels.heard();
      channels.delayed(10L * i * MILLI);
    }
    Figures total = new Figures();
    total.add(watch);
    Histogram none = new Histogram(3);
    Phase phase = Phase.constantRate(1, Duration.ZERO, Duration.ofSeconds(2));
    return new Measured(
        phase, 2, total, Map.of("watch", watch), none, none, 0, 0, List.of(), false);
  }

  @ParameterizedTest
  @CsvSource({
    "watch delay p90 < 71ms, true",
    "delay p90 < 70ms, false",
    "delay max >= 80ms, true",
    "connect p95 < 3.1ms, true",
    "watch first message p95 < 4.1ms, true",
    "round trip mean > 4.9ms, true",
    "messages rate > 4.9, true",
    "watch messages rate > 5, false",
    "messages p95 < 1s, false",
    "delay errors < 1%, false",
    "other delay p95 < 1s, false",
    "errors < 1%, true"
  })
  void timesOfChannelsHaveThresholdsToo(String text, boolean isMet) {
    assertThat(Threshold.parse(text).of(live()).isMet()).isEqualTo(isMet);
  }

  @Test
  void whereThereIsNoChannelNothingIsClaimedOfIt() {
    assertThat(Threshold.parse("delay p95 < 1s").of(measured(0, 0)).isMet()).isFalse();
    assertThat(report(measured(0, 0)).text()).doesNotContain("channels");
    assertThat(LoadPage.of(report(measured(0, 0)), null)).doesNotContain("channels");
  }

  @Test
  void everyReportShowsChannels() {
    LoadReport report = report(live());
    assertThat(report.text())
        .contains("channels: 1 opened, 1 open before; 10 messages received (5.0/s), 1 sent")
        .contains("watch: round trip", "watch: delay")
        .contains("1 messages came before the time that they tell");
    assertThat(LoadPage.of(report, null)).contains("watch: first message", "10 messages received");
    JsonNode data = new ObjectMapper().valueToTree(report.data());
    JsonNode channels = data.path("phases").path(0).path("steps").path("watch").path("channels");
    assertThat(channels.path("openBefore").asInt()).isEqualTo(1);
    assertThat(channels.path("delay").path("max").asDouble()).isBetween(80.0, 80.1);
    assertThat(channels.path("roundTrip").path("mean").asDouble()).isBetween(4.9, 5.1);
    JsonNode metrics = new ObjectMapper().valueToTree(report.summary()).path("metrics");
    assertThat(metrics.path("ws_sessions").path("count").asInt()).isEqualTo(2);
    assertThat(metrics.path("ws_msgs_received").path("count").asInt()).isEqualTo(10);
  }

  @Test
  void theScreenShowsChannelsFromWhenThereAreSome() {
    LoadScreen screen = new LoadScreen();
    Phase phase = Phase.constantRate(50, Duration.ofSeconds(1), Duration.ofSeconds(2));
    Measured.Second before = new Measured.Second(1, true, 50, 1, 1, 2, 3, 0.5, null);
    Measured.Live live = new Measured.Live(1_200, 34, 5.5);
    Measured.Second after = new Measured.Second(2, true, 50, 1, 1, 2, 3, 0.5, live);
    assertThat(screen.lines(phase, before)).hasSize(7);
    assertThat(screen.lines(phase, after)).hasSize(10).anyMatch(line -> line.contains("1,200"));
    assertThat(LoadScreen.line(phase, before)).doesNotContain("channels");
    assertThat(LoadScreen.line(phase, after))
        .endsWith("  1,200 channels  34 messages/s  delay p95 5.50 ms");
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

  /// A channel of before the warm-up's end is a try, too.
  @Test
  void theSummaryCountsAllThatCouldFail() {
    Measured measured = live();
    measured.total().broke(List.of("closed"), true);
    measured.total().broke(List.of("closed"), true);
    JsonNode failed =
        new ObjectMapper()
            .valueToTree(report(measured).summary())
            .path("metrics")
            .path("http_req_failed");
    assertThat(failed.path("passes").asInt()).isEqualTo(2);
    assertThat(failed.path("fails").asInt()).isZero();
  }

  /// A terminal of eighty columns breaks what is wider.
  @Test
  void tablesFitIntoATerminal() {
    Histogram slow = new Histogram(3);
    slow.recordValue(3_599_000_000_000L);
    String row = TimesTable.row("/product/{n}/reviews/newest", 1_234_567, slow, 123_456);
    assertThat(row)
        .hasSizeLessThanOrEqualTo(80)
        .contains("/produc…views/newest ", " 1,234,567 ", " 123,456");
    assertThat(TimesTable.heads()).hasSize(80);
    assertThat(report(live()).text().lines())
        .contains("  watch: first message         1    4.00    4.00    4.00    4.00    4.00")
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    assertThat(report(measured(6, 0.1)).text().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
  }

  /// Nine of ten are refused at once, the tenth waits: nobody calls that a quick site.
  @Test
  void quickRefusalsMakeNoTimeShortAndAreNoRate() {
    Figures figures = new Figures();
    for (int i = 0; i < 1_000; i++) {
      boolean isRefused = i % 10 > 0;
      Reply reply = Reply.of(isRefused ? 503 : 200);
      figures.arrived(!isRefused);
      figures.answered(isRefused ? MILLI : 400 * MILLI, MILLI, reply, isRefused);
    }
    Phase phase = Phase.constantRate(100, Duration.ZERO, Duration.ofSeconds(10));
    Histogram none = new Histogram(3);
    Measured measured =
        new Measured(phase, 10, figures, Map.of(), none, none, 0, 0, List.of(), false);
    assertThat(report(measured, "p50 < 300ms").isWell()).isFalse();
    assertThat(report(measured, "mean < 300ms").isWell()).isFalse();
    assertThat(report(measured, "rate > 50").isWell()).isFalse();
    assertThat(report(measured, "p50 < 401ms").isWell()).isTrue();
    assertThat(report(measured).text()).contains("without errors", "     100  ");
    assertThat(LoadPage.of(report(measured), null))
        .contains("<b>400.0</b><span class=soft>ms, half of them")
        .contains("<td>without errors<td>100");
    assertThat(LoadResult.Line.of(figures, new Kept(), 10).p50()).isGreaterThan(300);
  }

  @Test
  void aSiteThatRefusesEverythingKeepsNoTime() {
    Figures figures = new Figures();
    for (int i = 0; i < 10; i++) {
      figures.answered(MILLI, MILLI, Reply.of(503), true);
      figures.pages().first().viewed(1_000_000, 9, 1, 0, 0, true);
    }
    Phase phase = Phase.constantRate(1, Duration.ZERO, Duration.ofSeconds(10));
    Histogram none = new Histogram(3);
    Measured measured =
        new Measured(phase, 10, figures, Map.of(), none, none, 0, 0, List.of(), false);
    LoadReport report = report(measured, "p95 < 200ms", "first view p95 < 200ms");
    assertThat(report.verdicts()).hasSize(2).noneMatch(Threshold.Verdict::isMet);
    figures.late(100 * MILLI, -1);
    figures.pages().first().viewed(1_000_000, 9, 1, 0, 0, false);
    assertThat(report.verdicts()).allMatch(Threshold.Verdict::isMet);
  }

  @Test
  void channelsHavePicturesToo() {
    Measured measured = measured(0, 0);
    assertThat(LoadPage.of(report(measured), null)).doesNotContain("channels open");
    Measured.Live live = new Measured.Live(40, 80, 7.5);
    Measured.Second first = new Measured.Second(1, true, 50, 1, 1, 2, 3, 0.5, live);
    Measured.Second last = new Measured.Second(2, false, 49, 1, 1, 2, 3, 0.5, live);
    Measured held =
        new Measured(
            measured.phase(),
            2,
            measured.total(),
            measured.steps(),
            measured.lateness(),
            measured.beats(),
            0,
            0,
            List.of(first, last),
            false);
    assertThat(LoadPage.of(report(held), null))
        .contains("channels open over time", "messages a second over time")
        .contains("delay of messages, p95, milliseconds over time")
        .doesNotContain("NaN");
  }

  @Test
  void thePageComparesAndEscapes() {
    JsonNode before = new ObjectMapper().valueToTree(report(measured(0, 0)).data());
    String page = LoadPage.of(report(measured(0, 0), "p95 < 1ms"), new Comparison(before));
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

  /// What was measured of a late generator is no figure of the site to compare anything with.
  @Test
  void aComparisonSaysWhenOneOfBothCantBeBelieved() {
    List<Measured> now = List.of(measured(0, 0));
    Comparison valid =
        new Comparison(new ObjectMapper().valueToTree(report(measured(0, 0)).data()));
    assertThat(valid.text(now))
        .contains("then", "  p50 ms               50.00         50.00      +0.0 %")
        .doesNotContain("invalid");
    assertThat(valid.text(now).lines()).allMatch(line -> line.length() < 80);
    Comparison late = new Comparison(new ObjectMapper().valueToTree(report(measured(6, 0)).data()));
    assertThat(late.text(now)).contains("invalid");
    assertThat(late.table(measured(0, 0), 0)).contains("invalid");
    assertThat(valid.table(measured(6, 0), 0)).contains("invalid");
    assertThat(valid.table(measured(0, 0), 1)).isEmpty();
  }

  @Test
  void theScreenHasAlwaysAsManyLines() {
    LoadScreen screen = new LoadScreen();
    Measured measured = measured(0, 0);
    for (Measured.Second second : measured.over()) {
      assertThat(screen.lines(measured.phase(), second)).hasSize(7);
    }
    // The newest is last, where eighty columns would cut it off.
    for (int i = 0; i < 100; i++) {
      assertThat(screen.lines(measured.phase(), measured.over().getFirst()))
          .allMatch(line -> line.length() < 80);
    }
    assertThat(LoadScreen.line(measured.phase(), measured.over().getFirst()))
        .contains("(warm-up)", "50/s", "hits 50.0 %");
  }
}
