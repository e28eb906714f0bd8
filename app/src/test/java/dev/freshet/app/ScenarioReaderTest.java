package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Trouble;
import dev.freshet.load.Delay;
import dev.freshet.load.Extraction;
import dev.freshet.load.Phase;
import dev.freshet.load.Scenario;
import dev.freshet.load.Step;
import dev.freshet.load.Talk;
import dev.freshet.load.Template;
import dev.freshet.load.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenarioReaderTest {
  @TempDir private Path folder;

  private ScenarioReader.Said read(String text) {
    return ScenarioReader.read("s.yaml", text, folder);
  }

  @Test
  void everythingThatCanBeSaid() throws IOException {
    Files.writeString(folder.resolve("items.csv"), "item,colour\nlamp,red\nrope,blue\n");
    ScenarioReader.Said said =
        read(
            """
            name: shopping
            target: http://127.0.0.1:8080
            headers: { User-Agent: load, X-All: yes }
            variables: { shop: harbour }
            data:
              - { file: items.csv, order: inTurn }
            phases:
              - { constantRate: 200, warmUp: 5s, for: 30s }
              - { rampRate: 10 to 500, for: 1m, name: climb }
              - { pause: 5s }
              - { users: 1_000, for: 10s }
            visits:
              - name: buy
                weight: 3
                steps:
                  - get: /search?q=${item}
                    headers: { x-all: no }
                    extract:
                      id: { json: /0/id }
                      token: { header: X-Token }
                    think: 1s to 3s
                  - name: put
                    post: /cart/${id}
                    headers: { Authorization: "Bearer ${token}" }
                    json: '{"item": "${item}"}'
                    check: { status: [200, 201], contains: ok, json: { /n: 1 }, header: { X-A: b } }
              - steps:
                  - get: /
            thresholds:
              - p95 < 200ms
              - put errors < 1%
            """);
    Scenario scenario = said.scenario();
    assertThat(said.target()).isEqualTo("http://127.0.0.1:8080");
    assertThat(scenario.phases().get(0))
        .isEqualTo(
            new Phase(
                "constantRate",
                new Phase.Shape.ConstantRate(200),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30)));
    assertThat(scenario.phases().get(1).shape()).isEqualTo(new Phase.Shape.RampRate(10, 500));
    assertThat(scenario.phases().get(1).name()).isEqualTo("climb");
    assertThat(scenario.phases().get(2).shape()).isEqualTo(new Phase.Shape.Pause());
    assertThat(scenario.phases().get(2).lasting()).isEqualTo(Duration.ofSeconds(5));
    assertThat(scenario.phases().get(3).shape()).isEqualTo(new Phase.Shape.Users(1_000));
    Step search = scenario.visits().get(0).steps().get(0);
    assertThat(search.name()).isEqualTo("GET /search?q={}");
    assertThat(search.headers())
        .extracting(Step.Field::name)
        .containsExactly("User-Agent", "x-all");
    assertThat(search.thinkMost()).isEqualTo(Duration.ofSeconds(3));
    Step put = scenario.visits().get(0).steps().get(1);
    assertThat(put.method()).isEqualTo("POST");
    assertThat(put.checks()).hasSize(4);
    assertThat(put.headers()).extracting(Step.Field::name).contains("Content-Type");
    assertThat(scenario.data().getFirst().columns()).containsExactly("item", "colour");
    assertThat(scenario.thresholds()).hasSize(2);
  }

  /// `~` stands for a line end.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          visits:~  - steps:~      - gett: /                        | s.yaml:3  | did you mean `get`?
          visits:~  - steps:~      - get: shop                      | s.yaml:3  | begins with /
          visits:~  - steps:~      - { get: /, post: / }            | s.yaml:3  | second request
          visits:~  - steps:~      - { get: "/${a}" }               | s.yaml:3  | uses ${a}
          variables: { item: 1 }~visits:~  - steps:~      - { get: "/${itme}" } | s.yaml:4 | did you mean ${item}?
          visits:~  - steps:~      - { get: /, think: 3s to 1s }    | s.yaml:3  | no pause
          visits:~  - steps:~      - { get: /, extract: { a: {} } } | s.yaml:3  | json, header, regex and any
          visits:~  - steps:~      - { get: /, extract: { a: { regex: "(" } } } | s.yaml:3 | regex
          visits:~  - steps:~      - { get: /, check: { status: ok } } | s.yaml:3 | not a status
          visits:~  - steps:~      - { post: /, json: "{" }         | s.yaml:3  | not JSON
          visits:~  - steps:~      - { get: /, headers: { cookie: a=b } } | s.yaml:3 | generator itself
          visits:~  - name: a                                       | s.yaml    | steps
          phases: []                                                | s.yaml    | visits
          phases:~  - { rate: 5 }~visits:~  - steps: [{ get: / }]   | s.yaml:2  | constantRate
          phases:~  - { users: 5, constantRate: 5 }~visits:~  - steps: [{ get: / }] | s.yaml:2 | one too many
          phases:~  - { rampRate: 5 }~visits:~  - steps: [{ get: / }] | s.yaml:2 | 10 to 500
          phases:~  - { users: 0 }~visits:~  - steps: [{ get: / }]  | s.yaml:2  | between 1 and
          thresholds: [fast]~visits:~  - steps: [{ get: / }]        | s.yaml:1  | not a threshold
          data: [{ file: none.csv }]~visits:~  - steps: [{ get: / }] | s.yaml:1 | none.csv
          visits: [                                                 | s.yaml:   | not YAML
          visits:~  - steps:~      - { websocket: /a }              | s.yaml:3  | `talk:
          visits:~  - steps:~      - { sse: /a, talk: [ { send: x } ] } | s.yaml:3 | use `websocket`
          visits:~  - steps:~      - { sse: /a, talk: [ { expect: 0 } ] } | s.yaml:3 | at least 1
          visits:~  - steps:~      - sse: /a~        talk:~          - expect: 1~            for: 1s | s.yaml:6 | second thing
          visits:~  - steps:~      - sse: /a~        talk:~          - {} | s.yaml:5 | one of send, expect
          visits:~  - steps:~      - sse: /a~        talk:~          - wait: 1s | s.yaml:5 | send, expect, for, close
          visits:~  - steps:~      - sse: /a~        talk: | s.yaml:4 | is empty: nothing is done
          visits:~  - steps:~      - { sse: /a, talk: [] } | s.yaml:3 | is empty: nothing is done
          visits:~  - steps:~      - sse: /a~        talk:~          - expect: | s.yaml:5 | expect: has nothing
          visits:~  - steps:~      - sse: /a~        talk:~          - for: | s.yaml:5 | for: has nothing
          visits:~  - steps:~      - websocket: /a~        talk:~          - send: | s.yaml:5 | send: has nothing
          visits:~  - steps:~      - websocket: /a~        talk:~          - close: | s.yaml:5 | close: has nothing
          visits:~  - steps:~      - sse: /a~        talk:~          - expect:~              within: | s.yaml:6 | within: has nothing
          visits:~  - steps:~      - sse: /a~        talk:~          - expect:~              contains: | s.yaml:6 | contains: has nothing
          visits:~  - steps:~      - { websocket: /a, talk: [ { close: 1006 } ] } | s.yaml:3 | 3000 to 4999
          visits:~  - steps:~      - { websocket: /a, talk: [ { send: "${b}" } ] } | s.yaml:3 | uses ${b}
          visits:~  - steps:~      - { websocket: /a, check: { status: 101 }, talk: [ { for: 1s } ] } | s.yaml:3 | say it in `talk`
          visits:~  - steps:~      - { websocket: /a, headers: { Upgrade: h2c }, talk: [ { for: 1s } ] } | s.yaml:3 | generator itself
          visits:~  - steps:~      - { sse: /a, talk: [ { for: 3s to 1s } ] } | s.yaml:3 | no time
          visits:~  - steps:~      - { sse: /a, delay: { json: /t, in: hours }, talk: [ { for: 1s } ] } | s.yaml:3 | seconds, millis or micros
          visits:~  - steps:~      - { sse: /a, delay: { }, talk: [ { for: 1s } ] } | s.yaml:3 | one place
          visits:~  - steps:~      - { sse: /a, delay: { mark: stock }, talk: [ { for: 1s } ] } | s.yaml:3 | stock
          visits:~  - steps:~      - { get: /a, talk: [ { for: 1s } ] } | s.yaml:3 | is not a key
          thresholds: [delay < 1s]~visits:~  - steps: [{ get: / }]  | s.yaml:1  | delay p95 < 100ms
          """)
  void whatIsWrongIsSaidWithItsLine(String text, String place, String cause) {
    assertThatThrownBy(() -> read(text.replace("~", "\n")))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining(place)
        .hasMessageContaining(cause);
  }

  @Test
  void everythingThatCanBeDoneOnAChannel() {
    Scenario scenario =
        read("""
        visits:
          - steps:
              - name: chat
                websocket: /chat?room=${visit}
                headers: { Origin: "http://127.0.0.1" }
                subprotocols: [v2, v1]
                largest: 10KB
                talk:
                  - expect: 1
                  - send: '{"at": ${now}}'
                  - expect:
                      count: 2
                      json: { /re: x }
                      contains: y
                      within: 2s
                      check: { contains: z }
                      extract: { id: { json: /id } }
                  - send: ${id}
                  - for: 1s to 2s
                  - close: 3001
                delay: { json: /at, in: micros }
              - sse: /live?from=${id}
                lastEventId: ${id}
                talk:
                  - expect: { event: [change], extract: { last: { header: id } } }
                delay: { mark: /stock }
                think: 1s
              - { put: "/stock/${last}", body: "${visit}", mark: "${visit}" }
        thresholds: [delay p95 < 100ms, chat round trip p99 < 1s, messages rate > 5]
        """)
            .scenario();
    List<Step> steps = scenario.visits().getFirst().steps();
    Talk chat = Objects.requireNonNull(steps.get(0).talk());
    assertThat(chat.protocols()).containsExactly("v2", "v1");
    assertThat(chat.most()).isEqualTo(10 << 10);
    assertThat(chat.turns()).hasSize(6);
    assertThat(chat.turns().get(2))
        .isInstanceOfSatisfying(
            Turn.Expect.class,
            expect -> {
              assertThat(expect.count()).isEqualTo(2);
              assertThat(expect.within()).isEqualTo(Duration.ofSeconds(2));
              assertThat(expect.matching()).hasSize(2);
              assertThat(expect.checks()).hasSize(1);
              assertThat(expect.extract()).containsOnlyKeys("id");
            });
    assertThat(chat.turns().get(5)).isEqualTo(new Turn.Close(3001));
    assertThat(chat.delay())
        .isEqualTo(new Delay.Carried(Extraction.json("/at"), Delay.Unit.MICROS));
    Step live = steps.get(1);
    assertThat(live.name()).isEqualTo("SSE /live?from={}");
    assertThat(live.method()).isEqualTo("GET");
    assertThat(live.headers())
        .extracting(Step.Field::name)
        .containsExactly("Accept", "Last-Event-ID");
    assertThat(Objects.requireNonNull(live.talk()).delay())
        .isEqualTo(new Delay.Marked(Extraction.json("/stock")));
    assertThat(steps.get(2).mark()).isEqualTo(Template.of("${visit}"));
  }

  @Test
  void theProgramsOwnScenariosAreRight() {
    for (String name : List.of("shop", "live")) {
      LoadFiles.Named named = LoadFiles.named(List.of(name, "http://127.0.0.1:3000"));
      assertThat(Objects.requireNonNull(named.scenario()).visits()).hasSizeGreaterThan(2);
    }
  }
}
