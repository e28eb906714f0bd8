package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.http.Fields;
import dev.freshet.testkit.RawClient.Response;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What was made of a page turns out to be wrong after it was sent.
class PolishOffTest {
  private static final String GZIP = "Accept-Encoding: gzip";
  private static final String HTML = "<p>" + "words and words ".repeat(60);

  /// Makes another page of each until somebody knows better.
  private static final class Wrong implements Polish {
    private volatile @Nullable String why;

    @Override
    public Level level(String match) {
      return Level.SAFE;
    }

    @Override
    public @Nullable String why(String url) {
      return url.endsWith("/p") ? why : null;
    }

    @Override
    public Polished stored(
        String key, String url, Fields response, Level level, Names names, byte[][] content) {
      return new Polished() {
        @Override
        public byte[][] content() {
          return new byte[][] {(HTML + "wrong").getBytes(StandardCharsets.UTF_8)};
        }

        @Override
        public String note() {
          return "safe;wrong";
        }

        @Override
        public boolean changed() {
          return true;
        }
      };
    }
  }

  @Test
  void fromThenOnNobodyGetsItAndWhoHasItIsSentTheAppsOwn() {
    Wrong wrong = new Wrong();
    try (Shopfront shop = Shopfront.polished(wrong, RouteRule.plain("/**"))) {
      for (String path : new String[] {"/p", "/other"}) {
        shop.page(
            path, HTML, "Content-Type: text/html", "Cache-Control: max-age=60", "ETag: \"v1\"");
        // Stored as the app made it.
        shop.get(path);
        assertThat(shop.get(path, GZIP).field("Freshet-Optimized")).isEqualTo("safe;wrong");
      }
      String has = "If-None-Match: W/\"v1~s\"";
      assertThat(shop.get("/p", GZIP, has).status()).isEqualTo(304);
      wrong.why = "tree";
      Response sent = shop.get("/p", GZIP, has);
      assertThat(sent.status()).isEqualTo(200);
      assertThat(sent.field("Freshet-Optimized")).isEqualTo("off;why=tree");
      assertThat(sent.field("ETag")).isEqualTo("\"v1-gzip\"");
      assertThat(sent.field("Cache-Status")).startsWith("freshet; hit");
      assertThat(shop.get("/p", GZIP, "If-None-Match: \"v1-gzip\"").status()).isEqualTo(304);
      assertThat(shop.get("/other", GZIP).field("Freshet-Optimized")).isEqualTo("safe;wrong");
    }
  }
}
