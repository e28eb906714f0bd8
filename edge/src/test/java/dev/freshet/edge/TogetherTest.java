package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RawClient;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What those are given who wait for another's trip: never what is only his, never what is older
/// than their question.
// JUnit ends a test that is interrupted.
@SuppressWarnings("InterruptedExceptionSwallowed")
@Timeout(60)
class TogetherTest {
  private final CountDownLatch hold = new CountDownLatch(1);
  private final Shopfront shop = new Shopfront();

  @AfterEach
  void close() {
    hold.countDown();
    shop.close();
  }

  private RawClient ask(String target, String... lines) {
    RawClient client = shop.client();
    client.send(
        "GET "
            + target
            + " HTTP/1.1\r\nHost: shop.test\r\n"
            + String.join("\r\n", lines)
            + (lines.length == 0 ? "\r\n" : "\r\n\r\n"));
    return client;
  }

  /// What was sent before has been looked at when these are answered, whichever loop it is on.
  private void letSettle() {
    shop.page("/other", "x", "Cache-Control: max-age=600");
    for (int i = 0; i < 50; i++) {
      assertThat(shop.get("/other").text()).isEqualTo("x");
    }
  }

  private void release() {
    letSettle();
    hold.countDown();
  }

  private void awaitHold() throws InterruptedException {
    assertThat(hold.await(30, TimeUnit.SECONDS)).isTrue();
  }

  private static String who(String head) {
    return head.contains("who=ann") ? "ann" : "bob";
  }

  /// A page for each, confirmed or refused while others wait.
  private Shopfront.Act personal(String lines, String second) {
    return (peer, head) -> {
      if (head.contains("If-None-Match: \"ann\"")) {
        awaitHold();
        peer.send(second);
        return;
      }
      String text = "for " + who(head);
      peer.send("HTTP/1.1 200 OK\r\nETag: \"" + who(head) + "\"\r\n" + lines);
      peer.send("Vary: Cookie\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
    };
  }

  @Test
  void whatIsConfirmedForOneIsGivenToThoseOnlyWhomItFits() throws Exception {
    String lines = "Cache-Control: public, no-cache\r\n";
    shop.act(
        "/me", personal(lines, "HTTP/1.1 304 Not Modified\r\nETag: \"ann\"\r\n" + lines + "\r\n"));
    assertThat(shop.get("/me", "Cookie: who=ann").text()).isEqualTo("for ann");
    try (RawClient ann = ask("/me", "Cookie: who=ann")) {
      await(() -> shop.asked("/me") == 2, "ann's page to be validated");
      RawClient bob = ask("/me", "Cookie: who=bob");
      RawClient annAgain = ask("/me", "Cookie: who=ann");
      release();
      assertThat(ann.response().text()).isEqualTo("for ann");
      assertThat(bob.response().text()).isEqualTo("for bob");
      assertThat(annAgain.response().text()).isEqualTo("for ann");
      assertThat(shop.asked("/me")).isEqualTo(3);
    }
  }

  @Test
  void whatStandsInForAnErrorIsGivenToThoseOnlyWhomItFits() throws Exception {
    shop.act(
        "/me",
        personal(
            "Cache-Control: public, max-age=5, stale-if-error=600\r\n",
            "HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n"));
    assertThat(shop.get("/me", "Cookie: who=ann").text()).isEqualTo("for ann");
    shop.time.advance(Duration.ofSeconds(10));
    try (RawClient ann = ask("/me", "Cookie: who=ann")) {
      await(() -> shop.asked("/me") == 2, "ann's page to be asked for");
      RawClient bob = ask("/me", "Cookie: who=bob");
      release();
      assertThat(ann.response().text()).isEqualTo("for ann");
      assertThat(bob.response().text()).isEqualTo("for bob");
    }
  }

  @Test
  void whoHasAStoredAnswerOfHisOwnIsGivenThatWhereTheAppIsAway() throws Exception {
    AtomicBoolean isAway = new AtomicBoolean();
    Shopfront.Act there = personal("Cache-Control: public, max-age=5, stale-if-error=600\r\n", "");
    shop.act(
        "/me",
        (peer, head) -> {
          if (isAway.get()) {
            awaitHold();
            peer.send("HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n");
          } else {
            there.play(peer, head);
          }
        });
    assertThat(shop.get("/me", "Cookie: who=ann").text()).isEqualTo("for ann");
    assertThat(shop.get("/me", "Cookie: who=bob").text()).isEqualTo("for bob");
    shop.time.advance(Duration.ofSeconds(10));
    isAway.set(true);
    try (RawClient ann = ask("/me", "Cookie: who=ann")) {
      await(() -> shop.asked("/me") == 3, "ann's page to be asked for");
      RawClient bob = ask("/me", "Cookie: who=bob");
      release();
      assertThat(ann.response().text()).isEqualTo("for ann");
      assertThat(bob.response().text()).isEqualTo("for bob");
    }
  }

  /// RFC 9111, section 5.2.2.7: such a field is for a single user.
  @Test
  void aFieldThatIsForOneIsNotGivenToThoseWhoReadAlong() throws Exception {
    shop.page(
        "/a",
        "hello",
        hold,
        "Cache-Control: max-age=60, private=\"Set-Cookie\"",
        "Set-Cookie: sid=ann");
    try (RawClient ann = ask("/a")) {
      await(() -> shop.asked("/a") == 1, "ann's trip to begin");
      RawClient bob = ask("/a");
      release();
      assertThat(ann.response().field("Set-Cookie")).isEqualTo("sid=ann");
      RawClient.Response along = bob.response();
      assertThat(along.field("Set-Cookie")).isEmpty();
      assertThat(along.text()).isEqualTo("hello");
      assertThat(shop.asked("/a")).isEqualTo(1);
    }
  }

  private void answersOldAtFirst(String target) {
    shop.act(
        target,
        (peer, head) -> {
          boolean isFirst = shop.asked(target) == 1;
          if (isFirst) {
            awaitHold();
          }
          String text = isFirst ? "old" : "new";
          peer.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nCache-Groups: \"g\"\r\n");
          peer.send("Content-Length: " + text.length() + "\r\n\r\n" + text);
        });
  }

  private void isNewAfter(String target, Runnable purge) throws Exception {
    answersOldAtFirst(target);
    try (RawClient before = ask(target)) {
      await(() -> shop.asked(target) == 1, "the first trip to begin");
      purge.run();
      RawClient after = ask(target);
      RawClient afterThat = ask(target);
      release();
      assertThat(before.response().text()).isEqualTo("old");
      assertThat(after.response().text()).isEqualTo("new");
      assertThat(afterThat.response().text()).isEqualTo("new");
      assertThat(shop.get(target).text()).isEqualTo("new");
      assertThat(shop.asked(target)).isEqualTo(2);
    }
  }

  @Test
  void whoAsksAfterAWriteWaitsForNoTripThatBeganBefore() throws Exception {
    shop.raw("POST /cart", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nLocation: /list\r\n\r\n", "");
    isNewAfter("/list", () -> shop.client().ask("POST", "/cart", "Content-Length: 0"));
  }

  @Test
  void norWhoAsksAfterAUrlWasPurged() throws Exception {
    isNewAfter("/list", () -> shop.edge.purgeUrl("http://shop.test/list", false));
  }

  @Test
  void norAfterAPrefixWas() throws Exception {
    isNewAfter("/list", () -> shop.edge.purgePrefix("http://shop.test/", true));
  }

  @Test
  void norAfterAGroupWas() throws Exception {
    isNewAfter("/list", () -> shop.edge.purgeGroup("g", false));
  }

  @Test
  void norAfterEverythingWas() throws Exception {
    isNewAfter("/list", () -> shop.edge.purgeAll(true));
  }
}
