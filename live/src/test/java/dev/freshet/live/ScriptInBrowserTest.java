package dev.freshet.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.testkit.Chromium;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The script in a real Chromium, over each of its ways: WebSocket, event stream, asking by itself.
class ScriptInBrowserTest {
  private static final List<String> WAYS = List.of("socket", "patch", "stream", "poll", "mixed");

  /// What a beginner runs into, each told once.
  private static final Set<String> ROUGH =
      Set.of(
          "thrown=1",
          "warned=not-row-fresh",
          "elsewhere=TypeError",
          "sick=1.1",
          "sick=followed",
          "late=1");

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
      if (way === "poll") {
        window.EventSource = undefined;
        // Its time runs faster, for the test's sake.
        var wait = window.setTimeout;
        window.setTimeout = function (what, millis) { return wait(what, millis / 20); };
      }
      </script><script src="/.freshet/live.js"></script><script>
      function report(what) { fetch("/report?" + what); }
      if (way === "mixed") {
        var counted = 0;
        window.onerror = function () { if (!counted++) report("thrown=1"); };
        freshet.live("/rows/a", function (version) {
          if (typeof version === "object") report("notice=body");
          throw new Error("in somebody's callback");
        }, { as: "notice" });
        console.warn = function (text) {
          if (/clock can't be followed: not-row-fresh/.test(text)) report("warned=not-row-fresh");
        };
        freshet.live("/clock", function () {});
        var first, asked = false, turned = false;
        freshet.live("/rows/back", function (version) {
          if (typeof version === "number") {
            if (!asked) report("back=asked");
            asked = true;
            return;
          }
          first = first || version;
          if (!asked || turned || version === first) return;
          turned = true;
          freshet.live("/rows/back", function (body) { report("back=" + body.value); });
        }, { as: "notice" });
        try { freshet.live("https://elsewhere.example/rows/a", function () {}); }
        catch (e) { report("elsewhere=" + e.name); }
        var told = 0;
        freshet.live("/rows/sick", function (body) { report("sick=" + body.value + "." + ++told); });
        var look = setInterval(function () {
          if (!freshet.current("/rows/sick")) return;
          clearInterval(look);
          report("sick=followed");
        }, 20);
      }
      if (way === "poll") {
        var late = 0;
        freshet.live("/rows/late", function () {
          if (late++) return;
          freshet.live("/rows/late", function (body) { report("late=" + body.value); });
        }, { as: "notice" });
      }
      if (way) {
        freshet.live("/rows/a", function (body) {
          fetch("/report?" + way + "=" + body.value);
        }, { as: way === "patch" ? "patch" : "body" });
      }
      </script>
      """
          .formatted("[\"socket\", \"patch\", \"stream\", \"poll\", \"mixed\"]");

  @TempDir private Path profile;

  @Test
  void tellsThePageOfEachStateOnceHoweverItIsConnected() throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    try (Stage stage = new Stage()) {
      stage.page = PAGE;
      stage.write("a", "1");
      stage.write("sick", "1");
      stage.write("late", "1");
      stage.write("back", "1");
      stage.failures.set(1);
      try (Chromium _ =
          Chromium.open(
              program.orElseThrow(), profile, "http://127.0.0.1:" + stage.port() + "/page")) {
        Set<String> heard = new HashSet<>();
        await(stage, heard, "=1");
        hearUntil(stage, heard, ROUGH);
        stage.write("a", "2");
        await(stage, heard, "=2");
        stage.write("sick", "2");
        hearUntil(stage, heard, Set.of("sick=2.2"));
        // Told by the channel between two times that the page asked by itself, and got the same.
        stage.rows.put("sick", "1");
        stage.feed.detach();
        hearUntil(stage, heard, Set.of("sick=1.3", "back=asked"));
        stage.attach();
        stage.write("back", "2");
        hearUntil(stage, heard, Set.of("back=2"));
        stage.restart();
        stage.write("a", "3");
        await(stage, heard, "=3");
        assertThat(stage.reports).as("told twice").isEmpty();
      }
    }
  }

  private static void hearUntil(Stage stage, Set<String> heard, Set<String> all)
      throws InterruptedException {
    while (!heard.containsAll(all)) {
      hear(stage, heard);
    }
  }

  /// Waits until every way has reported the value; none may report anything twice.
  private static void await(Stage stage, Set<String> heard, String value)
      throws InterruptedException {
    while (!WAYS.stream().allMatch(way -> heard.contains(way + value))) {
      hear(stage, heard);
    }
  }

  private static void hear(Stage stage, Set<String> heard) throws InterruptedException {
    String report = stage.reports.poll(40, TimeUnit.SECONDS);
    assertThat(report).as("after %s", heard).isNotNull().isNotIn("notice=body", "back=1");
    assertThat(heard.add(String.valueOf(report))).as("%s again", report).isTrue();
  }
}
