package dev.freshet.integrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `integrations/python` under the system's Python with its frameworks and drivers.
class PythonTest {
  private static final String PYTHON = "/usr/bin/python3";
  private static final Path ADAPTER = Tool.folder().resolve("python");
  private static final Path APPS = Tool.folder().resolve("src/test/resources/python");
  private static final Map<String, List<String>> PATHS = paths();
  private static Stage stage;

  private static Map<String, List<String>> paths() {
    List<String> drivers =
        List.of(
            "/psycopg2",
            "/psycopg2-ways",
            "/psycopg2-kinds",
            "/psycopg",
            "/psycopg-ways",
            "/sqlalchemy",
            "/stream");
    Map<String, List<String>> all = new HashMap<>();
    all.put("plain", drivers);
    all.put("flask", drivers);
    all.put("gunicorn", List.of("/psycopg2", "/psycopg", "/stream"));
    all.put("django", List.of("/orm", "/stream"));
    all.put("django-asgi", List.of("/orm"));
    all.put("starlette", List.of("/async", "/threaded", "/stream"));
    return all;
  }

  @BeforeAll
  static void looks() {
    if (!Files.isExecutable(Path.of(PYTHON))) {
      Tool.skip("there is no " + PYTHON);
    }
    Tool.need(
        APPS,
        List.of(
            PYTHON,
            "-c",
            "import psycopg2, psycopg, sqlalchemy, flask, django, starlette, uvicorn, gunicorn"),
        "Python lacks packages");
    stage = Stage.set();
  }

  @AfterAll
  static void closes() {
    if (stage != null) {
      stage.close();
    }
  }

  private static App app(String kind, boolean traced) {
    Map<String, String> environment = new HashMap<>(stage.environment());
    environment.put("PYTHONPATH", traced ? ADAPTER.toString() : "");
    environment.put("PYTHONDONTWRITEBYTECODE", "1");
    return App.start(APPS, environment, List.of(PYTHON, "web.py", kind));
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "flask", "gunicorn", "django", "django-asgi", "starlette"})
  void eachStatementCarriesTheTraceOfItsRequest(String kind) {
    List<String> paths = PATHS.getOrDefault(kind, List.of());
    try (App bare = app(kind, false);
        App traced = app(kind, true)) {
      Crowd plain = Crowd.ask(bare.port(), stage.tap(), paths, 6);
      Crowd carried = Crowd.ask(traced.port(), stage.tap(), paths, 6);
      carried.isLikeButTraced(plain);
    }
  }

  @Test
  void psycopgPreparesNothingUnderANameThatCarriesATrace() {
    try (App traced = app("plain", true)) {
      Crowd carried =
          Crowd.ask(traced.port(), stage.tap(), List.of("/psycopg", "/psycopg-ways"), 10);
      assertThat(carried.traced("as kept")).isEqualTo(8);
      assertThat(carried.heard()).anyMatch(h -> !h.prepared().isEmpty());
      assertThat(carried.heard())
          .filteredOn(h -> h.trace() != null)
          .allMatch(h -> h.prepared().isEmpty());
      assertThat(stage.prepared("as kept")).isEqualTo(new Stage.Prepared(1, false));
    }
  }

  @Test
  void theSitecustomizeThatItShadowsRunsToo() {
    assertThat(
            App.output(
                Map.of("PYTHONPATH", ADAPTER + ":" + APPS.resolve("shadowed")),
                List.of(PYTHON, "-c", "import sys; print(sys.freshet_test_shadowed)")))
        .isEqualTo("True\n");
  }
}
