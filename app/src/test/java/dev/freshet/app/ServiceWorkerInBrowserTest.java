package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.changes.FeedSnapshot;
import dev.freshet.edge.EdgeSnapshot;
import dev.freshet.testkit.Chromium;
import dev.freshet.testkit.Eventually;
import dev.freshet.testkit.RawClient;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The service worker in a real Chromium. A page goes through steps; before some it waits until the
/// test lets it go, and it tells the app what it saw, past Freshet.
@Timeout(120)
@SuppressWarnings("NullAway")
class ServiceWorkerInBrowserTest {
  private static final String SHARED =
      """
      async function report(step, value) {
        await fetch("APP/report/" + step + "/" + encodeURIComponent(value), { mode: "no-cors" });
      }
      function gate(name) {
        return fetch("APP/gate/" + name, { mode: "no-cors", cache: "no-store" });
      }
      async function until(what) {
        for (;;) {
          const got = await what();
          if (got) { return got; }
          await new Promise(function (done) { setTimeout(done, 20); });
        }
      }
      async function kept(path) {
        for (const name of await caches.keys()) {
          const found = name.startsWith("freshet-") && await (await caches.open(name)).match(path);
          if (found) { return found; }
        }
      }
      function view(path) {
        return new Promise(function (done) {
          const made = document.createElement("iframe");
          made.onload = function () { done(made); };
          made.src = path;
          document.body.appendChild(made);
        });
      }
      """;

  private static final String SITE_HARNESS =
      """
      <!doctype html><title>harness</title><body><script>
      SHARED
      function shown(frame) {
        const page = frame.contentWindow, colour = page.getComputedStyle(page.document.body).color;
        const loaded = page.performance.getEntriesByType("resource")
            .filter(function (e) { return e.name.includes("/static/"); })
            // What the browser asks for behind a stale one that it has used is told of too.
            .filter(function (e, i, all) {
              return all.findIndex(function (o) { return o.name === e.name; }) === i;
            });
        const octets = loaded.reduce(function (sum, e) { return sum + e.transferSize; }, 0);
        return [page.app, colour, loaded.length, octets].join(" ");
      }
      async function all() {
        let text = "";
        for (const name of await caches.keys()) {
          const cache = await caches.open(name);
          for (const key of await cache.keys()) {
            text += key.url + " " + await (await cache.match(key)).text() + " ";
          }
        }
        return text;
      }
      // The worker's own script, with one address that something in the browser blocks.
      async function ahead(change, isBlocked) {
        const text = change(await (await fetch("/.freshet/sw.js")).text());
        const events = {};
        const self = { location, addEventListener: function (type, f) { events[type] = f; } };
        const open = function (name) { return caches.open("trial-" + name); };
        const ask = function (url, how) {
          return isBlocked(url) ? Promise.reject(new TypeError("blocked")) : fetch(url, how);
        };
        const keys = function () { return Promise.resolve([]); };
        new Function("self", "caches", "fetch", text)(self, { open, keys }, ask);
        await new Promise(function (done) {
          events.message({ data: { freshet: "loaded" }, waitUntil: function (p) { p.then(done); } });
        });
        let found = [];
        for (const name of await caches.keys()) {
          if (name.startsWith("trial-") && name.endsWith("-fixed")) {
            found = (await (await caches.open(name)).keys()).map(function (k) {
              return new URL(k.url).pathname;
            });
          }
          if (name.startsWith("trial-")) { await caches.delete(name); }
        }
        return found.sort().join(" ");
      }
      async function run() {
        const first = await view("/");
        await until(function () { return navigator.serviceWorker.controller; });
        await until(function () { return kept("/static/app-1.js"); });
        await until(function () { return kept("/static/site.css"); });
        await report("first", shown(first));
        await gate("again");
        await report("again", shown(await view("/")));
        await gate("deployed");
        await report("deployed", shown(await view("/")));
        await until(async function () {
          const found = await kept("/static/site.css");
          return found && (await found.text()).includes("0, 0, 255");
        });
        await report("settled", shown(await view("/")));
        document.cookie = "session=anna";
        await view("/account");
        await view("/account");
        const mine = await (await fetch("/api/me")).text();
        document.cookie = "session=; max-age=0";
        const left = await all();
        await report("private", [mine, left.includes("secret"), left.includes("app = 2")].join(" "));
        const same = function (text) { return text; };
        await until(async function () {
          first.contentWindow.freshet.forget();
          return !(await kept("/static/app-2.js"));
        });
        await report("blocked", await ahead(same, function (url) { return url.includes("app-2"); }));
        await report("bounded", await ahead(function (text) {
          return text.replace(/"entries":\\d+/, '"entries":1');
        }, function () { return false; }));
        // The style has 30 octets, the script 8.
        await report("octets", await ahead(function (text) {
          return text.replace(/"octets":\\d+/, '"octets":33').replaceAll("octets / 4", "octets");
        }, function () { return false; }));
        await report("share", await ahead(function (text) {
          return text.replace(/"octets":\\d+/, '"octets":40');
        }, function () { return false; }));
        await view("/late");
        await until(function () { return kept("/static/late.js"); });
        await until(async function () {
          const list = "/.freshet/sw-manifest.json";
          const told = await (await fetch(list, { cache: "no-store" })).json();
          return told.assets.some(function (a) { return a[0] === "/static/late.js" && a[2] & 2; });
        });
        await gate("late");
        await report("late", shown(await view("/late")));
        // It is fresh at first, and then nobody has to ask.
        await until(async function () {
          (await view("/late")).remove();
          return (await (await fetch("/later")).text()) === "asked";
        });
        await gate("renew");
        const before = (await caches.keys()).join();
        await (await navigator.serviceWorker.getRegistration("/")).update();
        await until(async function () {
          const names = (await caches.keys()).join();
          return names !== before && new Set(names.match(/freshet-[^,]*-/g)).size === 1;
        });
        await report("renewed", "yes");
        await gate("off");
        await view("/");
        await until(async function () {
          return (await navigator.serviceWorker.getRegistrations()).length === 0
              && (await caches.keys()).length === 0;
        });
        await report("gone", "yes");
        await gate("on");
        const theirs = await navigator.serviceWorker.register("/worker.js");
        function named() { return theirs.active && new URL(theirs.active.scriptURL).pathname; }
        await until(function () { return named() === "/worker.js"; });
        await report("theirs", named() + " " + await (await view("/")).contentWindow.freshet.worker);
        await theirs.unregister();
        await view("/");
        await until(async function () {
          const known = await navigator.serviceWorker.getRegistration("/");
          return known && known.active && await kept("/.freshet/offline")
              && await kept("/static/app-2.js");
        });
        await report("back", "yes");
        await gate("away");
        const away = await view("/any");
        const page = away.contentDocument;
        const script = await (await fetch("/static/app-2.js")).text();
        await report("away", page ? page.querySelector("h1").textContent + " " + script : "none");
      }
      run().catch(function (e) { report("failed", e.stack); });
      </script>
      """;

  private static final String ROWS_PAGE =
      """
      <!doctype html><html><head><title>rows</title><script>
      var sockets = [], Real = WebSocket;
      window.WebSocket = function (url) { const s = new Real(url); sockets.push(s); return s; };
      </script><script src="/.freshet/live.js"></script></head><body><script>
      SHARED
      const url = "/api/stock";
      async function ask() { return (await fetch(url)).text(); }
      // The channel goes on for whom it was opened, and vouches for what is Anna's.
      async function mine() {
        const own = "/api/mine", other = "/api/other";
        async function ask() { return (await fetch(own)).text(); }
        await new Promise(function (done) { freshet.live(own, done); });
        await new Promise(function (done) { freshet.live(other, done); });
        const first = await ask();
        // What is told later is kept by now: so would be this.
        await until(async function () { await fetch(other); return kept(other); });
        await ask();
        const isVouched = Boolean(freshet.current(own));
        await gate("logout");
        document.cookie = "session=; max-age=0";
        await report("mine", [first, isVouched, await ask(), Boolean(await kept(own))].join(" "));
      }
      async function run() {
        document.cookie = "session=anna";
        await until(function () { return navigator.serviceWorker.controller; });
        let tell, next = new Promise(function (done) { tell = done; });
        freshet.live(url, function (value) { tell(value); });
        await next;
        await until(async function () { await ask(); return kept(url); });
        await mine();
        await gate("vouched");
        await report("vouched", [await ask(), await ask(), await ask()].join(" "));
        next = new Promise(function (done) {
          tell = function (value) { ask().then(function (text) { done(value.left + " " + text); }); };
        });
        await gate("changed");
        await report("changed", await next);
        await until(async function () { await ask(); return kept(url); });
        tell = function () {};
        const Mine = window.WebSocket, Events = window.EventSource;
        let open;
        window.WebSocket = undefined;
        window.EventSource = function () { open = this; this.close = function () {}; };
        sockets.forEach(function (s) { s.close(); });
        await until(function () { return open; });
        await gate("cut");
        await report("cut", await ask());
        window.WebSocket = Mine;
        window.EventSource = Events;
        open.onerror();
        await until(function () { return freshet.current(url); });
        await until(async function () { await ask(); return kept(url); });
        await gate("write");
        await ask();
        await report("before", "yes");
        await gate("written");
        await fetch("/elsewhere", { method: "POST" });
        await report("written", await ask());
      }
      run().catch(function (e) { report("failed", e.stack); });
      </script><p>TEXT</p></body></html>
      """
          .replace("TEXT", "text ".repeat(200));

  private static final String HTML = "Content-Type: text/html; charset=utf-8";
  private static final String SCRIPT = "Content-Type: text/javascript";
  private static final String JSON = "Content-Type: application/json";
  private static final String FOR_ALL = "Cache-Control: public, max-age=600";

  @TempDir private Path profile;
  private final PlainApp app = new PlainApp();
  private final Map<String, CountDownLatch> gates = new HashMap<>();
  private final AtomicReference<Settings> settings = new AtomicReference<>();
  private Wiring freshet;
  private Chromium browser;
  private Path program;

  @BeforeEach
  void find() {
    Optional<Path> found = Chromium.program();
    assumeTrue(found.isPresent(), "skipped: no chromium on PATH");
    program = found.orElseThrow();
  }

  @AfterEach
  void close() {
    if (browser != null) {
      browser.close();
    }
    if (freshet != null) {
      freshet.close();
    }
    app.close();
  }

  private void configure(String more) {
    String each = "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: " + app.url() + "\n";
    settings.set(Reading.read(each + more));
  }

  private void open(String page, String... named) throws IOException {
    for (String gate : named) {
      CountDownLatch latch = new CountDownLatch(1);
      gates.put(gate, latch);
      app.heldPage("/gate/" + gate, "open", latch);
    }
    String site = "http://127.0.0.1:" + freshet.edge().addresses().getFirst().port();
    browser = Chromium.open(program, profile, site + page);
  }

  private String harness(String text) {
    return text.replace("SHARED", SHARED).replace("APP", app.url());
  }

  private void let(String gate) {
    gates.get(gate).countDown();
  }

  /// Waits until the page has come to that gate.
  private void await(String gate) throws InterruptedException {
    seen("/gate/" + gate);
  }

  /// Waits for what the page says.
  private String said(String step) throws InterruptedException {
    String begin = "/report/" + step + "/";
    return seen(begin).substring(begin.length());
  }

  private String seen(String beginning) throws InterruptedException {
    for (; ; ) {
      for (String asked : app.asked()) {
        assertThat(asked).doesNotStartWith("/report/failed");
        if (asked.startsWith(beginning)) {
          return asked;
        }
      }
      assertThat(browser.endsWithin(10)).as("the browser has ended").isFalse();
    }
  }

  /// Requests that have reached Freshet under a rule.
  private long requests(String match) {
    return freshet.edge().snapshot().routes().stream()
        .filter(line -> line.route().equals(match))
        .mapToLong(EdgeSnapshot.RouteLine::requests)
        .sum();
  }

  /// @param version of the script, in its name; the style keeps its own
  private void deploy(int version, String colour) {
    String text = "x".repeat(600);
    app.page(
            "/",
            """
            <!doctype html><html><head><title>shop</title>
            <link rel=stylesheet href=/static/site.css>
            <script src=/static/app-%d.js></script></head><body>%s</body></html>
            """
                .formatted(version, text),
            HTML,
            "Cache-Control: no-cache",
            "ETag: \"page-" + version + "\"")
        .page("/static/app-" + version + ".js", "app = " + version + ";", SCRIPT, FOR_ALL)
        .page(
            "/static/site.css",
            "body { color: rgb(" + colour + ") }",
            "Content-Type: text/css",
            "Cache-Control: max-age=0, s-maxage=600",
            "ETag: \"" + colour + "\"");
  }

  private void deployLate() {
    String page = "<!doctype html><head></head><script src=/static/late.js></script>";
    String control = "Cache-Control: public, max-age=1, stale-while-revalidate=600";
    app.page("/late", page + "x".repeat(600), HTML, "Cache-Control: no-store")
        .page("/static/late.js", "app = 'late';", SCRIPT, control);
    later("not yet");
  }

  private void later(String word) {
    app.page("/later", word, "Content-Type: text/plain", "Cache-Control: no-store");
  }

  private void whatMayBeStaleIsUsedAndAskedForBehindIt() throws InterruptedException {
    await("late");
    long asked = app.asked("/static/late.js");
    let("late");
    assertThat(said("late")).isEqualTo("late rgb(0, 0, 0) 1 0");
    Eventually.await(() -> app.asked("/static/late.js") > asked, "the app to be asked again");
    later("asked");
  }

  @Test
  void keepsWhatIsUnchangedAndNothingElse() throws IOException, InterruptedException {
    String routes = "routes: [{match: /harness, optimize: off}, {match: /static/**}]\n";
    String on = routes + "service-worker: ";
    // The offline page is missing at first: that keeps nothing else from working.
    configure(on + "{offline: /missing.html}");
    freshet = Wiring.start(settings.get(), settings::get);
    String secret = "console.log('secret of Anna');";
    deploy(1, "255, 0, 0");
    app.page("/harness", harness(SITE_HARNESS), HTML, "Cache-Control: no-store")
        .page(
            "/account",
            "<!doctype html><head></head><script src=/static/own.js></script>"
                + "<script src=/static/cart.js></script>secret of Anna"
                + "x".repeat(600),
            HTML,
            "Cache-Control: private, max-age=60")
        .page("/api/me", "secret", "Content-Type: text/plain", "Cache-Control: private")
        .page(
            "/worker.js",
            "self.addEventListener('install', () => self.skipWaiting());",
            SCRIPT,
            "Cache-Control: no-cache")
        .page("/static/own.js", secret, SCRIPT, FOR_ALL, "Vary: Cookie")
        .page("/static/cart.js", secret, SCRIPT, FOR_ALL, "Set-Cookie: cart=1");
    deployLate();
    open("/harness", "again", "deployed", "late", "renew", "off", "on", "away");
    await("again");
    assertThat(said("first")).startsWith("1 rgb(255, 0, 0) 2 ");
    assertThat(app.asked("/static/app-1.js")).as("also when fetched ahead").isEqualTo(1);

    final long before = requests("/static/**");
    let("again");
    await("deployed");
    assertThat(said("again")).isEqualTo("1 rgb(255, 0, 0) 2 0");
    assertThat(requests("/static/**")).isEqualTo(before);

    deploy(2, "0, 0, 255");
    freshet.edge().purgeAll(false);
    let("deployed");
    assertThat(said("deployed")).startsWith("2 rgb(0, 0, 255) 2 ");
    assertThat(said("settled")).isEqualTo("2 rgb(0, 0, 255) 2 0");
    assertThat(said("private")).isEqualTo("secret false true");
    assertThat(said("blocked")).isEqualTo("/static/site.css");
    assertThat(said("bounded").split(" ", -1)).hasSize(1).doesNotContain("");
    assertThat(said("octets")).as("one goes when both are too much").matches("/static/[^ ]+");
    assertThat(said("share")).as("none takes more than a fourth").isEqualTo("/static/app-2.js");

    whatMayBeStaleIsUsedAndAskedForBehindIt();
    await("renew");
    configure(on + "{max-entries: 200}");
    freshet.reload();
    let("renew");
    assertThat(said("renewed")).isEqualTo("yes");
    await("off");
    configure(routes);
    freshet.reload();
    let("off");
    assertThat(said("gone")).isEqualTo("yes");
    await("on");
    configure(on + "on");
    freshet.reload();
    let("on");
    assertThat(said("theirs")).isEqualTo("/worker.js false");
    await("away");
    freshet.close();
    freshet = null;
    let("away");
    assertThat(said("away")).isEqualTo("You are offline app = 2;");
  }

  @Test
  void answersFromRowsAreUsedWhileTheChannelVouchesForThem()
      throws IOException, InterruptedException, SQLException {
    try (EmbeddedPostgres postgres =
            EmbeddedPostgres.builder()
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("wal_level", "logical")
                .start();
        Connection writer =
            DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
        Statement sql = writer.createStatement()) {
      sql.execute("create table stock (id int primary key, amount int not null)");
      sql.execute("insert into stock values (1, 1)");
      configure(
          """
          database: postgresql://postgres:x@127.0.0.1:%d/postgres?sslmode=disable
          gateway: { listen: '127.0.0.1:0' }
          routes:
            - { match: /api/mine, cache: rows, share: by-user, depends: [stock] }
            - { match: /api/**, cache: rows, share: public, depends: [stock] }
          service-worker: on
          """
              .formatted(postgres.getPort()));
      freshet = Wiring.start(settings.get(), settings::get);
      awaitTheFeed();
      app.page("/page", harness(ROWS_PAGE), HTML)
          .page("/api/mine", "{\"of\":\"anna\"}", JSON)
          .page("/api/other", "{}", JSON);
      stock(1);
      open("/page", "logout", "vouched", "changed", "cut", "write", "written");
      await("logout");
      app.page("/api/mine", "{\"of\":\"nobody\"}", JSON);
      let("logout");
      assertThat(said("mine")).isEqualTo("{\"of\":\"anna\"} true {\"of\":\"nobody\"} false");
      await("vouched");
      final long before = requests("/api/**");
      let("vouched");
      String one = "{\"left\": 1}";
      assertThat(said("vouched")).isEqualTo(one + " " + one + " " + one);
      assertThat(requests("/api/**")).isEqualTo(before);

      await("changed");
      let("changed");
      stock(2);
      sql.execute("update stock set amount = 2");
      assertThat(said("changed")).isEqualTo("2 {\"left\": 2}");

      await("cut");
      stock(3);
      sql.execute("update stock set amount = 3");
      awaitStock("3");
      let("cut");
      assertThat(said("cut")).isEqualTo("{\"left\": 3}");

      await("write");
      final long unwritten = requests("/api/**");
      let("write");
      await("written");
      assertThat(said("before")).isEqualTo("yes");
      assertThat(requests("/api/**")).isEqualTo(unwritten);
      let("written");
      assertThat(said("written")).isEqualTo("{\"left\": 3}");
      assertThat(requests("/api/**")).as("asks after a write of its own").isGreaterThan(unwritten);
      // Before the database, so that nobody waits for it.
      browser.close();
      freshet.close();
      freshet = null;
    }
  }

  private void awaitTheFeed() throws InterruptedException {
    Following following = Objects.requireNonNull(freshet.following());
    assertThat(following.feed().await(FeedSnapshot.State.ATTACHED, Duration.ofSeconds(30)))
        .as("%s", following.feed().snapshot())
        .isTrue();
  }

  /// Waits until Freshet has it for the browser's site, so that it is the change that was heard of.
  private void awaitStock(String amount) {
    int port = freshet.edge().addresses().getFirst().port();
    String asked = "GET /api/stock HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n";
    try (RawClient other = RawClient.to(port)) {
      while (!other.send(asked).response().text().contains(amount)) {
        Thread.onSpinWait();
      }
    }
  }

  private void stock(int amount) {
    app.page("/api/stock", "{\"left\": " + amount + "}", JSON);
  }
}
