package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.http.Fields;
import dev.freshet.testkit.RawClient.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Pages that name contents, and what is answered to those names.
@Timeout(60)
class NamingTest {
  private static final String GZIP = "Accept-Encoding: gzip";
  private static final String OPENED = "Sec-Fetch-Mode: navigate";
  private static final String PAGE = "<p>" + "words and words ".repeat(60);
  private static final String CSS = "Content-Type: text/css";
  private static final String HOUR = "Cache-Control: max-age=3600";

  private final Named names = new Named();
  private final Shopfront shop = Shopfront.polished(names, RouteRule.plain("/**"));

  @AfterEach
  void close() {
    shop.close();
  }

  /// Says in a note what two files are called.
  private static final class Named implements Polish {
    final AtomicInteger looks = new AtomicInteger();

    @Override
    public Level level(String match) {
      return Level.SAFE;
    }

    @Override
    public boolean mayName() {
      looks.incrementAndGet();
      return true;
    }

    @Override
    public @Nullable Passing passing(String url, Fields response, Level level, Names names) {
      return null;
    }

    @Override
    public Polished stored(
        String key, String url, Fields response, Level level, Names names, byte[][] content) {
      String first = names.behind("http://shop.test/a.css", false);
      String second = names.behind("http://shop.test/b.css", false);
      return new Polished() {
        @Override
        public byte[][] content() {
          return new byte[][] {PAGE.getBytes(StandardCharsets.UTF_8)};
        }

        @Override
        public String note() {
          return "a" + first + ";b" + second;
        }

        @Override
        public boolean changed() {
          return true;
        }
      };
    }

    @Override
    public void seen(String url, Fields response, byte[][] content) {}

    @Override
    public void tell(Consumer<String> better) {}
  }

  private Response open(String path) {
    return shop.get(path, GZIP, OPENED);
  }

  /// On a site whose pages are opened by browsers.
  private void site() {
    shop.page("/first", PAGE, "Content-Type: text/html", "Cache-Control: no-store");
    for (int i = 0; i < 8; i++) {
      open("/first");
    }
    shop.page("/a.css", ".a{color:red}", CSS, HOUR);
    shop.page("/b.css", ".b{color:red}", CSS, HOUR);
    shop.page("/p", PAGE, "Content-Type: text/html", "Cache-Control: max-age=60", "ETag: \"v1\"");
    shop.get("/a.css");
    // Stored as the app made it.
    shop.get("/p");
  }

  @Test
  void aHitLooksThroughTheNamesOnceAndForMoreOfThemOnceASecond() {
    site();
    assertThat(open("/p").field("Freshet-Optimized")).startsWith("a?freshet=").endsWith(";bnull");
    open("/p");
    names.looks.set(0);
    open("/p");
    assertThat(names.looks).hasValue(1);
    shop.get("/b.css");
    assertThat(open("/p").field("Freshet-Optimized")).endsWith(";bnull");
    assertThat(open("/p").field("Freshet-Optimized")).endsWith(";bnull");
    assertThat(names.looks).hasValue(3);
    shop.time.advance(Duration.ofSeconds(1));
    String note = open("/p").field("Freshet-Optimized");
    while (!note.contains(";b?freshet=")) {
      note = open("/p").field("Freshet-Optimized");
    }
  }
}
