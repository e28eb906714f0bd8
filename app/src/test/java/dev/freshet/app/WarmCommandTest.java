package dev.freshet.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `freshet warm` against a Freshet that runs.
@Timeout(60)
class WarmCommandTest {
  private static final String SITE = "http://shop.test";
  private final PlainApp app = new PlainApp();
  private final Wiring running;

  @TempDir Path folder;

  WarmCommandTest() {
    app.page("/a", "a", "Cache-Control: max-age=600")
        .page("/b?x=1&y=2", "b", "Cache-Control: max-age=600")
        .page("/b", "b", "Cache-Control: max-age=600")
        .page("/me", "me", "Cache-Control: private")
        .page("/logout", "gone");
    Settings settings =
        Reading.read("listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: " + app.url() + "\n");
    running = Wiring.start(settings, () -> settings);
  }

  @AfterEach
  void close() {
    running.close();
    app.close();
  }

  private Shell warm(String... more) {
    String[] all = new String[more.length + 4];
    all[0] = "warm";
    all[1] = SITE;
    all[2] = "--admin";
    all[3] = running.console().address().toString();
    System.arraycopy(more, 0, all, 4, more.length);
    return Shell.run(all);
  }

  private String file(String text) throws IOException {
    return Files.writeString(folder.resolve("log"), text).toString();
  }

  @Test
  void whatALogHasMostOftenIsAskedForFirst() throws IOException {
    String log =
        """
        192.0.2.1 - - [27/Nov/2026:10:00:00 +0000] "GET /me HTTP/1.1" 200 12 "-" "Mozilla"
        192.0.2.1 - - [27/Nov/2026:10:00:01 +0000] "GET /a HTTP/1.1" 200 12 "-" "Mozilla"
        192.0.2.1 - - [27/Nov/2026:10:00:02 +0000] "GET /a HTTP/2.0" 304 0 "-" "Mozilla"
        192.0.2.1 - - [27/Nov/2026:10:00:03 +0000] "GET /logout HTTP/1.1" 200 0 "-" "Mozilla"
        192.0.2.1 - - [27/Nov/2026:10:00:04 +0000] "POST /a HTTP/1.1" 200 0 "-" "Mozilla"
        192.0.2.1 - - [27/Nov/2026:10:00:05 +0000] "GET /gone HTTP/1.1" 404 0 "-" "Mozilla"
        what is this
        """;
    Shell done = warm("--log", file(log), "--at-once", "1");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out())
        .contains("4 of 7 lines tell of something at http://shop.test: 3 addresses")
        .contains("of 3: 1 made, 0 there already, 1 not kept, 1 left alone (sounds-like-a-deed)");
    assertThat(app.asked()).containsExactly("/a", "/me");
    assertThat(isHit("/a")).isTrue();
  }

  @Test
  void aSitemapOfSitemapsNamesPages() {
    // The site is asked where the sitemap says; it is this app, whatever its own name.
    String at = app.url();
    app.page(
        "/sitemap.xml",
        "<sitemapindex><sitemap><loc>" + at + "/one.xml</loc></sitemap></sitemapindex>");
    app.page(
        "/one.xml",
        """
        <urlset><url><loc> http://shop.test/a </loc></url>
        <url><loc><![CDATA[http://shop.test/b?x=1&y=2]]></loc></url>
        <url><loc>http://shop.test/b?x=1&amp;y=2</loc></url>
        <url><loc>http://elsewhere.test/c</loc></url></urlset>
        """);
    Shell done = warm("--sitemap", at + "/sitemap.xml");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out()).contains("of 2: 2 made");
    assertThat(isHit("/b?x=1&y=2")).isTrue();
    assertThat(app.asked("/c")).isZero();
  }

  /// Who writes sitemaps doesn't say whom else the operator's machine asks.
  @Test
  void aSitemapIsFollowedToItsOwnSiteOnly() {
    try (PlainApp inside = new PlainApp()) {
      inside.page("/one.xml", "<urlset><url><loc>http://shop.test/b</loc></url></urlset>");
      app.page(
          "/sitemap.xml",
          "<sitemapindex><sitemap><loc>"
              + inside.url()
              + "/one.xml</loc></sitemap></sitemapindex>");
      Shell done = warm("--sitemap", app.url() + "/sitemap.xml");
      assertThat(done.err()).contains("there is no address of it");
      assertThat(inside.asked()).isEmpty();
    }
  }

  @Test
  void aSitemapMayBeGzipped() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write("<urlset><url><loc>http://shop.test/a</loc></url></urlset>".getBytes(UTF_8));
    }
    app.octets("/sitemap.xml.gz", packed.toByteArray(), "Content-Type: application/gzip");
    Shell done = warm("--sitemap", app.url() + "/sitemap.xml.gz");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out()).contains("of 1: 1 made");
  }

  @Test
  void mostAndPathsAndWhatIsThere() throws IOException {
    assertThat(isHit("/a")).isFalse();
    Shell done = warm("--log", file("/a\nhttp://shop.test/b\n/me\n"), "--most", "2", "--json");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.err()).contains("of 2: 1 made, 1 there already");
    assertThat(done.out()).contains("\"made\" : 1");
    assertThat(app.asked()).containsExactly("/a", "/b");
    // Of this run alone, though Freshet counts since its start.
    assertThat(warm("--log", file("/a\n"), "--json").out()).contains("\"made\" : 0");
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    assertThat(warm().err()).contains("give --log FILE or --sitemap");
    assertThat(warm("--log", file("http://other.test/a\n")).err())
        .contains("there is no address of it");
    assertThat(warm("--log", folder.resolve("none").toString()).err()).contains("can't be read");
    assertThat(warm("--log", file("/a\n"), "--at-once", "40").err()).contains("1 to 16");
    assertThat(warm("--sitemap", app.url() + "/none.xml").err()).contains("answered with 404");
    assertThat(warm("--sitemap", "sitemap.xml").err()).contains("--sitemap");
    assertThat(warm("--log", file("/a\n"), "--most", "-1").err()).contains("give 1 or more");
    PlainApp gone = new PlainApp();
    String nobody = gone.url();
    gone.close();
    assertThat(warm("--sitemap", nobody + "/s.xml").err())
        .contains("it can't be fetched")
        .doesNotContain("null");
    assertThat(warm("--log", file("/me\n")).code()).isEqualTo(1);
  }

  private boolean isHit(String path) {
    try (RawClient client = RawClient.to(running.edge().addresses().getFirst().port())) {
      return String.valueOf(client.get(path).field("Cache-Status")).contains("; hit");
    }
  }
}
