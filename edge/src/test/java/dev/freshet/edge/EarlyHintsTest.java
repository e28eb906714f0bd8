package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.edge.RouteRule.Share;
import dev.freshet.http.Fields;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is said of a page before the app has made it.
@Timeout(60)
class EarlyHintsTest {
  private static final String HTML = "Content-Type: text/html";
  private static final String CSS = "Content-Type: text/css";
  private static final String JS = "Content-Type: text/javascript";
  private static final String HOUR = "Cache-Control: max-age=3600";
  private static final String NOT_KEPT = "Cache-Control: no-store";
  private static final String TEXT = "<p>" + "words and words ".repeat(60);
  private static final String SHEET = "</a.css?v=1>; rel=preload; as=style";
  private static final String SCRIPT = "</a.js>; rel=preload; as=script";
  private static final String[] OPENED = {
    "accept-encoding", "gzip", "sec-fetch-mode", "navigate", "sec-fetch-dest", "document"
  };

  /// Finds the same two files in every page, and a policy where one stands.
  private static final class Finding implements Polish {
    @Override
    public Level level(String match) {
      return match.startsWith("/off") ? Level.OFF : Level.SAFE;
    }

    @Override
    public Passing passing(String url, Fields response, Level level, Names names) {
      return new Passing() {
        @Override
        public byte[] feed(byte[] piece) {
          names.behind("http://shop.test/a.css?v=1", false);
          names.behind("http://shop.test/a.js", true);
          names.behind("http://shop.test/unknown.js", true);
          if (url.contains("policy")) {
            names.policy();
          }
          return piece;
        }

        @Override
        public byte[] end() {
          return new byte[0];
        }
      };
    }
  }

  private final Shopfront shop =
      Shopfront.polished(
          new Finding(),
          Shopfront.rule("/off/**", Share.BY_RESPONSE, Duration.ofMinutes(1)),
          Shopfront.rule("/user/**", Share.BY_USER, Duration.ofMinutes(1)));

  @BeforeEach
  void files() {
    shop.page("/a.css?v=1", "a{}", CSS, HOUR);
    shop.page("/a.js", "a()", JS, HOUR);
    shop.get("/a.css?v=1");
    shop.get("/a.js");
  }

  @AfterEach
  void close() {
    shop.close();
  }

  private RawHttp2.Answer second(String path, String... fields) {
    try (RawHttp2 client = RawHttp2.to(shop.edge.addresses().getFirst().port())) {
      client.get(1, path, fields);
      return client.answer(1);
    }
  }

  private RawHttp2.Answer opened(String path) {
    return second(path, OPENED);
  }

  @Test
  void whoOpensAPageIsToldWhatItsLastAnswerHadAtTheTop() {
    shop.page("/p", TEXT, HTML, NOT_KEPT);
    assertThat(opened("/p").interims).as("nothing is known").isEmpty();
    RawHttp2.Answer again = opened("/p?another=query");
    assertThat(again.interims).containsExactly(103);
    assertThat(again.links).containsExactly(SHEET, SCRIPT);
    assertThat(again.status).isEqualTo(404);
    assertThat(opened("/other").interims).isEmpty();
  }

  @Test
  void whatIsInMemoryIsAnsweredAtOnceWithoutAWordBefore() {
    shop.page("/p", TEXT, HTML, HOUR);
    opened("/p");
    assertThat(opened("/p").interims).isEmpty();
    shop.edge.purgeUrl("http://shop.test/p", false);
    assertThat(opened("/p").interims).containsExactly(103);
  }

  @Test
  void onlyFilesThatAreThereForEverybodyAreNamed() {
    shop.page("/p", TEXT, HTML, NOT_KEPT);
    opened("/p");
    shop.edge.purgeUrl("http://shop.test/a.css?v=1", false);
    assertThat(opened("/p").links).containsExactly(SCRIPT);
    shop.edge.purgeUrl("http://shop.test/a.js", false);
    assertThat(opened("/p").interims).isEmpty();
  }

  @Test
  void nobodyElseIsToldAnything() {
    shop.page("/p", TEXT, HTML, NOT_KEPT);
    opened("/p");
    assertThat(second("/p", "sec-fetch-mode", "cors", "sec-fetch-dest", "empty").interims)
        .isEmpty();
    assertThat(second("/p").interims).isEmpty();
    assertThat(second("/p", join(OPENED, "freshet-optimize", "off")).interims).isEmpty();
    assertThat(shop.get("/p", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document").status())
        .as("HTTP/1.1")
        .isEqualTo(200);
    for (String path : Set.of("/off/p", "/user/p")) {
      shop.page(path, TEXT, HTML, NOT_KEPT);
      opened(path);
      assertThat(opened(path).interims).as(path).isEmpty();
    }
  }

  @Test
  void nothingIsLearnedFromThePageOfSomebodyKnownNorWhereAPolicyOrAWordOfTheAppsStands() {
    shop.page("/p", TEXT, HTML, NOT_KEPT);
    second("/p", join(OPENED, "cookie", "sessionid=1"));
    assertThat(opened("/p").interims).isEmpty();
    shop.page("/policy", TEXT, HTML, NOT_KEPT);
    shop.page("/csp", TEXT, HTML, NOT_KEPT, "Content-Security-Policy: default-src 'self'");
    shop.page("/link", TEXT, HTML, NOT_KEPT, "Link: </b.css>; rel=preload; as=style");
    for (String path : Set.of("/policy", "/csp", "/link")) {
      opened(path);
      assertThat(opened(path).interims).as(path).isEmpty();
    }
  }

  @Test
  void anAppThatDoesItItselfIsNotSpokenBefore() {
    shop.page("/p", TEXT, HTML, NOT_KEPT);
    opened("/p");
    shop.act(
        "/early",
        (peer, head) -> {
          peer.send("HTTP/1.1 103 Early Hints\r\nLink: </b.css>; rel=preload; as=style\r\n\r\n");
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
    assertThat(opened("/early").interims).containsExactly(103);
    assertThat(opened("/p").interims).isEmpty();
  }

  private static String[] join(String[] fields, String name, String value) {
    String[] out = Arrays.copyOf(fields, fields.length + 2);
    out[fields.length] = name;
    out[fields.length + 1] = value;
    return out;
  }
}
