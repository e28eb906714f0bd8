package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Rolls;
import dev.freshet.http.Fields;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScenarioTest {

  private static Reply reply(int status, String content, String... fields) {
    byte[] octets = content.getBytes(StandardCharsets.UTF_8);
    return new Reply(status, Fields.of(fields), octets.length, octets.length, octets);
  }

  private static Step step(
      String path, Map<String, Extraction> extract, List<Check> checks, Duration most) {
    return new Step(
        path,
        "POST",
        Template.of(path),
        List.of(new Step.Field("X-Item", Template.of("${item}"))),
        Template.of("{\"item\":\"${item}\"}"),
        extract,
        checks,
        Duration.ZERO,
        most);
  }

  private static Scenario scenario(List<Visit> visits, List<Rows> data) {
    return new Scenario("s", List.of(), visits, Map.of("item", "lamp"), data, List.of());
  }

  @Test
  void valuesGoFromOneAnswerIntoTheNextRequest() {
    Step first =
        step("/a", Map.of("item", Extraction.json("/items/0/id")), List.of(), Duration.ZERO);
    Step second = step("/b/${item}?q=${item}", Map.of(), List.of(), Duration.ZERO);
    Visits acts = scenario(List.of(new Visit("v", 1, List.of(first, second))), List.of()).acts(1);
    Visits.Visitor visitor = acts.visitor(0);
    Call call = Objects.requireNonNull(visitor.next());
    assertThat(new String(call.octets("h", ""), StandardCharsets.UTF_8))
        .startsWith("POST /a HTTP/1.1\r\nHost: h\r\n")
        .contains("\r\nX-Item: lamp\r\n", "\r\nContent-Length: 15\r\n")
        .endsWith("\r\n\r\n{\"item\":\"lamp\"}");
    assertThat(visitor.answered(call, reply(200, "{\"items\":[{\"id\":\"a b/ü\"}]}"))).isEmpty();
    assertThat(Objects.requireNonNull(visitor.next()).target())
        .isEqualTo("/b/a%20b%2F%C3%BC?q=a%20b%2F%C3%BC");
    assertThat(visitor.next()).isNull();
    assertThat(Objects.requireNonNull(acts.visitor(1).next()).target()).isEqualTo("/a");
  }

  @Test
  void visitorsTakeAnyOfTheValuesThatAnAnswerHas() {
    Step first = step("/a", Map.of("item", Extraction.any("id=(\\d+)")), List.of(), Duration.ZERO);
    Step second = step("/b/${item}", Map.of(), List.of(), Duration.ZERO);
    Visits acts = scenario(List.of(new Visit("v", 1, List.of(first, second))), List.of()).acts(1);
    Map<String, Integer> taken = new HashMap<>();
    for (int i = 0; i < 300; i++) {
      Visits.Visitor visitor = acts.visitor(i);
      Call call = Objects.requireNonNull(visitor.next());
      assertThat(visitor.answered(call, reply(200, "id=1 id=x id=22 id=3"))).isEmpty();
      taken.merge(Objects.requireNonNull(visitor.next()).target(), 1, Integer::sum);
    }
    assertThat(taken).containsOnlyKeys("/b/1", "/b/22", "/b/3");
    assertThat(taken.values()).allMatch(times -> times > 60);
    Visits.Visitor visitor = acts.visitor(0);
    Call call = Objects.requireNonNull(visitor.next());
    assertThat(visitor.answered(call, reply(200, "id=x"))).containsExactly("extract item");
  }

  @Test
  void aVisitEndsWhereAValueIsMissing() {
    Step first =
        step("/a", Map.of("item", Extraction.regex("id=(\\d+)")), List.of(), Duration.ZERO);
    Step second = step("/b", Map.of(), List.of(), Duration.ZERO);
    Visits acts = scenario(List.of(new Visit("v", 1, List.of(first, second))), List.of()).acts(1);
    Visits.Visitor visitor = acts.visitor(0);
    Call call = Objects.requireNonNull(visitor.next());
    assertThat(visitor.answered(call, reply(200, "id=x"))).containsExactly("extract item");
    assertThat(visitor.next()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          json   | /a/1/b~1c  | {"a":[0,{"b/c":7}]} | 7
          json   | /a         | {"a":{"b":[1]}}     | {"b":[1]}
          json   | /a         | {"a":null}          |
          json   | /a         | <p>no JSON          |
          regex  | v="([^"]*) | <i v="7">           | 7
          regex  | [0-9]+     | abc 42 7            | 42
          regex  | [0-9]+     | abc                 |
          header | x-token    | anything            | t
          header | X-Other    | anything            |
          """)
  void valuesAreFound(String kind, String place, String content, String value) {
    Extraction extraction =
        switch (kind) {
          case "json" -> Extraction.json(place);
          case "regex" -> Extraction.regex(place);
          default -> Extraction.header(place);
        };
    assertThat(extraction.from(reply(200, content, "X-Token", "t"))).isEqualTo(value);
  }

  @Test
  void contentIsReadThroughGzip() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write("{\"a\":\"ü\"}".getBytes(StandardCharsets.UTF_8));
    }
    Fields fields = Fields.of("Content-Encoding", "gzip");
    assertThat(Extraction.json("/a").from(new Reply(200, fields, 1, 1, out.toByteArray())))
        .isEqualTo("ü");
    byte[] broken = {1, 2, 3};
    assertThat(new Reply(200, fields, 3, 3, broken).text()).isEmpty();
  }

  @Test
  void checksThatDoNotHoldAreErrors() {
    List<Check> checks =
        List.of(
            new Check.Status(List.of(200, 204)),
            new Check.Contains("hello"),
            new Check.Equal("/a", Extraction.json("/a"), "1"));
    Step step = step("/a", Map.of(), checks, Duration.ZERO);
    Visits acts = scenario(List.of(new Visit("v", 1, List.of(step))), List.of()).acts(1);
    Visits.Visitor visitor = acts.visitor(0);
    Call call = Objects.requireNonNull(visitor.next());
    assertThat(visitor.answered(call, reply(201, "{\"a\":2}")))
        .containsExactly("check status 200, 204", "check contains hello", "check /a = 1");
    assertThat(visitor.answered(call, reply(204, "{\"a\":1,\"b\":\"hello\"}"))).isEmpty();
  }

  @Test
  void visitsAreChosenByWeightAndTheSameForEqualSeeds() {
    List<Visit> visits =
        List.of(
            new Visit("a", 1, List.of(Step.get("a", "/a"))),
            new Visit("b", 3, List.of(Step.get("b", "/b"))));
    Visits acts = scenario(visits, List.of()).acts(7);
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      String target = Objects.requireNonNull(acts.visitor(i).next()).target();
      counts.merge(target, 1, Integer::sum);
      assertThat(Objects.requireNonNull(acts.visitor(i).next()).target()).isEqualTo(target);
    }
    assertThat(counts.getOrDefault("/b", 0) / 20_000.0).isCloseTo(0.75, Offset.offset(0.02));
  }

  /// Else two stretches of a load would differ by what they ask for.
  @Test
  void anyStretchOfVisitsHasTheMixtureThatTheWeightsSay() {
    List<Visit> visits =
        List.of(
            new Visit("a", 80, List.of(Step.get("a", "/a"))),
            new Visit("b", 19, List.of(Step.get("b", "/b"))),
            new Visit("c", 1, List.of(Step.get("c", "/c"))));
    Rolls rolls = new Rolls(3);
    for (int seed = 0; seed < 20; seed++) {
      Visits acts = scenario(visits, List.of()).acts(seed);
      int from = rolls.between(0, 1_000_000);
      Map<String, Integer> counts = new HashMap<>();
      for (int i = from; i < from + 200; i++) {
        String target = Objects.requireNonNull(acts.visitor(i).next()).target();
        counts.merge(target, 1, Integer::sum);
      }
      assertThat(counts.getOrDefault("/a", 0)).isBetween(157, 163);
      assertThat(counts.getOrDefault("/b", 0)).isBetween(35, 41);
      assertThat(counts.getOrDefault("/c", 0)).isBetween(1, 4);
    }
  }

  @Test
  void eachVisitorTakesARow() {
    Rows rows = Rows.parse("name,x\none,1\n\"t,\"\"w\n\",2\n", false);
    Step step = step("/${x}", Map.of(), List.of(), Duration.ZERO);
    Visits acts = scenario(List.of(new Visit("v", 1, List.of(step))), List.of(rows)).acts(1);
    List<String> targets = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      targets.add(Objects.requireNonNull(acts.visitor(i).next()).target());
    }
    assertThat(targets).containsExactly("/1", "/2", "/1", "/2");
    assertThat(rows.rows().get(1)).containsExactly("t,\"w\n", "2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a,b\n", "a,a\n1,2\n", "a,b\n1\n", "a\n\"open\n"})
  void filesThatAreNoTablesAreRefused(String text) {
    assertThatThrownBy(() -> Rows.parse(text, true)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void valuesCannotBreakOutOfTheirPlace() {
    assertThatThrownBy(() ->
            new Call(
                "s", "GET", "/", List.of(new Call.Header("A", "b\r\nX: y")), new byte[0], false, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Call.get("/a b")).isInstanceOf(IllegalArgumentException.class);
  }
}
