package dev.freshet.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The script in a real Chromium, over each of its ways: WebSocket, event stream, asking by itself.
class ScriptInBrowserTest {
  private static final List<String> WAYS = List.of("socket", "patch", "stream", "poll");

  /// A frame for each way; what cannot be had there is taken away before the script is loaded.
  private static final String PAGE =
      """
      <!doctype html><title>live</title><body><script>
      var way = new URLSearchParams(location.search).get("way");
      if (!way) {
        %s.forEach(function (w) {
          document.body.appendChild(document.createElement("iframe")).src = "/page?way=" + w;
        });
      }
      if (way === "stream" || way === "poll") { window.WebSocket = undefined; }
      if (way === "poll") { window.EventSource = undefined; }
      </script><script src="/.freshet/live.js"></script><script>
      if (way) {
        freshet.live("/rows/a", function (body) {
          fetch("/report?" + way + "=" + body.value);
        }, { as: way === "patch" ? "patch" : "body" });
      }
      </script>
      """
          .formatted("[\"socket\", \"patch\", \"stream\", \"poll\"]");

  @TempDir private Path profile;

  private static @Nullable Path chromium() {
    String path = System.getenv("PATH");
    return Stream.of((path == null ? "" : path).split(File.pathSeparator))
        .flatMap(folder ->
            Stream.of("chromium", "chromium-browser", "google-chrome")
                .map(name -> Path.of(folder, name)))
        .filter(file -> file.toFile().canExecute())
        .findFirst()
        .orElse(null);
  }

  @Test
  void tellsThePageOfEachStateOnceHoweverItIsConnected() throws IOException, InterruptedException {
    Path program = chromium();
    assumeTrue(program != null, "skipped: no chromium on PATH");
    try (Stage stage = new Stage()) {
      stage.page = PAGE;
      stage.write("a", "1");
      Process browser =
          new ProcessBuilder(
                  String.valueOf(program),
                  "--headless=new",
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-dev-shm-usage",
                  "--no-first-run",
                  "--disable-background-networking",
                  "--user-data-dir=" + profile,
                  "http://127.0.0.1:" + stage.port() + "/page")
              .redirectErrorStream(true)
              .redirectOutput(profile.resolve("chromium.log").toFile())
              .start();
      try {
        Set<String> heard = new HashSet<>();
        await(stage, heard, "=1");
        stage.write("a", "2");
        await(stage, heard, "=2");
        stage.restart();
        stage.write("a", "3");
        await(stage, heard, "=3");
        assertThat(stage.reports).as("told twice").isEmpty();
      } finally {
        browser.descendants().forEach(ProcessHandle::destroyForcibly);
        browser.destroyForcibly();
        browser.waitFor(10, TimeUnit.SECONDS);
      }
    }
  }

  /// Waits until every way has reported the value; none may report anything twice.
  private static void await(Stage stage, Set<String> heard, String value)
      throws InterruptedException {
    while (!WAYS.stream().allMatch(way -> heard.contains(way + value))) {
      String report = stage.reports.poll(40, TimeUnit.SECONDS);
      assertThat(report).as("after %s", heard).isNotNull();
      assertThat(heard.add(String.valueOf(report))).as("%s again", report).isTrue();
    }
  }
}
