package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.testkit.Chromium;
import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each way in which a browser loses the service worker, where the other two say that it is on: a
/// plain site hands out what Freshet says.
@Timeout(60)
class WorkerRemovalTest {
  private static final List<String> PARTS =
      List.of("/.freshet/sw.js", "/.freshet/register.js", "/.freshet/sw-manifest.json");

  private static final String HARNESS =
      """
      <!doctype html><title>harness</title><body><script>
      async function until(what) {
        while (!(await what())) { await new Promise((done) => { setTimeout(done, 20); }); }
      }
      function view() {
        return new Promise((done) => {
          const made = document.createElement("iframe");
          made.onload = done;
          made.src = "/page";
          document.body.appendChild(made);
        });
      }
      async function run() {
        await view();
        await until(() => navigator.serviceWorker.controller);
        await until(async () => (await caches.match("/.freshet/sw-manifest.json")));
        await fetch("/gate");
        await view();
        await until(async () => !(await navigator.serviceWorker.getRegistrations()).length);
        // A worker that is told nothing itself keeps its list until the last page is closed.
        await until(async () => WAY || !(await caches.keys()).length);
        return "gone";
      }
      run().catch((e) => e.stack).then((said) => fetch("/report/" + encodeURIComponent(said)));
      </script></body>
      """;

  @TempDir private Path profile;
  private final PlainApp site = new PlainApp();

  @AfterEach
  void close() {
    site.close();
  }

  /// What Freshet says while the worker is on, and what once it is off.
  private static List<Map<String, String>> said() {
    String plain = "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: http://127.0.0.1:9\n";
    AtomicReference<Settings> settings =
        new AtomicReference<>(Reading.read(plain + "service-worker: on"));
    try (Wiring freshet = Wiring.start(settings.get(), settings::get);
        RawClient client = RawClient.to(freshet.edge().addresses().getFirst().port())) {
      Map<String, String> on = parts(client);
      settings.set(Reading.read(plain));
      freshet.reload();
      return List.of(on, parts(client));
    }
  }

  private static Map<String, String> parts(RawClient client) {
    Map<String, String> out = new LinkedHashMap<>();
    PARTS.forEach(part -> out.put(part, client.get(part).text()));
    return out;
  }

  private void show(String part, String text) {
    String type = part.endsWith(".js") ? "text/javascript" : "application/json";
    site.page(
        part,
        text,
        "Content-Type: " + type,
        "Cache-Control: no-cache",
        "Service-Worker-Allowed: /");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/.freshet/sw.js", "/.freshet/register.js", "/.freshet/sw-manifest.json"})
  void oneWayIsEnough(String way) throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    List<Map<String, String>> said = said();
    said.getFirst().forEach(this::show);
    String html = "Content-Type: text/html; charset=utf-8";
    String page = "<!doctype html><script src=/.freshet/register.js async></script>";
    String keepsItsList = String.valueOf(way.endsWith("register.js"));
    CountDownLatch gate = new CountDownLatch(1);
    site.page("/page", page, html, "Cache-Control: no-store")
        .heldPage("/gate", "open", gate)
        .page("/harness", HARNESS.replace("WAY", keepsItsList), html);
    try (Chromium browser = Chromium.open(program.get(), profile, site.url() + "/harness")) {
      site.told(browser, "/gate");
      show(way, Objects.requireNonNull(said.getLast().get(way)));
      gate.countDown();
      assertThat(site.told(browser, "/report/")).isEqualTo("gone");
    }
  }
}
