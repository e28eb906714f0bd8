package dev.freshet.live;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.base.ByteSize;
import dev.freshet.testkit.RawClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveTest {
  private Stage stage = new Stage();

  @AfterEach
  void close() {
    stage.close();
  }

  private void stageWith(LiveConfig config) {
    stage.close();
    stage = new Stage(config);
  }

  private static LiveConfig config(int perAddress, int urls, String... origins) {
    LiveConfig d = LiveConfig.defaults();
    return new LiveConfig(
        Set.of(origins),
        d.maxClients(),
        perAddress,
        urls,
        new ByteSize(500),
        d.maxFetches(),
        Duration.ofSeconds(25),
        false);
  }

  private static String event(JsonNode json) {
    return json.path("event").asText();
  }

  private static int value(JsonNode json) {
    return json.path("body").path("value").asInt(-1);
  }

  @Test
  void endsOnceHoweverOftenItIsTold() {
    stage.close();
    assertThatCode(stage::close).doesNotThrowAnyException();
  }

  // ---- what is told ----

  @Test
  void tellsTheBodyNowAndWheneverItsRowChanges() {
    stage.write("a", "1");
    try (Browser browser = new Browser(stage.port(), null)) {
      JsonNode first = browser.subscribe("/rows/a", "body").next();
      assertThat(event(first)).isEqualTo("subscribed");
      assertThat(value(first)).isEqualTo(1);
      stage.write("b", "5");
      stage.write("a", "2");
      JsonNode second = browser.next();
      assertThat(event(second)).isEqualTo("body");
      assertThat(value(second)).isEqualTo(2);
      assertThat(second.path("etag").asText()).isEqualTo("\"2\"");
      assertThat(second.path("at").asText()).isEqualTo("0/406");
      assertThat(second.path("version").asText()).isNotEqualTo(first.path("version").asText());
    }
  }

  @Test
  void aNoticeHasTheNewEtagAndNoContent() {
    stage.write("a", "1");
    try (Browser browser = new Browser(stage.port(), null)) {
      assertThat(browser.subscribe("/rows/a", "notice").next().has("body")).isFalse();
      stage.write("a", "2");
      JsonNode notice = browser.next();
      assertThat(event(notice)).isEqualTo("notice");
      assertThat(notice.path("etag").asText()).isEqualTo("\"2\"");
      assertThat(notice.has("body")).isFalse();
    }
  }

  @Test
  void aPatchLeadsFromTheLastStateToTheNew() {
    stage.write("a", "[1, 2, {\"x\": \"" + "long ".repeat(40) + "\"}]");
    try (Browser browser = new Browser(stage.port(), null)) {
      JsonNode first = browser.subscribe("/rows/a", "patch").next();
      stage.write("a", "[1, 3, {\"x\": \"" + "long ".repeat(40) + "\"}]");
      JsonNode patch = browser.next();
      assertThat(event(patch)).isEqualTo("patch");
      assertThat(patch.path("from")).isEqualTo(first.path("version"));
      assertThat(patch.path("patch").toString())
          .isEqualTo("[{\"op\":\"replace\",\"path\":\"/value/1\",\"value\":3}]");
    }
  }

  @Test
  void isSilentWhenTheAnswerComesOutTheSame() {
    stage.write("a", "1");
    try (Browser browser = new Browser(stage.port(), null)) {
      browser.subscribe("/rows/a", "body").next();
      stage.write("a", "1");
      stage.write("a", "2");
      assertThat(value(browser.next())).isEqualTo(2);
    }
  }

  /// The app reads, the row changes, the app answers with what it read: the classic gap.
  @Test
  void losesNothingThatIsWrittenWhileTheFirstAnswerIsBeingMade() {
    stage.write("a", "1");
    stage.slow =
        () -> {
          stage.slow = () -> {};
          stage.write("a", "2");
        };
    try (Browser browser = new Browser(stage.port(), null)) {
      assertThat(value(browser.subscribe("/rows/a", "body").next())).isEqualTo(1);
      assertThat(value(browser.next())).isEqualTo(2);
    }
  }

  @Test
  void twoHundredSubscribersOfOneAnswerCostOneFetchAChange() {
    stageWith(config(2_000, 100));
    stage.write("a", "1");
    List<Browser> browsers = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        browsers.add(new Browser(stage.port(), null).subscribe("/rows/a", "body"));
      }
      browsers.forEach(each -> assertThat(value(each.next())).isEqualTo(1));
      int before = stage.fetches.get();
      stage.write("a", "2");
      browsers.forEach(each -> assertThat(value(each.next())).isEqualTo(2));
      assertThat(stage.fetches.get() - before).isEqualTo(1);
      assertThat(stage.live.snapshot().topics()).isEqualTo(1);
    } finally {
      browsers.forEach(Browser::close);
    }
  }

  // ---- who is told ----

  @Test
  void twoUsersNeverSeeEachOthers() {
    stage.write("a", "1");
    try (Browser ann = new Browser(stage.port(), "user=ann");
        Browser bob = new Browser(stage.port(), "user=bob")) {
      ann.subscribe("/mine/a", "body");
      bob.subscribe("/mine/a", "body");
      for (int i = 1; i < 50; i++) {
        assertThat(ann.next().path("body").path("user").asText()).isEqualTo("ann");
        assertThat(bob.next().path("body").path("user").asText()).isEqualTo("bob");
        stage.write("a", Integer.toString(i + 1));
      }
    }
  }

  @Test
  void nobodySeesMoreThanTheAppWouldGive() {
    stage.write("a", "1");
    try (Browser nobody = new Browser(stage.port(), null);
        Browser ann = new Browser(stage.port(), "user=ann")) {
      JsonNode refused = nobody.subscribe("/mine/a", "body").next();
      assertThat(event(refused)).isEqualTo("refused");
      assertThat(refused.path("status").asInt()).isEqualTo(401);
      ann.subscribe("/mine/a", "body").next();
      stage.status = 403;
      stage.write("a", "2");
      JsonNode ended = ann.next();
      assertThat(event(ended)).isEqualTo("ended");
      assertThat(ended.path("status").asInt()).isEqualTo(403);
      assertThat(ended.has("body")).isFalse();
    }
  }

  @Test
  void saysWhyAUrlIsNotFollowed() {
    stage.write("big", "\"" + "x".repeat(2_000) + "\"");
    stageWith(config(100, 3));
    stage.write("big", "\"" + "x".repeat(2_000) + "\"");
    stage.write("a", "1");
    try (Browser browser = new Browser(stage.port(), null)) {
      JsonNode clock = browser.subscribe("/clock", "body").next();
      assertThat(clock.path("reason").asText()).isEqualTo("not-row-fresh");
      assertThat(clock.path("detail").asText()).isEqualTo("untraced-statement");
      assertThat(browser.subscribe("/rows/big", "body").next().path("reason").asText())
          .isEqualTo("too-large");
      assertThat(browser.subscribe("//evil.test/", "body").next().path("reason").asText())
          .isEqualTo("bad-url");
      assertThat(browser.subscribe("/.freshet/live.js", "body").next().path("reason").asText())
          .isEqualTo("bad-url");
      for (int i = 0; i < 3; i++) {
        browser.subscribe("/rows/a?" + i, "notice").next();
      }
      assertThat(browser.subscribe("/rows/a", "notice").next().path("reason").asText())
          .isEqualTo("too-many");
      browser.say("{\"unsubscribe\":[\"/rows/a?0\"]}");
      assertThat(event(browser.subscribe("/rows/a", "notice").next())).isEqualTo("subscribed");
    }
  }

  @Test
  void pagesOfOtherSitesOpenNoChannel() {
    stageWith(config(100, 100, "https://friend.test"));
    String key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    record Case(String origin, int status) {}
    for (Case each :
        List.of(
            new Case("Origin: http://evil.test", 403),
            new Case("Origin: http://shop.test.evil.test", 403),
            new Case("Origin: null", 403),
            new Case("Sec-Fetch-Site: cross-site", 403),
            new Case("Origin: https://friend.test", 101),
            new Case("Origin: http://shop.test", 101),
            new Case("Origin: https://shop.test", 101),
            new Case("X-No: origin at all, so no browser", 101))) {
      try (RawClient client = RawClient.to(stage.port())) {
        RawClient.Response answer =
            client.get(
                Live.CHANNEL,
                "Connection: keep-alive, Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                key,
                each.origin());
        assertThat(answer.status()).as(each.origin()).isEqualTo(each.status());
      }
    }
  }

  @Test
  void refusesWhatIsNoHandshake() {
    try (RawClient client = RawClient.to(stage.port())) {
      assertThat(client.get(Live.CHANNEL).status()).isEqualTo(400);
      assertThat(client.ask("POST", Live.CHANNEL, "Content-Length: 0").status()).isEqualTo(405);
      RawClient.Response old =
          client.get(
              Live.CHANNEL,
              "Connection: Upgrade",
              "Upgrade: websocket",
              "Sec-WebSocket-Version: 8",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
      assertThat(old.status()).isEqualTo(426);
      assertThat(old.field("Sec-WebSocket-Version")).isEqualTo("13");
      RawClient.Response keyless =
          client.get(
              Live.CHANNEL,
              "Connection: Upgrade",
              "Upgrade: websocket",
              "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: short");
      assertThat(keyless.status()).isEqualTo(400);
      assertThat(client.get("/index.html").text()).isEqualTo("hello");
      assertThat(client.get("/.freshet/else").text()).isEqualTo("hello");
    }
  }

  @Test
  void oneAddressHoldsOnlySoManyChannelsAndGetsThemBack() {
    stageWith(config(2, 10));
    try (RawClient refused = RawClient.to(stage.port());
        Browser kept = new Browser(stage.port(), null)) {
      Browser gone = new Browser(stage.port(), null);
      assertThat(refused.get(Live.CHANNEL + "?url=/rows/a").status()).isEqualTo(429);
      gone.say("nonsense");
      assertThat(gone.next().path("code").asInt()).isEqualTo(1008);
      stage.write("a", "1");
      try (Browser again = whenThereIsRoom()) {
        assertThat(value(again.subscribe("/rows/a", "body").next())).isEqualTo(1);
        assertThat(kept.closeCode()).isZero();
      }
    }
  }

  /// A client hears that it was closed before its place is free.
  private Browser whenThereIsRoom() {
    List<Browser> opened = new ArrayList<>();
    await(
        () -> {
          try {
            return opened.add(new Browser(stage.port(), null));
          } catch (CompletionException refused) {
            return false;
          }
        },
        "room for another channel");
    return opened.getFirst();
  }

  // ---- coming and going ----

  @Test
  void whoComesBackHearsOnlyWhatChangedMeanwhile() {
    stage.write("a", "1");
    stage.write("b", "1");
    String a;
    String b;
    try (Browser browser = new Browser(stage.port(), null)) {
      a = browser.subscribe("/rows/a", "body").next().path("version").asText();
      b = browser.subscribe("/rows/b", "body").next().path("version").asText();
    }
    stage.write("b", "2");
    stage.restart();
    try (Browser browser = new Browser(stage.port(), null)) {
      JsonNode same = browser.subscribe("/rows/a", "body", a).next();
      assertThat(same.path("version").asText()).isEqualTo(a);
      assertThat(same.has("body")).isFalse();
      assertThat(value(browser.subscribe("/rows/b", "body", b).next())).isEqualTo(2);
    }
  }

  @Test
  void withoutAFeedItSaysSoAndGoesOnWhenItIsBack() {
    stage.write("a", "1");
    try (Browser browser = new Browser(stage.port(), null)) {
      browser.subscribe("/rows/a", "body").next();
      stage.feed.detach();
      assertThat(event(browser.next())).isEqualTo("paused");
      stage.rows.put("a", "2");
      try (Browser late = new Browser(stage.port(), null)) {
        assertThat(event(late.subscribe("/rows/a", "body").next())).isEqualTo("paused");
        stage.attach();
        assertThat(event(browser.next())).isEqualTo("resumed");
        assertThat(value(browser.next())).isEqualTo(2);
        assertThat(event(late.next())).isEqualTo("resumed");
        assertThat(value(late.next())).isEqualTo(2);
      }
    }
  }

  @Test
  void anAppThatFailsIsAskedAgain() {
    stage.write("a", "1");
    try (Browser browser = new Browser(stage.port(), null)) {
      browser.subscribe("/rows/a", "body").next();
      stage.status = 503;
      int before = stage.fetches.get();
      stage.slow =
          () -> {
            if (stage.fetches.get() > before) {
              stage.status = 0;
            }
          };
      stage.write("a", "2");
      assertThat(value(browser.next())).isEqualTo(2);
    }
  }

  @Test
  void theLastWordIsGoingAway() {
    try (Browser browser = new Browser(stage.port(), null)) {
      stage.write("a", "1");
      browser.subscribe("/rows/a", "body").next();
      stage.live.drain();
      assertThat(browser.next().path("code").asInt()).isEqualTo(1001);
    }
  }

  /// It reads nothing until megabytes were meant for it; then it is told that some were skipped,
  /// and the last state.
  @Test
  void aSlowSubscriberSkipsStatesAndGetsTheLast() throws IOException {
    String filler = ",\"x\":\"" + "y".repeat(100_000) + "\"}";
    stage.write("a", "{\"n\":0" + filler);
    try (Socket slow = new Socket();
        Browser quick = new Browser(stage.port(), null)) {
      slow.setReceiveBufferSize(8_192);
      slow.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), stage.port()));
      slow.setSoTimeout(10_000);
      slow.getOutputStream()
          .write(
              "GET /.freshet/live?as=body&url=/rows/a HTTP/1.1\r\nHost: shop.test\r\n\r\n"
                  .getBytes(StandardCharsets.ISO_8859_1));
      quick.subscribe("/rows/a", "body").next();
      int states = 100;
      for (int i = 1; i <= states; i++) {
        stage.write("a", "{\"n\":" + i + filler);
        while (quick.next().path("body").path("value").path("n").asInt(-1) < i) {
          assertThat(quick.closeCode()).isZero();
        }
      }
      List<Integer> told = new ArrayList<>();
      boolean resynced = false;
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(slow.getInputStream(), StandardCharsets.ISO_8859_1));
      while (told.isEmpty() || told.getLast() < states) {
        String line = lines.readLine();
        resynced |= line.contains("\"event\":\"resync\"");
        int at = line.indexOf("\"n\":");
        if (line.startsWith("data: ") && at > 0) {
          told.add(Integer.parseInt(line.substring(at + 4, line.indexOf(',', at))));
        }
      }
      assertThat(told).isSorted().doesNotHaveDuplicates().hasSizeLessThan(states);
      assertThat(resynced).isTrue();
    }
  }

  @Test
  void manyChangesWhileTheAppIsSlowEndInTheLastState() {
    stage.write("a", "0");
    CountDownLatch held = new CountDownLatch(1);
    try (Browser browser = new Browser(stage.port(), null)) {
      browser.subscribe("/rows/a", "body").next();
      stage.slow =
          () -> {
            try {
              held.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          };
      for (int i = 1; i <= 500; i++) {
        stage.write("a", Integer.toString(i));
      }
      int before = stage.fetches.get();
      held.countDown();
      int last = 0;
      while (last < 500) {
        int next = value(browser.next());
        assertThat(next).isGreaterThan(last);
        last = next;
      }
      assertThat(stage.fetches.get() - before).isLessThan(5);
    }
  }
}
