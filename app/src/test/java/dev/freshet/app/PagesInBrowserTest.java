package dev.freshet.app;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.testkit.Chromium;
import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Hard pages in a real Chromium, rewritten beside untouched: the same tree, the same places on the
/// screen, no other word in the console. On one site all that is put into pages is, so files have
/// names and pages what they need of their sheets; on the other pages register the service worker,
/// beside which nothing is named.
@Timeout(120)
class PagesInBrowserTest {
  /// Loads each page every way and reports what differs once what was put in is taken out again.
  private static final String HARNESS =
      """
      <!doctype html><title>harness</title><body><script>
      var names = "NAMES".split(" "), ways = "WAYS".split(" "), beside = "BESIDE", site = "SITE";
      function frame(url) {
        return new Promise(function (done) {
          var made = document.createElement("iframe");
          made.width = 600; made.height = 400;
          made.onload = function () { done(made); };
          made.src = url;
          document.body.appendChild(made);
        });
      }
      function tree(doc) {
        var copy = doc.documentElement.cloneNode(true), put = 0, critical = 0, lines = 0;
        function each(what, then) { copy.querySelectorAll(what).forEach(then); }
        function without(name) { return function (e) { e.removeAttribute(name); put++; }; }
        each("link[data-freshet=ahead], style[data-freshet=critical], noscript[data-freshet=critical]",
            function (e) { e.remove(); });
        /* By then its sheet counts. */
        each("link[data-freshet=critical][media=all]", function (e) {
          e.removeAttribute("media"); e.removeAttribute("onload"); critical++;
        });
        each("[data-freshet]", function (e) { e.removeAttribute("data-freshet"); });
        each("[loading=lazy]", without("loading"));
        each("[decoding=async]", function (e) { e.removeAttribute("decoding"); });
        each("[fetchpriority=high]", without("fetchpriority"));
        each("script[src='/.freshet/shown.js']", function (e) { e.remove(); });
        each("script[src='/.freshet/register.js']", function (e) { e.remove(); lines++; });
        each("style", function (e) { if (e.textContent.startsWith("@layer freshet")) { e.nextSibling.remove(); e.remove(); put++; } });
        var shadows = Array.from(doc.querySelectorAll("*")).map(function (e) { return e.shadowRoot ? e.shadowRoot.innerHTML : ""; });
        var text = copy.outerHTML + shadows.join(""), parts = text.split(/[?]freshet=[\\w-]{22}(?=")/);
        return { text: parts.join(""), put: [put, parts.length - 1, critical, lines].join("+") };
      }
      async function places(doc) {
        var all = Array.from(doc.querySelectorAll("img"));
        all.forEach(function (i) { i.loading = "eager"; });
        await Promise.all(all.map(function (i) { return i.decode().catch(function () {}); }));
        return all.map(function (i) {
          var r = i.getBoundingClientRect();
          return [r.x, r.y, r.width, r.height].map(Math.round).join(",");
        }).join(" ");
      }
      function report(name, way, said) {
        return fetch("/report/" + site + "-" + way + "-" + name + "/" + encodeURIComponent(said.substring(0, 4000)));
      }
      async function look(name) {
        var all = ["plain"].concat(ways);
        var frames = await Promise.all(all.map(function (way) { return frame("/" + way + "/" + name); }));
        var trees = frames.map(function (made) { return tree(made.contentDocument); });
        var where = await Promise.all(frames.map(function (made) { return places(made.contentDocument); }));
        var isKept = frames.every(function (made) { return made.contentWindow.navigator.serviceWorker.controller; });
        frames.forEach(function (made) { made.remove(); });
        for (var i = 1; i < all.length; i++) {
          await report(name, all[i], trees[0].text !== trees[i].text ? "tree"
              : where[0] !== where[i] ? "places: " + where[0] + " / " + where[i]
              : trees[0].put !== "0+0+0+0" ? "touched" : "same " + trees[i].put + "+" + (isKept ? 1 : 0));
        }
      }
      async function lane() { while (names.length) await look(names.shift()); }
      async function run() {
        if (beside) frame(beside);
        await fetch("/ready/" + site);
        if (site === "worker") {
          await frame("/better/list");
          await navigator.serviceWorker.ready;
        }
        await Promise.all([lane(), lane(), lane()]);
      }
      run().then(function () { return "well"; }, String).then(function (end) { report("over", "all", end); });
      </script>
      """;

  /// What is put into a page.
  ///
  /// @param own attributes and rules of pictures
  /// @param names of files
  /// @param critical sheets of which the page has what it needs
  /// @param lines that register the worker
  /// @param kept 1 where the worker stood between
  private record Put(int own, int names, int critical, int lines, int kept) {
    static Put of(String said) {
      String[] each = said.split("\\+");
      return new Put(at(each, 0), at(each, 1), at(each, 2), at(each, 3), at(each, 4));
    }

    private static int at(String[] each, int index) {
      return Integer.parseInt(each[index]);
    }
  }

  /// Pages that are not read at all, or up to where they can't be told for certain.
  private static final Set<String> UNTOUCHED =
      Set.of("amp", "flash", "utf16", "marked", "iso2022", "xhtml");

  private static final Set<String> LAID_OUT =
      Set.of(
          "natural",
          "narrow",
          "onlywidth",
          "onlyheight",
          "column",
          "row",
          "grid",
          "layers",
          "ratio");

  /// Others without those two files, whose encoding is not known where they stand, or of which
  /// nothing is left.
  private static final Set<String> NAMELESS =
      Set.of("headless", "framed", "served", "declared", "replaced");

  /// Whose policy may forbid styles of ours.
  private static final Set<String> GUARDED = Set.of("nonce", "hashed", "policy", "dynamic");

  /// Others whose policy forbids scripts of ours, that have no head, or of which nothing is left.
  private static final Set<String> SCRIPTLESS =
      Set.of("nonce", "hashed", "dynamic", "headless", "replaced");

  /// Those with pictures that surely get something, beside those of which it is known how much.
  private static final Set<String> TOUCHED =
      Set.of(
          ("large list broken quotes ends svg cyrillic declared japanese gbk escaped sealed twice"
                  + " mapped nonce digest chosen modules pinned shadow counting demanded attributes"
                  + " raw nested modern")
              .split(" "));

  private static final String[] WAYS = {"better", "full"};

  @TempDir private Path profile;
  private final PlainApp app = new PlainApp();
  private final CountDownLatch namedReady = new CountDownLatch(1);
  private final CountDownLatch workerReady = new CountDownLatch(1);

  @AfterEach
  void close() {
    app.close();
  }

  private void fill(Map<String, String> corpus) {
    String keep = "Cache-Control: max-age=600";
    // Browsers ask each time, so that they are told of nothing but what is there by now.
    String here = "CDN-Cache-Control: max-age=60";
    String ask = "Cache-Control: no-store";
    corpus.forEach((name, text) -> {
      byte[] octets = HardPages.octets(name, text);
      List<String> fields = new ArrayList<>(List.of(HardPages.fields(name)));
      fields.addAll(List.of(here, ask));
      for (String way : new String[] {"plain", "better", "full"}) {
        app.octets("/" + way + "/" + name, octets, fields.toArray(new String[0]));
      }
    });
    for (String way : new String[] {"plain", "better", "full"}) {
      app.page("/" + way + "/odd/modern.css", OddPages.SHEET, "Content-Type: text/css", keep);
      app.page("/" + way + "/odd/more.css", OddPages.MORE, "Content-Type: text/css", keep);
    }
    app.page("/own.js", HardPages.OWN, "Content-Type: text/javascript", keep);
    app.page("/own.css", HardPages.STYLE, "Content-Type: text/css", keep);
    app.page("/named.js", "var named = 1; // long", "Content-Type: text/javascript", keep);
    app.page("/named.css", HardPages.SHEET, "Content-Type: text/css", keep);
    app.heldPage("/ready/named", "", namedReady);
    app.heldPage("/ready/worker", "", workerReady);
    app.page(
        "/wide.svg",
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 800 400' width='800' height='400'/>",
        "Content-Type: image/svg+xml",
        keep);
  }

  private void harness(Collection<String> names, String site, String beside, String... ways) {
    app.page(
        "/harness/" + site,
        HARNESS
            .replace("NAMES", String.join(" ", names))
            .replace("WAYS", String.join(" ", ways))
            .replace("BESIDE", beside)
            .replace("SITE", site),
        "Content-Type: text/html; charset=utf-8");
  }

  private Wiring wired(String more) {
    Settings settings =
        Reading.read(
            "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: "
                + app.url()
                + "\nroutes: [{match: /plain/**, optimize: off},"
                + " {match: /harness/**, optimize: off},"
                + " {match: /full/**, optimize: full}]\n"
                + more);
    return Wiring.start(settings, () -> settings);
  }

  @Test
  void hardPagesAreTheSameTreeInTheSamePlaces() throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    Map<String, String> corpus = HardPages.all();
    fill(corpus);
    try (Wiring named = wired("");
        Wiring worker = wired("service-worker: on")) {
      // Of two sites, so that each has a process of its own.
      String one = "localhost:" + named.edge().addresses().getFirst().port();
      String other = "127.0.0.1:" + worker.edge().addresses().getFirst().port();
      harness(corpus.keySet(), "named", "", WAYS);
      // What the worker adds to a page does not go by how long it is, nor by how pictures stand.
      Set<String> brief = new TreeSet<>(corpus.keySet());
      brief.removeAll(UNTOUCHED);
      brief.removeAll(LAID_OUT);
      brief.remove("large");
      harness(brief, "worker", "http://" + one + "/harness/named", "better");
      String first = "http://" + other + "/harness/worker";
      try (Chromium browser = Chromium.open(program.orElseThrow(), profile, first)) {
        warm(other, brief, "better");
        workerReady.countDown();
        warm(one, corpus.keySet(), WAYS);
        namedReady.countDown();
        assertThat(app.told(browser, "/report/named-all-over/")).isEqualTo("well");
        assertThat(app.told(browser, "/report/worker-all-over/")).isEqualTo("well");
        areNamed(check("named-better", corpus.keySet()), false);
        areNamed(check("named-full", corpus.keySet()), true);
        areKept(check("worker-better", brief));
        List<String> plain = words(browser.log(), one + "/plain/");
        assertThat(plain)
            .as("what a page says is in the log")
            .anyMatch(w -> w.contains(HardPages.WORD));
        assertThat(words(browser.log(), one + "/better/")).isEqualTo(plain);
        assertThat(words(browser.log(), one + "/full/")).isEqualTo(plain);
        assertThat(words(browser.log(), other + "/better/"))
            .isEqualTo(words(browser.log(), other + "/plain/"));
      }
    }
  }

  /// Others were there before: pages are made again with all that is known by then.
  private static void warm(String site, Collection<String> names, String... ways) {
    try (RawClient client = RawClient.to(Integer.parseInt(site.substring(site.indexOf(':') + 1)))) {
      for (String file : new String[] {"/wide.svg", "/named.css", "/named.js"}) {
        await(() -> get(client, site, file).field("Cache-Status").contains("; hit"), file);
      }
      for (int i = 0; i < 8; i++) {
        get(client, site, "/plain/list");
      }
      // Is minified while pages are made.
      boolean _ = minified(client, site, ways[0]);
      for (String way : ways) {
        for (String name : names) {
          await(() -> !isPassing(get(client, site, "/" + way + "/" + name)), name);
        }
      }
      for (String way : ways) {
        await(() -> minified(client, site, way), "the sheet minified");
      }
    }
  }

  /// Whether a page is as it was made while it passed.
  private static boolean isPassing(RawClient.Response page) {
    return List.of("safe", "full").contains(page.field("Freshet-Optimized"));
  }

  /// As a browser that opens it.
  private static RawClient.Response get(
      RawClient client, String site, String path, String... more) {
    String fields = more.length == 0 ? "" : String.join("\r\n", more) + "\r\n";
    String accept = "Accept-Encoding: gzip, deflate, br, zstd\r\nSec-Fetch-Mode: navigate\r\n";
    String head = "GET " + path + " HTTP/1.1\r\nHost: " + site + "\r\n" + accept + fields;
    return client.send(head + "\r\n").response();
  }

  /// Whether the odd sheet comes minified to the page that names it.
  private static boolean minified(RawClient client, String site, String way) {
    get(client, site, "/" + way + "/modern");
    String from = "Referer: http://" + site + "/" + way + "/modern";
    return get(client, site, "/" + way + "/odd/modern.css", from)
        .field("Freshet-Optimized")
        .startsWith("min");
  }

  /// What pages below that path said in the console, each time, as if they had no other path and
  /// their files no names.
  private static List<String> words(List<String> log, String path) {
    return log.stream()
        .filter(line -> line.contains("CONSOLE") && line.contains(path))
        .map(line -> line.substring(line.indexOf("CONSOLE")))
        .map(line -> line.replace(path, "/").replaceAll("[?]freshet=[\\w-]{22}", ""))
        .sorted()
        .toList();
  }

  private Map<String, Put> check(String way, Collection<String> names) {
    Map<String, Put> put = new TreeMap<>();
    for (String name : names) {
      String begin = "/report/" + way + "-" + name + "/";
      String said =
          app.asked().stream()
              .filter(line -> line.startsWith(begin))
              .findFirst()
              .orElse(begin + "none");
      assertThat(said).as("%s, %s", name, way).startsWith(begin + "same ");
      put.put(name, Put.of(said.substring(begin.length() + 5)));
    }
    checkOwn(put);
    return put;
  }

  private static void checkOwn(Map<String, Put> put) {
    put.forEach((name, what) -> {
      if (LAID_OUT.contains(name)) {
        // Rules for kept places, two pictures that wait, one that comes first.
        assertThat(what.own()).as(name).isEqualTo(4);
      }
      if (UNTOUCHED.contains(name)) {
        assertThat(what).as(name).isEqualTo(new Put(0, 0, 0, 0, 0));
      } else if (TOUCHED.contains(name)) {
        assertThat(what.own()).as(name).isPositive();
      }
    });
  }

  /// Both files of a page have names, and in full its sheet is not waited for.
  private static void areNamed(Map<String, Put> put, boolean isFull) {
    put.forEach((name, what) -> {
      boolean mayBe = !UNTOUCHED.contains(name) && !NAMELESS.contains(name);
      boolean isCritical = isFull && mayBe && !GUARDED.contains(name);
      assertThat(what.names()).as(name).isGreaterThanOrEqualTo(mayBe ? 2 : 0);
      assertThat(what.critical()).as(name).isEqualTo(isCritical ? 1 : 0);
      assertThat(what.lines()).as(name).isZero();
    });
  }

  /// The worker stands between, and pages register it.
  private static void areKept(Map<String, Put> put) {
    put.forEach((name, what) -> {
      boolean mayBe = !SCRIPTLESS.contains(name);
      assertThat(what.kept()).as(name).isEqualTo(1);
      assertThat(what.lines()).as(name).isEqualTo(mayBe ? 1 : 0);
      assertThat(what.names()).as(name).isZero();
    });
  }
}
