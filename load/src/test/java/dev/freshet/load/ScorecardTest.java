package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.load.LoadResult.Line;
import dev.freshet.load.Measured.Validity;
import dev.freshet.load.Scorecard.Row;
import dev.freshet.load.Shot.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// A card says of each target whether it was met, and never that it was when nobody measured.
class ScorecardTest {
  private static final Caching.Answers NO_ANSWERS = new Caching.Answers(0, 0, 0, 0, 0);

  /// Nobody said where answers came from.
  static final Caching UNCACHED = new Caching(20, NO_ANSWERS, NO_ANSWERS);

  private static final Line NOTHING = line(0, 0, -1, Map.of());
  private static final Line GOOD = line(1_000, 20, 0.9, Map.of());

  /// All times are the same, which is enough for a verdict.
  private static Line line(long count, double millis, double ratio, Map<String, Long> errors) {
    return new Line(
        count,
        count / 10.0,
        millis,
        millis,
        millis,
        millis,
        millis,
        count * 2_000,
        1_500,
        ratio,
        ratio,
        ratio,
        errors);
  }

  private static LoadResult result(Line total, Line each, List<String> warnings) {
    Map<Kind, Line> byKind = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      byKind.put(kind, each);
    }
    return new LoadResult(
        20,
        10,
        total,
        byKind,
        new Audited(Math.min(30, total.count()), 0),
        Validity.VALID,
        warnings,
        UNCACHED);
  }

  private static Scorecard compared(LoadResult bare, LoadResult through, List<Row> more) {
    return new Scorecard(bare, through, List.of(), more, List.of());
  }

  private static Scorecard card(Line total, Line each) {
    LoadResult bare = result(line(100, 900, -1, Map.of()), line(30, 900, -1, Map.of()), List.of());
    return compared(bare, result(total, each, List.of()), List.of());
  }

  private static Row row(Scorecard card, String name) {
    return card.rows().stream().filter(row -> row.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void aCardOfGoodFiguresIsMet() {
    Scorecard card = card(GOOD, GOOD);
    assertThat(card.rows())
        .filteredOn(row -> !row.target().isEmpty())
        .hasSize(9)
        .allMatch(row -> row.verdict().equals("met"));
    assertThat(card.isMet()).isTrue();
  }

  @Test
  void whereThereIsNoTargetThereIsNoVerdict() {
    assertThat(card(GOOD, GOOD).rows())
        .filteredOn(row -> row.target().isEmpty())
        .extracting(Row::name)
        .containsExactly(
            "requests/s",
            "mean ms",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "  of asked before",
            "MB sent",
            "kB/response");
    assertThat(card(NOTHING, NOTHING).rows())
        .filteredOn(row -> row.target().isEmpty())
        .allMatch(row -> row.verdict().isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "API mean ms, 100, met",
    "API mean ms, 100.001, missed",
    "API p95 ms, 150, met",
    "API p95 ms, 150.001, missed",
    "API p99 ms, 250, met",
    "API p99 ms, 250.001, missed",
    "page response p95 ms, 1000, met",
    "page response p95 ms, 1000.001, missed"
  })
  void aTimeMeetsItsTargetUpToTheTargetItself(String name, double millis, String verdict) {
    Scorecard card = card(GOOD, line(30, millis, 0.9, Map.of()));
    assertThat(row(card, name).verdict()).isEqualTo(verdict);
  }

  /// `100 <= 100 missed` would be a riddle.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          API mean ms          | 99.96             | 100.0
          API mean ms          | 99.999            | 100.0
          API mean ms          | 100               | 100
          API mean ms          | 100.4             | 100.4
          API mean ms          | 100.001           | 100.001
          API mean ms          | 100.0004          | 100.0004
          API mean ms          | 100.6             | 101
          API p99 ms           | 250.04            | 250.04
          page response p95 ms | 1000.26           | 1,000.3
          page response p95 ms | 1234.25           | 1,234
          API p95 ms           | 3.14159           | 3.14
          """)
  void aTimeIsShownWithAsManyDigitsAsItsVerdictNeeds(String name, double millis, String shown) {
    Scorecard card = card(GOOD, line(30, millis, 0.9, Map.of()));
    assertThat(row(card, name).through()).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({"100.00000000000001, API mean ms", "1000.0000000000001, page response p95 ms"})
  void evenTheSmallestMissIsShown(double millis, String name) {
    Row row = row(card(GOOD, line(30, millis, 0.9, Map.of())), name);
    assertThat(row.verdict()).isEqualTo("missed");
    assertThat(new BigDecimal(row.through().replace(",", "")))
        .isGreaterThan(new BigDecimal(row.target().replaceAll("[^0-9.]", "")));
  }

  @ParameterizedTest
  @CsvSource({"100000, met", "100001, missed"})
  void contentMeetsItsTargetUpToTheTargetItself(double octets, String verdict) {
    Line api = new Line(30, 3, 1, 1, 1, 1, 1, 1, octets, 0.9, 0.9, 0.9, Map.of());
    assertThat(row(card(GOOD, api), "API kB/request").verdict()).isEqualTo(verdict);
  }

  @ParameterizedTest
  @CsvSource({
    "-1, not measured, missed",
    "0, 0.0 %, missed",
    "0.5, 50.0 %, missed",
    "0.5004, 50.04 %, met",
    "0.501, 50.1 %, met",
    "1, 100.0 %, met"
  })
  void theHitRatioHasToBeMoreThanHalf(double ratio, String shown, String verdict) {
    Row row = row(card(line(1_000, 20, ratio, Map.of()), GOOD), "hit ratio");
    assertThat(row.through()).isEqualTo(shown);
    assertThat(row.verdict()).isEqualTo(verdict);
    assertThat(row.bare()).isEqualTo("-");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.0 %, missed",
    "0.899999, 89.9999 %, missed",
    "0.9, 90.0 %, met",
    "0.90001, 90.001 %, met"
  })
  void ofWhatMayBeKeptNineTenthsHaveToBeHits(double ratio, String shown, String verdict) {
    Row row = row(card(line(1_000, 20, ratio, Map.of()), GOOD), "  of cacheable");
    assertThat(row.through()).isEqualTo(shown);
    assertThat(row.verdict()).isEqualTo(verdict);
    assertThat(row.bare()).isEqualTo("-");
  }

  @ParameterizedTest
  @CsvSource({"0, 0, not measured, missed", "40, 0, 0 of 40, met", "40, 1, 1 of 40, missed"})
  void oneStaleAnswerMissesTheTarget(long answers, long stale, String shown, String verdict) {
    LoadResult good = result(GOOD, GOOD, List.of());
    LoadResult through =
        new LoadResult(
            20,
            10,
            GOOD,
            good.byKind(),
            new Audited(answers, stale),
            Validity.VALID,
            List.of(),
            UNCACHED);
    Row row = row(compared(good, through, List.of()), "stale answers");
    assertThat(row.bare()).isEqualTo("0 of 30");
    assertThat(row.through()).isEqualTo(shown);
    assertThat(row.verdict()).isEqualTo(verdict);
  }

  @Test
  void theCardSaysWhyWhatIsCacheableWasNoHitAndHowItBegan() {
    LoadResult good = result(GOOD, GOOD, List.of());
    Caching caching =
        new Caching(
            7, new Caching.Answers(60, 50, 10, 40, 0), new Caching.Answers(240, 200, 150, 30, 15));
    LoadResult through =
        new LoadResult(
            good.users(),
            good.seconds(),
            good.total(),
            good.byKind(),
            good.audited(),
            good.validity(),
            good.warnings(),
            caching);
    Scorecard card = compared(good, through, List.of());
    assertThat(row(card, "  missed: first request").through()).isEqualTo("15.0 %");
    assertThat(row(card, "  missed: rows changed").through()).isEqualTo("7.5 %");
    assertThat(row(card, "  missed: otherwise").through()).isEqualTo("2.5 %");
    assertThat(row(card, "hit ratio, warming up").through()).isEqualTo("16.7 %");
    assertThat(card.rows())
        .filteredOn(row -> row.name().equals("  of cacheable"))
        .extracting(Row::through)
        .containsExactly("90.0 %", "20.0 %");
    assertThat(card.text()).contains("after 7 s of warming up");
    assertThat(card.isMet()).isTrue();
  }

  @Test
  void rowsThatOthersMeasuredAreTheLast() {
    LoadResult good = result(GOOD, GOOD, List.of());
    Row other = new Row("connections", "9", "1", "", "");
    assertThat(compared(good, good, List.of(other)).rows()).endsWith(other);
  }

  @Test
  void oneErrorMissesTheTargetAndIsToldByKind() {
    Scorecard card = card(line(1_000, 20, 0.9, Map.of("timeout", 1L)), GOOD);
    assertThat(row(card, "errors").through()).isEqualTo("1");
    assertThat(row(card, "errors").verdict()).isEqualTo("missed");
    assertThat(card.isMet()).isFalse();
    assertThat(card.text()).contains("note: through Freshet: 1 x timeout");
  }

  @Test
  void errorsOfTheBareRunAreToldButMissNothing() {
    Line bad = line(100, 900, -1, Map.of("status 500", 3L));
    Scorecard card =
        compared(result(bad, bad, List.of()), result(GOOD, GOOD, List.of()), List.of());
    assertThat(card.isMet()).isTrue();
    assertThat(card.text()).contains("note: bare: 3 x status 500");
  }

  @Test
  void whatWasNotMeasuredIsNeverMet() {
    Scorecard card = card(NOTHING, NOTHING);
    assertThat(card.rows())
        .filteredOn(row -> !row.target().isEmpty())
        .hasSize(9)
        .allMatch(row -> row.verdict().equals("missed"));
    assertThat(card.isMet()).isFalse();
  }

  /// Zero milliseconds would be a splendid figure.
  @ParameterizedTest
  @EnumSource(Side.class)
  void whatWasNotMeasuredIsShownAsThat(Side side) {
    LoadResult good = result(GOOD, GOOD, List.of());
    LoadResult none = result(NOTHING, NOTHING, List.of());
    Scorecard card =
        side == Side.BARE ? compared(none, good, List.of()) : compared(good, none, List.of());
    for (Row row : card.rows()) {
      String shown = side == Side.BARE ? row.bare() : row.through();
      if (row.name().matches(".*(ms|kB).*")) {
        assertThat(shown).as(row.name()).isEqualTo("not measured");
      }
    }
  }

  enum Side {
    BARE,
    THROUGH
  }

  @Test
  void oneKindThatWasNotMeasuredSpoilsTheCard() {
    LoadResult good = result(GOOD, GOOD, List.of());
    Map<Kind, Line> byKind = new EnumMap<>(good.byKind());
    byKind.put(Kind.PAGE, NOTHING);
    Scorecard card =
        compared(
            good,
            new LoadResult(
                20, 10, GOOD, byKind, new Audited(30, 0), Validity.VALID, List.of(), UNCACHED),
            List.of());
    assertThat(row(card, "page response p95 ms").verdict()).isEqualTo("missed");
    assertThat(row(card, "page response p95 ms").through()).isEqualTo("not measured");
    assertThat(card.isMet()).isFalse();
  }

  @Test
  void theTextHasALineForEachRowWithItsVerdictAtTheEnd() {
    Scorecard card = card(line(1_000, 20, 0.2, Map.of()), line(30, 120, 0.9, Map.of()));
    List<String> lines = card.text().lines().toList();
    List<Row> rows = card.rows();
    int verdicts = lines.get(1 + rows.indexOf(row(card, "errors"))).lastIndexOf("met");
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      String line = lines.get(i + 1);
      assertThat(line).startsWith("  " + row.name() + " ").contains(row.bare(), row.through());
      assertThat(line.substring(verdicts)).isEqualTo(row.verdict());
      assertThat(line.substring(0, verdicts)).contains(row.target());
    }
    assertThat(lines.get(1 + rows.indexOf(row(card, "API mean ms")))).endsWith("missed");
    assertThat(lines.get(1 + rows.indexOf(row(card, "API p95 ms")))).endsWith(" met");
    assertThat(lines.get(rows.size() + 1))
        .contains("20 users, 10 s each way after 20 s of warming up");
  }

  @Test
  void theMarkdownIsATableOfAllRows() {
    Scorecard card = card(line(1_000, 20, 0.2, Map.of()), GOOD);
    List<String> lines = card.markdown().lines().toList();
    assertThat(lines).hasSize(2 + card.rows().size());
    assertThat(lines).allMatch(line -> line.matches("\\|([^|]*\\|){5}"));
    List<String> cells = new ArrayList<>();
    for (Row row : card.rows()) {
      cells.add(
          String.join(" | ", row.name(), row.bare(), row.through(), row.target(), row.verdict()));
    }
    assertThat(lines.subList(2, lines.size()))
        .isEqualTo(cells.stream().map(line -> "| " + line + " |").toList());
    assertThat(card.markdown()).contains("| > 50 % (80 %) | missed |", "| 0 | met |");
  }

  @Test
  void whatMakesFiguresDoubtfulIsTold() {
    LoadResult good = result(GOOD, GOOD, List.of("late"));
    Scorecard card = compared(result(GOOD, GOOD, List.of("early")), good, List.of());
    assertThat(card.warnings()).containsExactly("bare: early", "through Freshet: late");
    assertThat(card.text()).contains("  note: bare: early", "  note: through Freshet: late");
  }

  @Test
  void theDataIsJsonOfAKnownShape() throws JsonProcessingException {
    Scorecard card = card(line(1_000, 20, 0.2, Map.of("timeout", 2L)), NOTHING);
    ObjectMapper mapper = new ObjectMapper();
    JsonNode json = mapper.readTree(mapper.writeValueAsString(card.data()));
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly("rows", "bare", "through", "warnings");
    for (JsonNode row : json.path("rows")) {
      assertThat(row.fieldNames())
          .toIterable()
          .containsExactly("name", "bare", "through", "target", "verdict");
      assertThat(row.path("verdict").asText()).isIn("", "met", "missed");
    }
    assertThat(json.path("rows")).hasSameSizeAs(card.rows());
    assertThat(json.path("through").fieldNames())
        .toIterable()
        .containsExactly(
            "users", "seconds", "total", "byKind", "audited", "validity", "warnings", "caching");
    assertThat(json.path("through").path("byKind").fieldNames())
        .toIterable()
        .containsExactly("PAGE", "API", "STATIC", "WRITE");
    JsonNode total = json.path("through").path("total");
    assertThat(total.fieldNames())
        .toIterable()
        .contains("count", "perSecond", "mean", "p50", "p95", "p99", "max", "octets", "hitRatio");
    assertThat(total.path("errors").path("timeout").asLong()).isEqualTo(2);
    assertThat(json.path("warnings").path(0).asText()).isEqualTo("through Freshet: 2 x timeout");
  }

  /// It may be the server that was slow, or not: nobody knows.
  @Test
  void ofAGeneratorThatWasLateNoTimeIsJudged() {
    LoadResult good = card(GOOD, GOOD).through();
    LoadResult late =
        new LoadResult(
            20,
            10,
            good.total(),
            good.byKind(),
            good.audited(),
            Validity.LATE,
            List.of(Validity.LATE.text()),
            UNCACHED);
    Scorecard card = compared(good, late, List.of());
    assertThat(card.rows())
        .filteredOn(row -> row.verdict().equals("invalid"))
        .extracting(Row::name)
        .containsExactly("API mean ms", "API p95 ms", "API p99 ms", "page response p95 ms");
    assertThat(card.isMet()).isFalse();
    assertThat(card.text()).contains("through Freshet: invalid: the generator was late");
    assertThat(compared(late, good, List.of()).isMet()).isTrue();
  }

  private static List<Double> loads(double... millis) {
    return Arrays.stream(millis).boxed().toList();
  }

  /// The middle one and the middle half, whatever the order.
  @Test
  void pageLoadsAreShownByTheirMiddle() {
    List<Double> bare = loads(900, 700, 800, 1_100, 1_000);
    Row row = PageFigure.Kind.LOADED.of(bare, loads(300, 280, 310, 290, 305)).row();
    assertThat(row)
        .isEqualTo(
            new Row("page load ms", "900 (800-1,000)", "300 (290-305)", "<= 1,000 (200)", "met"));
    Row slow = PageFigure.Kind.LOADED_AGAIN.of(bare, loads(201, 201, 201)).row();
    assertThat(slow.through()).isEqualTo("201");
    assertThat(slow.verdict()).isEqualTo("missed");
    Row paint = PageFigure.Kind.FIRST_PAINT.of(bare, loads(9.5)).row();
    assertThat(paint).isEqualTo(new Row("first paint ms", "900 (800-1,000)", "9.5", "", ""));
    Scorecard card = card(GOOD, GOOD).with(List.of(row, paint), List.of("early"));
    assertThat(card.rows()).startsWith(row, paint);
    assertThat(card.warnings()).endsWith("early");
  }

  @Test
  void pageLoadsWithoutABrowserAreNotMeasuredAndNotMet() {
    List<Row> rows = PageFigure.nothing().stream().map(PageFigure::row).toList();
    assertThat(rows)
        .extracting(Row::name)
        .containsExactly("page load ms", "page kB", "page load, repeated ms");
    assertThat(rows).allMatch(row -> row.through().equals("not measured"));
    assertThat(rows).allMatch(row -> row.verdict().equals("missed"));
  }
}
