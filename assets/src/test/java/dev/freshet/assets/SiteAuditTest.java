package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The walk itself, without a browser.
class SiteAuditTest {
  private HttpServer site;
  private HttpServer other;

  private static HttpServer server() throws IOException {
    HttpServer made =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    made.start();
    return made;
  }

  @BeforeEach
  void start() throws IOException {
    site = server();
    other = server();
  }

  @AfterEach
  void stop() {
    site.stop(0);
    other.stop(0);
  }

  private static String url(HttpServer of) {
    return "http://127.0.0.1:" + of.getAddress().getPort();
  }

  private static void page(HttpServer of, String path, String html) {
    file(of, path, "text/html", html.getBytes(StandardCharsets.UTF_8));
  }

  private static void file(HttpServer of, String path, String type, byte[] octets) {
    of.createContext(
        path,
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", type);
            exchange.sendResponseHeaders(200, octets.length);
            exchange.getResponseBody().write(octets);
          }
        });
  }

  private static void redirect(HttpServer of, String path, String to) {
    of.createContext(
        path,
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().add("Location", to);
            exchange.sendResponseHeaders(302, -1);
          }
        });
  }

  @Test
  void countsNoPageOfAnotherSiteAndNonePageTwice() throws IOException, InterruptedException {
    page(other, "/", "<a href=/more>more</a>");
    redirect(site, "/out", url(other) + "/");
    redirect(site, "/again", "/end");
    page(site, "/end", "<a href=#top>top</a>");
    page(site, "/", "<a href=/out>o</a><a href=/end>e</a><a href=/end#x>e</a><a href=/again>a</a>");

    SiteAudit.Report report =
        SiteAudit.run(URI.create(url(site) + "/"), null, 20, null, null, line -> {});

    assertThat(report.pages())
        .extracting(PageSight::url)
        .containsExactly(url(site) + "/", url(site) + "/end");
    assertThat(report.failures())
        .extracting(Trouble::line)
        .containsExactly(
            url(site)
                + "/out: leads to another site, "
                + url(other)
                + "/; audit that one by its own address");
  }

  @Test
  void seesNoMorePagesThanItMay() throws IOException, InterruptedException {
    page(site, "/", "<a href=/a>a</a><a href=/b>b</a><a href=/c>c</a>");

    SiteAudit.Report report =
        SiteAudit.run(URI.create(url(site) + "/"), null, 2, null, null, line -> {});

    assertThat(report.pages()).hasSize(2);
  }

  @Test
  void triesWhatFreshetWouldMakeOfTheLargestFiles(@TempDir Path programs)
      throws IOException, InterruptedException {
    Lighter lighter =
        new Lighter(new RefinerConfig(() -> Esbuild.find(null, programs), null, null, programs, 0));
    assumeTrue(lighter.knowsPictures(), "nothing here decodes pictures");
    byte[] photo = Photos.jpeg(320, 240, 0.92f);
    byte[] tiny = Photos.jpeg(20, 20, 0.5f);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      text.append(
          "/* What follows is said at length. %d */ var name%d = 'a value';\n"
              .formatted(i * 7919, i));
    }
    page(site, "/", "<script src=/a.js></script><img src=/photo.jpg><img src=/tiny.jpg>");
    file(site, "/a.js", "text/javascript", text.toString().getBytes(StandardCharsets.UTF_8));
    file(site, "/photo.jpg", "image/jpeg", photo);
    file(site, "/tiny.jpg", "image/jpeg", tiny);

    SiteAudit.Report report =
        SiteAudit.run(URI.create(url(site) + "/"), null, 5, null, lighter, line -> {});

    Advice pictures = advice(report, "send pictures in fewer");
    long smallest =
        lighter.picture(photo).values().stream().mapToLong(form -> form.length).min().orElseThrow();
    assertThat(pictures.by()).isEqualTo(Advice.By.FRESHET);
    assertThat(pictures.gain()).isEqualTo(photo.length - smallest).isPositive();
    assertThat(pictures.where()).singleElement().asString().startsWith(url(site) + "/photo.jpg ");
    Advice code = advice(report, "minify");
    assertThat(code.by()).isEqualTo(Advice.By.FRESHET);
    assertThat(code.gain()).isPositive();
    assertThat(code.where()).singleElement().asString().startsWith(url(site) + "/a.js ");
  }

  /// What Freshet makes smaller behind the first views counts as it is in the end.
  @Test
  void seesPagesThroughFreshetUntilNoneBecomesLighter() throws IOException, InterruptedException {
    page(site, "/", "<img src=/photo.jpg>");
    AtomicInteger views = new AtomicInteger();
    other.createContext(
        "/",
        exchange -> {
          try (exchange) {
            int octets = Math.max(1_000, 9_000 - 2_000 * views.getAndIncrement());
            exchange.getResponseHeaders().add("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, octets);
            exchange.getResponseBody().write(new byte[octets]);
          }
        });

    SiteAudit.Report report =
        SiteAudit.run(
            URI.create(url(site) + "/"), URI.create(url(other) + "/"), 1, null, null, line -> {});

    assertThat(report.through())
        .singleElement()
        .satisfies(page -> assertThat(page.wire()).isEqualTo(1_000));
    assertThat(views).hasValue(7);
  }

  @Test
  void aPageThatLeadsAwayLaterOnIsToldOfOnce() throws IOException, InterruptedException {
    page(site, "/", "text");
    AtomicInteger views = new AtomicInteger();
    other.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", "text/html");
            boolean isFirst = views.getAndIncrement() == 0;
            if (!isFirst) {
              exchange.getResponseHeaders().add("Location", url(site) + "/");
            }
            exchange.sendResponseHeaders(isFirst ? 200 : 302, -1);
          }
        });

    SiteAudit.Report report =
        SiteAudit.run(
            URI.create(url(site) + "/"), URI.create(url(other) + "/"), 1, null, null, line -> {});

    assertThat(views).hasValueGreaterThan(2);
    assertThat(report.through()).hasSize(1);
    assertThat(report.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.line()).contains("leads to another site"));
  }

  private static Advice advice(SiteAudit.Report report, String what) {
    return report.advice().stream()
        .filter(one -> one.what().startsWith(what))
        .findFirst()
        .orElseThrow(() -> new AssertionError(report.advice().toString()));
  }
}
