package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RawClient;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is stored, when the app says something new of it: who may still have it, and who not.
// JUnit ends a test that is interrupted.
@SuppressWarnings("InterruptedExceptionSwallowed")
@Timeout(60)
class ConfirmedTest {
  private static final String OLD =
      "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nCache-Control: max-age=5, stale-if-error=600\r\n"
          + "Content-Length: 3\r\n\r\nold";

  private final CountDownLatch hold = new CountDownLatch(1);
  private final Shopfront shop = new Shopfront();

  @AfterEach
  void close() {
    hold.countDown();
    shop.close();
  }

  /// Stored, and stale by now; how it is confirmed waits for [#hold].
  private void stale(String target, String confirmation) {
    shop.act(
        target,
        (peer, head) -> {
          boolean isFirst = shop.asked(target) == 1;
          if (!isFirst && head.contains("If-None-Match: \"1\"")) {
            assertThat(hold.await(30, TimeUnit.SECONDS)).isTrue();
            peer.send(confirmation);
          } else {
            peer.send(isFirst ? OLD : OLD.replace("old", "new"));
          }
        });
    assertThat(shop.get(target).text()).isEqualTo("old");
    shop.time.advance(Duration.ofSeconds(10));
  }

  private RawClient ask(String target) {
    return shop.client().send("GET " + target + " HTTP/1.1\r\nHost: shop.test\r\n\r\n");
  }

  /// RFC 9111, section 3: what must not be stored is for who asked, also where it is confirmed.
  @Test
  void whatIsConfirmedForOneAloneIsNotForThoseWhoWait() throws Exception {
    stale("/a", "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nCache-Control: private\r\n\r\n");
    try (RawClient leader = ask("/a")) {
      await(() -> shop.asked("/a") == 2, "it to be validated");
      RawClient other = ask("/a");
      shop.page("/other", "x", "Cache-Control: max-age=600");
      for (int i = 0; i < 50; i++) {
        assertThat(shop.get("/other").text()).isEqualTo("x");
      }
      hold.countDown();
      assertThat(leader.response().text()).isEqualTo("old");
      assertThat(other.response().text()).isEqualTo("new");
      assertThat(shop.asked("/a")).isEqualTo(3);
    }
  }

  /// RFC 9111, sections 4.1 and 4.3.4.
  @Test
  void whatVariesByMoreFromNowOnIsForThoseOnlyWhomItFits() {
    stale(
        "/a",
        head(
            "304 Not Modified",
            "ETag: \"1\"",
            "Cache-Control: max-age=60",
            "Vary: Accept-Language"));
    hold.countDown();
    assertThat(shop.get("/a", "Accept-Language: de").text()).isEqualTo("old");
    assertThat(shop.get("/a", "Accept-Language: de").text()).isEqualTo("old");
    assertThat(shop.asked("/a")).isEqualTo(2);
    assertThat(shop.get("/a", "Accept-Language: fr").text()).isEqualTo("new");
  }

  @Test
  void aHeadThatVariesByMoreEndsWhatWasChosenWithoutIt() {
    shop.page("/a", "old", "Cache-Control: max-age=600");
    shop.get("/a");
    shop.raw(
        "HEAD /a",
        head("200 OK", "Cache-Control: max-age=600", "Vary: Accept-Language", "Content-Length: 3"),
        "");
    shop.client().ask("HEAD", "/a", "Cache-Control: no-cache");
    shop.page("/a", "new", "Cache-Control: max-age=600", "Vary: Accept-Language");
    assertThat(shop.get("/a", "Accept-Language: fr").text()).isEqualTo("new");
  }

  /// What an app tells him whom it knows is no news of what it told everybody.
  @Test
  void aHeadOfSomebodyKnownLeavesAloneWhatIsForThoseItDoesNotKnow() {
    shop.page("/a", "all", "Cache-Control: max-age=600, must-revalidate");
    shop.get("/a");
    String[] known = {"Authorization: Basic Ym9iOmJvYg==", "Cookie: session=bob"};
    for (String credentials : known) {
      shop.raw(
          "HEAD /a",
          head(
              "200 OK",
              "Cache-Control: max-age=600, must-revalidate",
              "X-For: bob",
              "Content-Length: 3"),
          "");
      RawClient.Response head = shop.client().ask("HEAD", "/a", credentials);
      assertThat(head.field("X-For")).isEqualTo("bob");
      RawClient.Response later = shop.get("/a");
      assertThat(later.field("X-For")).isEmpty();
      assertThat(later.field("Cache-Status")).contains("hit");
    }
  }

  @Test
  void whatAPurgeHasEndedStandsInForNoError() throws Exception {
    stale("/a", "HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n");
    try (RawClient before = ask("/a")) {
      await(() -> shop.asked("/a") == 2, "it to be validated");
      assertThat(shop.edge.purgeUrl("http://shop.test/a", false)).isNotNull();
      hold.countDown();
      assertThat(before.response().status()).isEqualTo(503);
    }
  }

  @Test
  void norForAnAppThatIsGone() throws Exception {
    stale("/a", "");
    try (RawClient before = ask("/a")) {
      await(() -> shop.asked("/a") == 2, "it to be validated");
      assertThat(shop.edge.purgeUrl("http://shop.test/a", false)).isNotNull();
      hold.countDown();
      assertThat(before.response().status()).isEqualTo(502);
    }
  }

  private static String head(String status, String... fields) {
    return "HTTP/1.1 " + status + "\r\n" + String.join("\r\n", fields) + "\r\n\r\n";
  }
}
