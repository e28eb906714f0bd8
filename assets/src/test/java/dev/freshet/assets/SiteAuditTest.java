package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
    of.createContext(
        path,
        exchange -> {
          try (exchange) {
            byte[] octets = html.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/html");
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

    SiteAudit.Report report = SiteAudit.run(URI.create(url(site) + "/"), null, 20, null);

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

    SiteAudit.Report report = SiteAudit.run(URI.create(url(site) + "/"), null, 2, null);

    assertThat(report.pages()).hasSize(2);
  }
}
