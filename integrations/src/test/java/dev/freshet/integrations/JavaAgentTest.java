package dev.freshet.integrations;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// OpenTelemetry's Java agent with its own switch, and nothing of ours in the app.
class JavaAgentTest {
  private static final String VERSION = "2.33.1";
  private static Path agent;

  @BeforeAll
  static void fetches(@TempDir Path empty) {
    String repository = System.getProperty("freshet.local-repository", "");
    agent =
        Path.of(repository, "io/opentelemetry/javaagent/opentelemetry-javaagent", VERSION)
            .resolve("opentelemetry-javaagent-" + VERSION + ".jar");
    if (Files.exists(agent)) {
      return;
    }
    Tool.need(
        empty,
        List.of(
            Tool.of("mvn"),
            "-B",
            "-q",
            "-Dmaven.repo.local=" + repository,
            "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get",
            "-Dtransitive=false",
            "-Dartifact=io.opentelemetry.javaagent:opentelemetry-javaagent:" + VERSION),
        "OpenTelemetry's Java agent can't be had");
  }

  private static App app(Stage stage, String... options) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx256m"));
    line.addAll(List.of(options));
    line.addAll(List.of("-cp", System.getProperty("java.class.path")));
    line.addAll(List.of(JdbcApp.class.getName(), "jdbc:postgresql:" + stage.place()));
    return App.start(Path.of("").toAbsolutePath(), Map.of(), line);
  }

  @Test
  void itsSqlCommenterCarriesTheTraceOfEachRequest() {
    List<String> paths = List.of("/statement", "/prepared", "/batch");
    try (Stage stage = Stage.set();
        App bare = app(stage);
        App traced =
            app(
                stage,
                "-javaagent:" + agent,
                "-Dotel.instrumentation.jdbc.experimental.sqlcommenter.enabled=true",
                "-Dotel.traces.exporter=none",
                "-Dotel.metrics.exporter=none",
                "-Dotel.logs.exporter=none")) {
      Crowd plain = Crowd.ask(bare.port(), stage.tap(), paths, 10);
      Crowd.ask(traced.port(), stage.tap(), paths, 10).isLikeButTraced(plain);
    }
  }
}
