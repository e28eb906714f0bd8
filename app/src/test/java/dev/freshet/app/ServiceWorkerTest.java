package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What browsers get to run, through the whole program.
@Timeout(60)
class ServiceWorkerTest {
  private static final String SCRIPT = "Content-Type: text/javascript";
  private static final String LINE = "<script src=\"/.freshet/register.js\" async></script>";
  private static final String LIST = "/.freshet/sw-manifest.json";
  private final PlainApp app = new PlainApp();
  private final AtomicReference<Settings> settings = new AtomicReference<>(settings("on"));
  private final Wiring freshet = Wiring.start(settings.get(), settings::get);
  private final RawClient client = RawClient.to(freshet.edge().addresses().getFirst().port());

  private Settings settings(String worker) {
    return Reading.read(
        "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: "
            + app.url()
            + "\nroutes: [{match: /ruled/**, share: public, ttl: 1h, stale-while-revalidate: 1d}]"
            + "\nservice-worker: "
            + worker);
  }

  @AfterEach
  void close() {
    client.close();
    freshet.close();
    app.close();
  }

  @Test
  void theScriptIsForTheWholeSiteAndNamedByWhatItIsMadeOf() {
    RawClient.Response script = client.get("/.freshet/sw.js");
    assertThat(script.field("Service-Worker-Allowed")).isEqualTo("/");
    assertThat(script.field("Content-Type")).startsWith("text/javascript");
    assertThat(script.field("Cache-Control")).isEqualTo("no-cache");
    assertThat(script.text()).startsWith("const FRESHET = {\"version\":\"");
    String tag = "If-None-Match: " + script.field("ETag");
    assertThat(client.get("/.freshet/sw.js", tag).status()).isEqualTo(304);
    settings.set(settings("{offline: /away.html}"));
    freshet.reload();
    RawClient.Response other = client.get("/.freshet/sw.js", tag);
    assertThat(other.status()).isEqualTo(200);
    assertThat(other.text()).contains("\"offline\":\"/away.html\"");
    String first = script.text().substring(0, 40);
    assertThat(other.text()).doesNotStartWith(first);
    assertThat(client.ask("HEAD", "/.freshet/sw.js").text()).isEmpty();
    assertThat(client.ask("DELETE", "/.freshet/sw.js").status()).isEqualTo(405);
    assertThat(client.get("/.freshet/offline").text()).contains("You are offline");
  }

  @Test
  void listsWhatItWouldServeToAnybodyFromMemory() {
    String forAll = "Cache-Control: public, max-age=600";
    app.page("/a.js", "a", SCRIPT, forAll)
        .page("/b.js?v=1", "b", SCRIPT, forAll)
        .page("/short.js", "c", SCRIPT, "Cache-Control: public, max-age=20")
        .page("/perhaps.js", "d", SCRIPT, "Cache-Control: max-age=600")
        .page("/own.js", "e", SCRIPT, "Cache-Control: private, max-age=600")
        .page("/ruled/f.js", "f", SCRIPT);
    for (String path : List.of("/a.js", "/short.js", "/perhaps.js", "/own.js", "/ruled/f.js")) {
      assertThat(client.get(path).status()).isEqualTo(200);
    }
    String list = client.get(LIST).text();
    assertThat(list)
        .contains("[\"/a.js\",\"", "[\"/ruled/f.js\",\"")
        .doesNotContain("short", "perhaps", "own");
    freshet.edge().purgeAll(false);
    assertThat(client.get(LIST).text()).isEqualTo("{\"assets\":[]}\n");
    app.page("/a.js", "another", SCRIPT, forAll);
    client.get("/a.js");
    assertThat(client.get(LIST).text()).contains("/a.js").isNotEqualTo(list);
  }

  /// What hashes its names says `immutable`, and often nothing else.
  @Test
  void listsWhatNeverChangesIfItWasMadeForNobodyInParticular() {
    String never = "Cache-Control: max-age=31536000, immutable";
    String hashed = "/assets/own-3f9a2b1c4d5e6f70.js";
    app.page("/a.js", "a", SCRIPT, never)
        .page("/trusted.js", "b", SCRIPT, never + ", must-revalidate")
        .page("/own.js", "c", SCRIPT, never + ", private")
        .page("/each.js", "d", SCRIPT, never, "Vary: Cookie")
        .page(hashed, "e", SCRIPT, "Last-Modified: Mon, 02 Jan 2023 00:00:00 GMT");
    for (String path : List.of("/a.js", "/own.js", "/each.js", hashed)) {
      assertThat(client.get(path).status()).isEqualTo(200);
    }
    assertThat(client.get("/trusted.js", "Authorization: Bearer x").status()).isEqualTo(200);
    assertThat(client.get(hashed).field("Cache-Control")).as("Freshet's own").contains("immutable");
    assertThat(client.get("/trusted.js").field("Cache-Status")).as("is stored").contains("hit");
    assertThat(client.get(LIST).text())
        .contains("[\"/a.js\",\"")
        .doesNotContain("trusted", "own", "each");
  }

  @Test
  void turnedOffItTakesItselfOutWhateverABrowserAsksFor() throws IOException {
    app.page(
        "/",
        "<!doctype html><head></head>" + "x".repeat(600),
        "Content-Type: text/html; charset=utf-8",
        "Cache-Control: public, max-age=60");
    assertThat(page()).contains("<head>" + LINE);
    order("{\"on\": false}");
    gone();
    order("{\"on\": true}");
    assertThat(page()).contains(LINE);
    assertThat(client.get("/.freshet/sw.js").text()).contains("FRESHET");
    settings.set(settings("off"));
    freshet.reload();
    gone();
    assertThat(client.get(LIST).field("Cache-Control")).isEqualTo("no-store");
  }

  private void gone() throws IOException {
    assertThat(client.get("/.freshet/sw.js").text())
        .contains("registration.unregister()", "caches.delete")
        .doesNotContain("\"fetch\"");
    assertThat(client.get("/.freshet/register.js").text())
        .contains("unregister()")
        .doesNotContain(".register(");
    assertThat(client.get(LIST).status()).isEqualTo(410);
  }

  private String page() throws IOException {
    return client.get("/", "Accept-Encoding: gzip").unzipped();
  }

  private void order(String text) {
    try (RawClient operator = RawClient.to(freshet.console().address().port())) {
      String head =
          "POST /optimize HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
      String length = "Content-Length: " + text.length() + "\r\n\r\n";
      assertThat(operator.send(head + length + text).response().status()).isEqualTo(200);
    }
  }
}
