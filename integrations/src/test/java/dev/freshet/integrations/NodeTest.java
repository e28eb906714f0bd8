package dev.freshet.integrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// `integrations/node` under a real Node with the real `pg` and what stands on it.
class NodeTest {
  private static final Path HOME = Tool.folder().resolve("target/node");
  private static final List<String> PATHS =
      List.of(
          "/promise",
          "/callback",
          "/named",
          "/config",
          "/transaction",
          "/cursor",
          "/stream",
          "/submittable",
          "/knex",
          "/error",
          "/module",
          "/http2");
  private static Stage stage;
  private static String node;

  @BeforeAll
  static void installs() throws IOException {
    node = Tool.of("node");
    String npm = Tool.of("npm");
    Files.createDirectories(HOME);
    Path from = Tool.folder().resolve("src/test/resources/node");
    boolean isNew = false;
    for (String file : List.of("app.js", "module.mjs", "package.json", "package-lock.json")) {
      Path to = HOME.resolve(file);
      isNew |=
          file.equals("package-lock.json")
              && (!Files.exists(to) || Files.mismatch(from.resolve(file), to) >= 0);
      Files.copy(from.resolve(file), to, StandardCopyOption.REPLACE_EXISTING);
    }
    if (isNew || !Files.exists(HOME.resolve("node_modules/.package-lock.json"))) {
      Tool.need(
          HOME,
          List.of(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"),
          "the packages of the Node test can't be installed");
    }
    stage = Stage.set();
  }

  @AfterAll
  static void closes() {
    if (stage != null) {
      stage.close();
    }
  }

  private static App app(String options) {
    Map<String, String> environment = new HashMap<>(stage.environment());
    environment.put("NODE_OPTIONS", options);
    return App.start(HOME, environment, List.of(node, "app.js"));
  }

  private static App traced() {
    return app("--require " + Tool.folder().resolve("node/freshet.cjs"));
  }

  @Test
  void eachStatementCarriesTheTraceOfItsRequestHoweverItWasAsked() {
    try (App bare = app("");
        App traced = traced()) {
      Crowd plain = Crowd.ask(bare.port(), stage.tap(), PATHS, 10);
      Crowd carried = Crowd.ask(traced.port(), stage.tap(), PATHS, 10);
      carried.isLikeButTraced(plain);
      assertThat(carried.traced("begin")).isEqualTo(carried.traced("rollback")).isPositive();
    }
  }

  @Test
  void aNamedQueryStaysOnePreparedStatementOfTheServer() {
    try (App traced = traced()) {
      Crowd carried = Crowd.ask(traced.port(), stage.tap(), List.of("/named"), 20);
      assertThat(carried.traced("named")).isEqualTo(32);
      assertThat(carried.heard()).anyMatch(h -> h.prepared().equals("some-items"));
      assertThat(carried.heard())
          .filteredOn(h -> h.trace() != null)
          .allMatch(h -> h.prepared().isEmpty());
      assertThat(stage.prepared("id < 4 order by id")).isEqualTo(new Stage.Prepared(1, false));
    }
  }

  @Test
  void aCommentThatIsThereAlreadyStaysTheOnlyOne() {
    try (App traced = traced()) {
      Crowd carried = Crowd.ask(traced.port(), stage.tap(), List.of("/own"), 4);
      assertThat(carried.heard()).hasSize(4);
      assertThat(carried.heard()).allMatch(h -> h.text().split("traceparent", -1).length == 2);
    }
  }

  @Test
  void whatIsNoTraceparentIsNotPassedOn() {
    try (App traced = traced()) {
      stage.tap().forget();
      String bad = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7*/; drop table item; /*";
      assertThat(traced.ask("/promise?n=n1", "traceparent", bad).join()).startsWith("200 ");
      assertThat(stage.tap().heard()).singleElement().matches(h -> h.text().equals(h.bare()));
    }
  }

  @Test
  void anAppWithoutHttpOrDatabaseRunsAsEver() {
    Path adapter = Tool.folder().resolve("node/freshet.cjs");
    List<String> line = List.of(node, "--require", adapter.toString(), "-p", "6 * 7");
    assertThat(App.output(Map.of(), line)).isEqualTo("42\n");
  }
}
