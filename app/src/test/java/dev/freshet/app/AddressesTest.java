package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Trouble;
import dev.freshet.testkit.ScriptedOrigin;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Where addresses come from.
@Timeout(60)
class AddressesTest {

  @Test
  void aSitemapThatStallsIsWaitedForNoLongerThanItsTime() {
    try (ScriptedOrigin site =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<urlset>");
          peer.awaitEnd();
        })) {
      Addresses found = new Addresses("http://shop.test", Duration.ofMillis(300));
      assertThatThrownBy(() -> found.sitemap(site.url() + "/sitemap.xml"))
          .isInstanceOf(Trouble.Found.class)
          .hasMessageContaining("it was not whole after");
    }
  }

  @Test
  void aSiteWithItsOwnPortIsTheSameSite() throws IOException {
    Addresses found = new Addresses("http://Shop.test:80");
    found.read(
        new BufferedReader(
            new StringReader("http://shop.test/a\nhttp://shop.test:80/a\nhttp://shop.test:81/a")));
    assertThat(found.site()).isEqualTo("http://shop.test");
    assertThat(found.size()).isEqualTo(1);
  }

  @Test
  void sitemapsThatAreNotReadAreSaid() throws InterruptedException {
    StringBuilder index = new StringBuilder("<sitemapindex>");
    for (int i = 0; i < 60; i++) {
      index.append("<sitemap><loc>http://shop.test/s").append(i).append(".xml</loc></sitemap>");
    }
    try (PlainApp app = new PlainApp()) {
      app.page("/sitemap.xml", index.toString().replace("http://shop.test", app.url()));
      for (int i = 0; i < 60; i++) {
        app.page(
            "/s" + i + ".xml", "<urlset><url><loc>http://shop.test/" + i + "</loc></url></urlset>");
      }
      Addresses found = new Addresses("http://shop.test");
      found.sitemap(app.url() + "/sitemap.xml");
      assertThat(found.size()).isEqualTo(49);
      assertThat(found.said()).contains("11 sitemaps were passed over").contains("beyond 50");
    }
  }
}
