package dev.freshet.app;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.testkit.Chromium;
import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Hard pages in a real Chromium, rewritten beside untouched: the same tree, the same places on the
/// screen, no new word in the console.
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock")
class PagesInBrowserTest {
  /// Loads each page both ways and reports what differs once what was put in is taken out again.
  private static final String HARNESS =
      """
      <!doctype html><title>harness</title><body><script>
      var names = "NAMES".split(" ");
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
        var copy = doc.documentElement.cloneNode(true);
        var put = 0;
        copy.querySelectorAll("link[data-freshet=ahead]").forEach(function (e) { e.remove(); });
        copy.querySelectorAll("[data-freshet]").forEach(function (e) { e.removeAttribute("data-freshet"); });
        copy.querySelectorAll("[loading=lazy]").forEach(function (e) { e.removeAttribute("loading"); put++; });
        copy.querySelectorAll("[decoding=async]").forEach(function (e) { e.removeAttribute("decoding"); });
        copy.querySelectorAll("[fetchpriority=high]").forEach(function (e) { e.removeAttribute("fetchpriority"); put++; });
        copy.querySelectorAll("script[src='/.freshet/shown.js']").forEach(function (e) { e.remove(); });
        copy.querySelectorAll("style").forEach(function (e) { if (e.textContent.startsWith("@layer freshet")) { e.nextSibling.remove(); e.remove(); put++; } });
        var shadows = Array.from(doc.querySelectorAll("*")).map(function (e) { return e.shadowRoot ? e.shadowRoot.innerHTML : ""; });
        return { text: copy.outerHTML + shadows.join(""), put: put };
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
      /* Going over the largest once takes as long as over all others. */
      function ways(name) { return name === "large" ? ["better"] : ["better", "full"]; }
      async function read(name, way) {
        var seen = await fetch("/" + way + "/" + name);
        await seen.text();
        return seen.headers.get("Freshet-Optimized");
      }
      async function run() {
        await fetch("/wide.svg");
        /* What is made while nobody waits is made by the time that it is looked at. */
        await Promise.all(names.map(function (name) { return Promise.all(ways(name).map(read.bind(null, name))); }));
        for (var name of names) {
          var all = ["plain"].concat(ways(name));
          for (var way of ways(name)) while (["safe", "full"].includes(await read(name, way))) continue;
          var frames = await Promise.all(all.map(function (way) { return frame("/" + way + "/" + name); }));
          var trees = frames.map(function (made) { return tree(made.contentDocument); });
          var where = await Promise.all(frames.map(function (made) { return places(made.contentDocument); }));
          for (var i = 1; i < all.length; i++) {
            var said = trees[0].text !== trees[i].text ? "tree"
                : where[0] !== where[i] ? "places: " + where[0] + " / " + where[i]
                : trees[0].put !== 0 ? "touched" : "same " + trees[i].put;
            await fetch("/report/" + name + "/" + all[i] + "/" + encodeURIComponent(said));
          }
          frames.forEach(function (made) { made.remove(); });
        }
        fetch("/report/over");
      }
      run();
      </script>
      """;

  /// What a page says in the console, with rewriting and without.
  private static final String WORD = "scripts run";

  /// A script of which pages demand a digest.
  private static final String OWN = "/* long */ var own = 1; console.log('" + WORD + "');";

  /// A style sheet of which a page demands a digest.
  private static final String STYLE = "/* long */ img { width: 70px }";

  private static final String PICTURES =
      "<img src=/wide.svg>".repeat(3) + "<p>text</p>" + "<img src=/wide.svg>".repeat(3);
  private static final String LIST = "<img src=/wide.svg width=80 height=200>".repeat(9);

  @TempDir private Path profile;
  private final PlainApp app = new PlainApp();

  @AfterEach
  void close() {
    app.close();
  }

  private static String page(String head, String body) {
    return "<!doctype html><html><head><title>t</title>"
        + head
        + "</head><body>"
        + body
        + "<!--"
        + "x".repeat(500)
        + "-->";
  }

  /// By name; what every one of them does is looked for nowhere else in the tests of `assets`.
  private static Map<String, String> corpus() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("list", page("", LIST));
    all.put("natural", page("", PICTURES));
    all.put("narrow", page("<style>img{max-width:100%}</style>", PICTURES));
    all.put("onlywidth", page("<style>img{width:120px}</style>", PICTURES));
    all.put("onlyheight", page("<style>img{height:50px}</style>", PICTURES));
    all.put("column", page("<style>body{display:flex;flex-direction:column}</style>", PICTURES));
    all.put("row", page("<style>body{display:flex}img{min-width:0}</style>", PICTURES));
    all.put(
        "grid", page("<style>body{display:grid;grid-template-columns:1fr 2fr}</style>", PICTURES));
    all.put(
        "layers",
        page("<style>@layer base{img{max-width:100%;height:auto;width:33%}}</style>", PICTURES));
    all.put(
        "ratio", page("<style>img{aspect-ratio:1;width:90px;object-fit:cover}</style>", PICTURES));
    all.put(
        "broken", page("", "<table><p>x<img src=/wide.svg><tr><td></b></i><a><a><div></p>" + LIST));
    all.put(
        "quotes", page("", "<p title='<img src=x>' class=a\"b'c <q>" + LIST + "<a href=\"</a>\">"));
    all.put(
        "scripts",
        page(
            "<script>var a = '<img src=x>', b = '<\\/script>';"
                + " if (1 < 2 && a) { b = '<!--<b>'; }</script>",
            "<script>console.log('"
                + WORD
                + "'); document.write('<img src=/wide.svg width=80 height=200>'.repeat(6))</script>"
                + LIST));
    all.put(
        "template",
        page("", "<template>" + LIST + "</template>" + LIST + "<noscript>" + LIST + "</noscript>"));
    all.put(
        "svg",
        page(
            "",
            "<svg width=9 height=9><title>a</title><style><![CDATA[ a>b{} ]]></style>"
                + "<path d='M0 0'/></svg>"
                + LIST
                + "<svg><foreignObject><p>a</p></foreignObject></svg><math><mi>x</mi></math>"
                + LIST));
    all.put(
        "comments",
        page(
            "<!--><!---><!-- -- > <img src=x> --!><![CDATA[<b>]]>",
            LIST + "<!--[if IE]>" + LIST + "<![endif]-->"));
    all.put(
        "text",
        page(
            "",
            "<textarea>"
                + LIST
                + "</textarea><xmp>"
                + LIST
                + "</xmp>"
                + LIST
                + "<plaintext>"
                + LIST));
    all.put("headless", LIST + "<p>" + "y".repeat(600));
    all.put("amp", "<!doctype html><html amp><head></head>" + LIST + "y".repeat(600));
    all.put("select", page("", "<select><option>a<option>b</select>" + LIST));
    all.put("cyrillic", page("", "<p>Привет</p>" + LIST));
    all.put("declared", page("<meta charset=windows-1251>", PICTURES + "<p title='Ы'>Привет</p>"));
    // Its second octet is a backslash.
    all.put("japanese", page("", "<p title=\"表\">表<b>\u30bd</b></p>" + LIST));
    all.put("utf16", page("", "<p>text</p>" + LIST));
    String talk = "console.log('" + WORD + "')";
    all.put("nonce", page("<script nonce=abc>" + talk + "</script>", LIST));
    all.put("hashed", page("<script>" + talk + "</script><script>refused()</script>", PICTURES));
    all.put(
        "policy",
        page(
            "<meta http-equiv=Content-Security-Policy content=\"default-src 'self'; script-src"
                + " 'nonce-abc'\"><script nonce=abc>"
                + talk
                + "</script>",
            PICTURES));
    all.put("digest", page("<script src=/own.js integrity=" + digest(OWN) + "></script>", LIST));
    all.put(
        "escaped",
        page(
            "<script><!--\nvar a = '<script>'; if (a) { console.log('"
                + WORD
                + "'); }</script> <img src=x> //--></script>",
            LIST));
    all.put("gbk", page("", "<p title=\"\u8aa0\">\u8aa0<b>\u4f60\u597d</b></p>" + LIST));
    all.put("big5", page("", "<p title='\u529f'>\u529f<i>\u4f60\u597d</i></p>" + PICTURES));
    all.put("iso2022", page("", "<p>\u65e5\u672c</p>" + LIST));
    all.put("marked", "\ufeff" + page("", "<p>text</p>" + LIST));
    all.put("flash", "<!doctype html><html \u26a1><head></head>" + LIST + "y".repeat(600));
    all.put(
        "dynamic", page("<script nonce=abc>" + talk + "</script><base href=/plain/x/>", PICTURES));
    all.put(
        "sealed",
        page("<link rel=stylesheet integrity=" + digest(STYLE) + " href=/own.css>", PICTURES));
    all.put("twice", page("", LIST) + page("<style>p{color:red}</style>", PICTURES));
    all.put(
        "mapped",
        page(
            "<script type=importmap>{\"imports\": {\"own\": \"/own.js\"}}</script>"
                + "<script type=module>import 'own';</script>",
            "<iframe srcdoc='<script>1</script><img src=/wide.svg>'></iframe>" + LIST));
    all.put(
        "xhtml",
        "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>t</title></head><body>"
            + "<script><![CDATA[ if (1 < 2 && '<img/>') console.log('"
            + WORD
            + "'); ]]></script>"
            + LIST.replace(" width=80 height=200>", "/>").replace("=/wide.svg", "='/wide.svg'")
            + "<p>"
            + "z".repeat(600)
            + "</p></body></html>");
    all.putAll(OddPages.all(LIST, PICTURES, digest(OWN), talk));
    all.put("large", page("", ("<p>" + "words ".repeat(80) + "</p>").repeat(10_000) + LIST));
    return all;
  }

  /// Of those that are not in UTF-8.
  private static final Map<String, Charset> UNUSUAL =
      Map.of(
          "cyrillic", Charset.forName("windows-1251"),
          "declared", Charset.forName("windows-1251"),
          "japanese", Charset.forName("Shift_JIS"),
          "gbk", Charset.forName("GBK"),
          "big5", Charset.forName("Big5"),
          "iso2022", Charset.forName("ISO-2022-JP"),
          "marked", StandardCharsets.UTF_16LE,
          "utf16", StandardCharsets.UTF_16);

  private static final Map<String, String> TYPES =
      Map.of(
          "cyrillic", "Content-Type: text/html; charset=windows-1251",
          "declared", "Content-Type: text/html",
          "japanese", "Content-Type: text/html; charset=shift_jis",
          "gbk", "Content-Type: text/html; charset=gbk",
          "big5", "Content-Type: text/html; charset=big5",
          "iso2022", "Content-Type: text/html; charset=iso-2022-jp",
          "marked", "Content-Type: text/html",
          "utf16", "Content-Type: text/html; charset=utf-16",
          "xhtml", "Content-Type: application/xhtml+xml");

  private static String digest(String text) {
    try {
      byte[] octets = text.getBytes(StandardCharsets.UTF_8);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(octets);
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String policy(String name) {
    return switch (name) {
      case "dynamic" ->
          "Content-Security-Policy: script-src 'nonce-abc' 'strict-dynamic';"
              + " require-trusted-types-for 'script'";
      case "nonce" -> "Content-Security-Policy: default-src 'self'; script-src 'nonce-abc'";
      case "hashed" ->
          "Content-Security-Policy: script-src '" + digest("console.log('" + WORD + "')") + "'";
      default -> "X-Policy: none";
    };
  }

  @Test
  void hardPagesAreTheSameTreeInTheSamePlaces() throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    Map<String, String> corpus = corpus();
    String html = "Content-Type: text/html; charset=utf-8";
    String keep = "Cache-Control: max-age=60";
    // The harness asks until the page is made again, which it should not be told by the browser.
    String here = "CDN-Cache-Control: max-age=60";
    String ask = "Cache-Control: no-store";
    corpus.forEach((name, text) -> {
      byte[] octets = text.getBytes(UNUSUAL.getOrDefault(name, StandardCharsets.UTF_8));
      for (String way : new String[] {"plain", "better", "full"}) {
        app.octets(
            "/" + way + "/" + name,
            octets,
            TYPES.getOrDefault(name, html),
            policy(name),
            here,
            ask);
      }
    });
    for (String way : new String[] {"plain", "better", "full"}) {
      app.page("/" + way + "/odd/modern.css", OddPages.SHEET, "Content-Type: text/css", keep);
      app.page("/" + way + "/odd/more.css", OddPages.MORE, "Content-Type: text/css", keep);
    }
    app.page("/own.js", OWN, "Content-Type: text/javascript", keep);
    app.page("/own.css", STYLE, "Content-Type: text/css", keep);
    app.page("/harness", HARNESS.replace("NAMES", String.join(" ", corpus.keySet())), html);
    app.page(
        "/wide.svg",
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 800 400' width='800' height='400'/>",
        "Content-Type: image/svg+xml",
        keep);
    Settings settings =
        Reading.read(
            "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: "
                + app.url()
                + "\nroutes: [{match: /plain/**, optimize: off},"
                + " {match: /full/**, optimize: full}]");
    try (Wiring freshet = Wiring.start(settings, () -> settings)) {
      int port = freshet.edge().addresses().getFirst().port();
      String site = "http://127.0.0.1:" + port;
      try (RawClient client = RawClient.to(port)) {
        for (String way : new String[] {"better", "full"}) {
          await(() -> minified(client, port, way), "the sheet minified");
        }
      }
      try (Chromium browser = Chromium.open(program.orElseThrow(), profile, site + "/harness")) {
        boolean isEnded = false;
        while (!isEnded && !app.asked().contains("/report/over")) {
          isEnded = browser.endsWithin(50);
        }
        check(corpus, app.asked());
        Set<String> plain = words(browser.log(), "/plain/");
        assertThat(plain).as("what a page says is in the log").anyMatch(w -> w.contains(WORD));
        assertThat(words(browser.log(), "/better/")).containsExactlyInAnyOrderElementsOf(plain);
        assertThat(words(browser.log(), "/full/")).containsExactlyInAnyOrderElementsOf(plain);
      }
    }
  }

  /// Whether the odd sheet comes minified to the page that names it.
  private static boolean minified(RawClient client, int port, String way) {
    String host = " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nAccept-Encoding: gzip\r\n";
    client.send("GET /" + way + "/modern" + host + "\r\n").response();
    String from = "Referer: http://127.0.0.1:" + port + "/" + way + "/modern\r\n";
    return client
        .send("GET /" + way + "/odd/modern.css" + host + from + "\r\n")
        .response()
        .field("Freshet-Optimized")
        .startsWith("min");
  }

  /// What pages below that path said in the console, as if they had no other path.
  private static Set<String> words(List<String> log, String path) {
    Set<String> out = new TreeSet<>();
    for (String line : log) {
      int word = line.indexOf("CONSOLE");
      if (word >= 0 && line.contains(path)) {
        out.add(line.substring(word).replace(path, "/"));
      }
    }
    return out;
  }

  private static void check(Map<String, String> corpus, List<String> asked) {
    for (String way : new String[] {"better", "full"}) {
      check(corpus, asked, way);
    }
  }

  private static void check(Map<String, String> corpus, List<String> asked, String way) {
    Map<String, Integer> put = new LinkedHashMap<>();
    Set<String> names = new TreeSet<>(corpus.keySet());
    if (way.equals("full")) {
      names.remove("large");
    }
    for (String name : names) {
      String begin = "/report/" + name + "/" + way + "/";
      String said =
          asked.stream().filter(line -> line.startsWith(begin)).findFirst().orElse(begin + "none");
      assertThat(said).as("%s, %s", name, way).startsWith(begin + "same ");
      put.put(name, Integer.parseInt(said.substring(begin.length() + 5)));
    }
    assertThat(put.getOrDefault("large", 1)).isPositive();
    for (String name : List.of("amp", "flash", "utf16", "marked", "iso2022", "xhtml")) {
      assertThat(put).containsEntry(name, 0);
    }
    for (String name : List.of("natural", "narrow", "onlywidth", "column", "layers", "ratio")) {
      // Rules for kept places, two pictures that wait, one that comes first.
      assertThat(put.get(name)).as("%s of %s", name, put).isEqualTo(4);
    }
    for (String name :
        List.of(
            "list",
            "broken",
            "quotes",
            "svg",
            "cyrillic",
            "declared",
            "japanese",
            "gbk",
            "escaped",
            "sealed",
            "twice",
            "mapped",
            "nonce",
            "digest",
            "chosen",
            "modules",
            "pinned",
            "shadow",
            "counting",
            "demanded",
            "attributes",
            "raw",
            "nested",
            "modern")) {
      assertThat(put.get(name)).as("%s of %s", name, put).isPositive();
    }
  }
}
