package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.testkit.Chromium;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The service worker's script where the network does what a real one does once in a thousand
/// times. It runs in a page of a real Chromium, with its caches and digests; requests come from the
/// page and are answered there, so that nothing depends on who is faster.
@Timeout(60)
@SuppressWarnings("NullAway")
class WorkerScriptTest {
  private static final String PAGE =
      """
      <!doctype html><title>trial</title><body><script>
      const LIST = "/.freshet/sw-manifest.json";

      // As it comes from the site itself: a made one would have another type.
      function answer(content, control = "public, max-age=600") {
        const made = new Response(content, { headers: { "Cache-Control": control } });
        return Object.defineProperty(made, "type", { value: "basic" });
      }
      async function named(content, octets) {
        const all = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(content));
        return btoa(String.fromCharCode(...new Uint8Array(all).slice(0, octets)))
          .replace(/\\+/g, "-").replace(/\\//g, "_").replace(/=/g, "");
      }
      // Of what is to be fetched ahead.
      async function list(assets) {
        const lines = Object.entries(assets).map(async ([p, c]) => [p, await named(c, 9), 1]);
        return JSON.stringify({ assets: await Promise.all(lines) });
      }
      async function kept() {
        const found = [];
        for (const name of await caches.keys()) {
          if (!/^trial-.*-(fixed|exact)$/.test(name)) { continue; }
          const cache = await caches.open(name);
          for (const key of await cache.keys()) {
            found.push(new URL(key.url).pathname + "=" + await (await cache.match(key)).text());
          }
        }
        return found.sort().join(" ") || "nothing";
      }

      // A worker: what it asks for is answered by the function of that path in the network.
      async function worker(network, change = (text) => text, pages = new Map()) {
        const text = change(await (await fetch("/.freshet/sw.js")).text());
        const events = {};
        const self = {
          location,
          registration: { unregister: () => Promise.resolve(self.isLeft = true) },
          clients: {
            get: (id) => Promise.resolve(pages.get(id)),
            matchAll: () => Promise.resolve([...pages.values()])
          },
          addEventListener: (type, listener) => { events[type] = listener; }
        };
        const own = {
          open: (name) => caches.open("trial-" + name),
          delete: (name) => caches.delete("trial-" + name),
          keys: async () => (await caches.keys()).filter((name) => name.startsWith("trial-"))
            .map((name) => name.slice("trial-".length))
        };
        const ask = async (what) => {
          const path = new URL(what.url || what, location).pathname;
          if (!network[path]) { throw new TypeError("nobody is there"); }
          return network[path]();
        };
        new Function("self", "caches", "fetch", text)(self, own, ask);
        async function send(type, event) {
          const work = [];
          event.waitUntil = (part) => { work.push(part); };
          event.respondWith = (response) => { event.response = response; };
          events[type](event);
          const response = event.response ? await (await event.response).text() : "passed";
          // What is added meanwhile comes round, too.
          for (const part of work) { await part; }
          return response;
        }
        function fetched(path, more) {
          const request = {
            url: new URL(path, location).href, method: "GET", mode: "no-cors", cache: "default",
            destination: "script", headers: new Headers(), ...more
          };
          return send("fetch", { request, clientId: "page" });
        }
        return {
          script: (path) => fetched(path),
          view: () => fetched("/page", { mode: "navigate", destination: "document" }),
          post: () => fetched("/form", { method: "POST", destination: "" }),
          api: (path, headers) => fetched(path, { destination: "", headers: new Headers(headers) }),
          isLeft: () => Boolean(self.isLeft),
          say: (data) => send("message", { data })
        };
      }

      async function trial() {
      TRIAL
      }
      trial().catch((e) => "failed: " + e.stack).then((said) =>
        fetch("APP/report/" + encodeURIComponent(said), { mode: "no-cors" }));
      </script></body>
      """;

  /// A file has been kept, and the next list is on its way until it is let `come`.
  private static final String SLOW_LIST =
      """
      const before = await list({ "/a.js": "old" }), after = await list({ "/a.js": "new" });
      let content = "old", lists = [before];
      const site = await worker({
        [LIST]: async () => answer(await (lists.shift() || after)),
        "/page": () => answer("page"),
        "/a.js": () => answer(content)
      });
      await site.view();
      await site.script("/a.js");
      let come;
      lists = [new Promise((done) => { come = done; })];
      """;

  @TempDir private Path profile;
  private final PlainApp app = new PlainApp();
  private Wiring freshet;
  private Path program;

  @BeforeEach
  void find() {
    Optional<Path> found = Chromium.program();
    assumeTrue(found.isPresent(), "skipped: no chromium on PATH");
    program = found.orElseThrow();
    Settings settings =
        Reading.read(
            """
            listen: 127.0.0.1:0
            admin: 127.0.0.1:0
            origin: %s
            service-worker: on
            optimize: off
            """
                .formatted(app.url()));
    freshet = Wiring.start(settings, () -> settings);
  }

  @AfterEach
  void close() {
    if (freshet != null) {
      freshet.close();
    }
    app.close();
  }

  /// What a page returns that runs the steps.
  private String said(String steps) throws IOException, InterruptedException {
    String page = PAGE.replace("TRIAL", steps).replace("APP", app.url());
    app.page("/trial", page, "Content-Type: text/html; charset=utf-8");
    String site = "http://127.0.0.1:" + freshet.edge().addresses().getFirst().port();
    try (Chromium browser = Chromium.open(program, profile, site + "/trial")) {
      return app.told(browser, "/report/");
    }
  }

  @Test
  void keepsNothingUnderTheRevisionOfAnother() throws IOException, InterruptedException {
    String said =
        said(
            """
            let told = await list({ "/a.js": "one" }), content = "two", asked = 0;
            const site = await worker({
              [LIST]: () => answer(told),
              "/page": () => answer("page"),
              "/a.js": () => { asked++; return answer(content); }
            });
            await site.view();
            const first = await site.script("/a.js") + " " + await kept();
            // Such as a network that changes what passes it: it is not asked twice for each view.
            await site.say({ freshet: "loaded" });
            await site.say({ freshet: "loaded" });
            const second = asked;
            told = await list({ "/a.js": "two" });
            await site.view();
            await site.script("/a.js");
            const third = await kept();
            content = "gone";
            return [first, second, third, await site.script("/a.js")].join(", ");
            """);
    assertThat(said).isEqualTo("two nothing, 1, /a.js=two, two");
  }

  @Test
  void aPageWhoseListIsLostGetsWhatTheNetworkHas() throws IOException, InterruptedException {
    String said =
        said(
            """
            const told = await list({ "/a.js": "old" });
            let isBlocked = false, content = "old";
            const network = {
              [LIST]: () => { if (isBlocked) { throw new TypeError(); } return answer(told); },
              "/page": () => answer("page"),
              "/a.js": () => answer(content)
            };
            const site = await worker(network);
            await site.view();
            const first = await site.script("/a.js") + " " + await kept();
            isBlocked = true;
            content = "new";
            await site.view();
            const second = await site.script("/a.js");
            delete network["/a.js"];
            return [first, second, await site.script("/a.js")].join(", ");
            """);
    assertThat(said).isEqualTo("old /a.js=old, new, old");
  }

  @Test
  void whatIsPutDownTwiceAtOnceCountsOnce() throws IOException, InterruptedException {
    String said =
        said(
            """
            const contents = { "/a.js": "0123456789", "/b.js": "1234567890", "/c.js": "2345678901" };
            const told = await list(contents);
            const network = { [LIST]: () => answer(told), "/page": () => answer("page") };
            for (const [path, content] of Object.entries(contents)) {
              network[path] = () => answer(content);
            }
            const site = await worker(network, (text) =>
              text.replace(/"octets":\\d+/, '"octets":40'));
            await site.view();
            for (const path of Object.keys(contents)) {
              await Promise.all([site.script(path), site.script(path), site.script(path)]);
            }
            return kept();
            """);
    assertThat(said).isEqualTo("/a.js=0123456789 /b.js=1234567890 /c.js=2345678901");
  }

  @Test
  void aListFromBeforeAPageVouchesForNothingInIt() throws IOException, InterruptedException {
    String said =
        said(
            SLOW_LIST
                + """
                const slow = site.view();
                content = "new";
                const quick = site.view();
                come(before);
                await Promise.all([slow, quick]);
                return [await site.script("/a.js"), await kept()].join(", ");
                """);
    assertThat(said).isEqualTo("new, /a.js=new");
  }

  @Test
  void aListFromBeforeAWriteVouchesForNothingAfterIt() throws IOException, InterruptedException {
    String said =
        said(
            SLOW_LIST
                + """
                const page = site.view(), waiting = site.script("/a.js");
                await site.post();
                content = "new";
                come(before);
                await page;
                return [await waiting, await site.script("/a.js"), await kept()].join(", ");
                """);
    assertThat(said).isEqualTo("new, new, /a.js=new");
  }

  @Test
  void whoIsTurnedOffLeavesThoughAWriteCameMeanwhile() throws IOException, InterruptedException {
    String said =
        said(
            """
            let come;
            const off = new Promise((done) => { come = done; });
            const site = await worker({
              [LIST]: async () => answer(await off),
              "/page": () => answer("page")
            });
            const page = site.view();
            await site.post();
            const before = site.isLeft();
            come("The site does without a service worker.");
            await page;
            return [before, site.isLeft()].join(", ");
            """);
    assertThat(said).isEqualTo("false, true");
  }

  @Test
  void aWorkerThatIsStartedAgainHasThePagesSayWhatTheyFollow()
      throws IOException, InterruptedException {
    String said =
        said(
            """
            const content = "{}", version = await named("200 text/plain\\n" + content, 8);
            let asked = 0;
            const network = {
              "/api": () => {
                asked++;
                const made = answer(content, "no-cache");
                made.headers.set("Content-Type", "text/plain");
                return made;
              }
            };
            let site;
            const works = [], page = {
              postMessage({ freshet }, ports) {
                if (freshet === "current") { ports[0].postMessage(version); }
                else { works.push(site.say({ freshet: "told", path: "/api", version: "" })); }
              }
            };
            async function start() {
              site = await worker(network, (text) => text, new Map([["page", page]]));
            }
            await start();
            const out = [await site.api("/api")];
            await Promise.all(works);
            out.push(await site.api("/api"), await kept());
            await start();
            out.push(await site.api("/other"));
            await Promise.all(works);
            out.push(await site.api("/api"), asked);
            return out.join(", ");
            """);
    assertThat(said).isEqualTo("passed, {}, /api={}, passed, {}, 1");
  }
}
