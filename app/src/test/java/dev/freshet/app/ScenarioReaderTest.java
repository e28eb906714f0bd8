package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Trouble;
import dev.freshet.load.Phase;
import dev.freshet.load.Scenario;
import dev.freshet.load.Step;
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
          visits:~  - steps:~      - { get: /, extract: { a: {} } } | s.yaml:3  | json, header and regex
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
          """)
  void whatIsWrongIsSaidWithItsLine(String text, String place, String cause) {
    assertThatThrownBy(() -> read(text.replace("~", "\n")))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining(place)
        .hasMessageContaining(cause);
  }

  @Test
  void theShopsScenarioIsRight() {
    LoadFiles.Named named = LoadFiles.named(List.of("shop", "http://127.0.0.1:3000"));
    assertThat(Objects.requireNonNull(named.scenario()).visits()).hasSize(4);
  }
}
