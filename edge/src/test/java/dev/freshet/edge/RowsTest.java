package dev.freshet.edge;

import static dev.freshet.edge.RowWorld.product;
import static dev.freshet.edge.RowWorld.reading;
import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.freshness.Comparison;
import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Doubt;
import dev.freshet.freshness.Trail;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RawClient.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What `cache: rows` promises, one sentence a test.
class RowsTest {
  private final RowWorld world = new RowWorld(null);
  private Shopfront shop = RowWorld.open(world);

  @AfterEach
  void close() {
    shop.close();
  }

  private void reopen(RouteRule... rules) {
    shop.close();
    shop = Shopfront.on(world.database(), null, rules);
  }

  private static String status(Response response) {
    return String.valueOf(response.field("Cache-Status"));
  }

  @Test
  void servesAStoredAnswerUntilItsRowChanges() {
    shop.act("/p", world.answer("old", reading(product(42))));
    assertThat(status(shop.get("/p"))).isEqualTo("freshet; fwd=uri-miss; fwd-status=200; stored");
    world.change(43);
    assertThat(status(shop.get("/p"))).isEqualTo("freshet; hit");
    shop.act("/p", world.answer("new", reading(product(42))));
    world.change(42);
    Response after = shop.get("/p");
    assertThat(after.text()).isEqualTo("new");
    assertThat(status(after)).startsWith("freshet; fwd=stale");
    assertThat(shop.get("/p").text()).isEqualTo("new");
    assertThat(shop.asked("/p")).isEqualTo(2);
  }

  @Test
  void aTripThatChangedRowsMadeNeedlessIsCounted() {
    shop.act("/p", world.answer("old", reading(product(42))));
    shop.get("/p");
    assertThat(refills()).containsExactly(0, 0);
    world.change(42);
    shop.get("/p");
    assertThat(refills()).containsExactly(1, 0);
    world.change(42);
    shop.act("/p", world.answer("new", reading(product(42))));
    shop.get("/p");
    assertThat(refills()).containsExactly(1, 1);
    shop.get("/q");
    shop.get("/p");
    assertThat(refills()).containsExactly(1, 1);
  }

  private long[] refills() {
    EdgeSnapshot.RouteLine line = shop.edge.snapshot().routes().getFirst();
    return new long[] {line.refilledSame(), line.refilledOther()};
  }

  @Test
  void livesLongerThanAnyLifetimeTheAppNamed() {
    shop.act("/p", world.answer("old", reading(product(42)), "Cache-Control: max-age=5"));
    shop.get("/p");
    shop.time.advance(Duration.ofDays(2));
    assertThat(status(shop.get("/p"))).isEqualTo("freshet; hit");
  }

  @Test
  void aRulesTtlIsABoundBeside() {
    reopen(Shopfront.rows("/**", Share.PUBLIC).withTtl(Duration.ofSeconds(9)));
    shop.act("/p", world.answer("old", reading(product(42))));
    shop.get("/p");
    assertThat(status(shop.get("/p"))).isEqualTo("freshet; hit; ttl=9");
    shop.time.advance(Duration.ofSeconds(10));
    assertThat(status(shop.get("/p"))).startsWith("freshet; fwd=stale");
  }

  @Test
  void browsersKeepItButAskEachTime() {
    shop.act(
        "/p",
        world.answer(
            "old",
            reading(product(42)),
            "Cache-Control: max-age=60",
            "Expires: Wed, 01 Jan 2031 00:00:00 GMT",
            "CDN-Cache-Control: max-age=70",
            "Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT"));
    Response first = shop.get("/p");
    Response second = shop.get("/p");
    for (Response told : List.of(first, second)) {
      assertThat(told.field("Cache-Control")).isEqualTo("private, no-cache");
      assertThat(told.field("Expires")).isEmpty();
      assertThat(told.field("CDN-Cache-Control")).isEmpty();
    }
    String tag = String.valueOf(second.field("ETag"));
    assertThat(tag).startsWith("\"rows-");
    assertThat(shop.get("/p", "If-None-Match: " + tag).status()).isEqualTo(304);
    world.change(42);
    shop.act("/p", world.answer("new", reading(product(42))));
    shop.get("/p");
    Response changed = shop.get("/p", "If-None-Match: " + tag);
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.text()).isEqualTo("new");
  }

  @Test
  void theTagIsOfTheWholeContentHoweverItCame() {
    String content = new Rolls(7).text(400_000, "abc");
    shop.act("/p", world.answer(content, reading(product(42))));
    shop.get("/p");
    byte[][] whole = {content.getBytes(StandardCharsets.ISO_8859_1)};
    assertThat(shop.get("/p").field("ETag"))
        .isEqualTo("\"rows-" + new Sha256().addAll(whole).endShort() + '"');
  }

  /// Two changes may fall into one second.
  @Test
  void aTimeOfChangeConfirmsNothing() {
    String date = "Wed, 01 Jan 2020 00:00:00 GMT";
    shop.act("/p", world.answer("old", reading(product(42)), "Last-Modified: " + date));
    shop.get("/p");
    assertThat(shop.get("/p", "If-Modified-Since: " + date).status()).isEqualTo(200);
    assertThat(shop.get("/p", "Range: bytes=0-0", "If-Range: " + date).status()).isEqualTo(200);
    world.change(42);
    shop.get("/p");
    assertThat(RowWorld.field(shop.lastHead(), "if-modified-since")).isEmpty();
  }

  @Test
  void isForTheOneUserItWasMadeFor() {
    shop.act("/p", world.answer("anna's", reading(product(42))));
    shop.get("/p", "Cookie: sid=anna");
    shop.act("/p", world.answer("bert's", reading(product(42))));
    assertThat(shop.get("/p", "Cookie: sid=bert").text()).isEqualTo("bert's");
    assertThat(shop.get("/p", "Cookie: sid=anna").text()).isEqualTo("anna's");
    assertThat(shop.asked("/p")).isEqualTo(2);
  }

  @Test
  void aCookieIsSetOnceAndNeverKept() {
    shop.act("/p", world.answer("hello", reading(product(42)), "Set-Cookie: sid=1"));
    assertThat(shop.get("/p").field("Set-Cookie")).isEqualTo("sid=1");
    assertThat(shop.get("/p").field("Set-Cookie")).isEqualTo("sid=1");
    assertThat(shop.asked("/p")).isEqualTo(2);
  }

  /// Also where rows can't keep it and the app names a time: all who have no cookie yet share.
  @Test
  void aCookieIsNotKeptByTimeEither() {
    shop.act("/p", world.answer("hi", trail -> {}, "Cache-Control: max-age=60", "Set-Cookie: a=1"));
    assertThat(shop.get("/p").field("Set-Cookie")).isEqualTo("a=1");
    shop.act("/p", world.answer("hi", trail -> {}, "Cache-Control: max-age=60", "Set-Cookie: a=2"));
    assertThat(shop.get("/p").field("Set-Cookie")).isEqualTo("a=2");
  }

  @Test
  void whatForbidsStoringStillDoes() {
    shop.act("/p", world.answer("secret", reading(product(42)), "Cache-Control: no-store"));
    assertThat(status(shop.get("/p"))).contains("detail=no-store");
    shop.act("/p", world.answer("secret", reading(product(42)), "Vary: *"));
    assertThat(status(shop.get("/p"))).contains("detail=vary-star");
    assertThat(shop.asked("/p")).isEqualTo(2);
  }

  @Test
  void withoutStatementsNothingIsKeptAndEverybodyIsToldWhy() {
    shop.act("/p", world.answer("hello", trail -> {}));
    assertThat(status(shop.get("/p")))
        .isEqualTo("freshet; fwd=uri-miss; fwd-status=200; detail=nothing-seen");
    assertThat(status(shop.get("/p"))).doesNotContain("hit");
    assertThat(shop.edge.snapshot().routes().getFirst().notStored())
        .containsEntry("nothing-seen", 2L);
  }

  @Test
  void whatCantBeToldFallsBackToWhatTheResponseSays() {
    shop.act(
        "/p",
        world.answer(
            "hello",
            trail -> trail.unclear(Doubt.NOT_ANALYSABLE, "random()"),
            "Cache-Control: max-age=60, public"));
    assertThat(status(shop.get("/p"))).contains("detail=not-analysable");
    assertThat(status(shop.get("/p"))).isEqualTo("freshet; hit; ttl=60");
  }

  @Test
  void anAnswerThatWasOvertakenWhileItWasMadeIsNotKept() {
    shop.act(
        "/p",
        world.answer(
            "old",
            trail -> {
              trail.reads(List.of(product(42)));
              world.change(42);
            }));
    shop.get("/p");
    assertThat(status(shop.get("/p"))).doesNotContain("hit");
    assertThat(shop.edge.snapshot().routes().getFirst().notStored()).containsKey("overtaken");
  }

  @Test
  void withoutAFeedNothingIsServedFromMemory() {
    shop.act("/p", world.answer("old", reading(product(42))));
    shop.get("/p");
    world.freshness.feed().detach();
    Response meanwhile = shop.get("/p");
    assertThat(status(meanwhile)).contains("detail=no-feed");
    world.change(1);
    world.attach();
    shop.get("/p");
    assertThat(shop.asked("/p")).isEqualTo(3);
    assertThat(status(shop.get("/p"))).isEqualTo("freshet; hit");
  }

  @Test
  void neverServesWhatHasChangedThoughTheAppIsBroken() {
    shop.act("/p", world.answer("old", reading(product(42)), "Cache-Control: stale-if-error=600"));
    shop.get("/p");
    world.change(42);
    shop.act("/p", (peer, head) -> peer.send("HTTP/1.1 503 Broken\r\nContent-Length: 0\r\n\r\n"));
    assertThat(shop.get("/p").status()).isEqualTo(503);
    shop.act("/p", (peer, head) -> peer.close());
    assertThat(shop.get("/p").status()).isEqualTo(502);
  }

  @Test
  void whoComesWhileAnAnswerIsMadeSharesItIfNothingHasChanged()
      throws InterruptedException, ExecutionException, TimeoutException {
    CountDownLatch go = new CountDownLatch(1);
    shop.act("/p", slowly("old", go));
    Future<Response> leader = later("/p");
    await(() -> shop.asked("/p") == 1, "the trip");
    Future<Response> follower = later("/p");
    await(() -> shop.edge.snapshot().connections() >= 2, "the follower");
    go.countDown();
    assertThat(leader.get(20, TimeUnit.SECONDS).text()).isEqualTo("old");
    assertThat(follower.get(20, TimeUnit.SECONDS).text()).isEqualTo("old");
    assertThat(shop.asked("/p")).isEqualTo(1);
  }

  /// The leader's trip had read the old row before; the follower came when the change was
  /// published.
  @Test
  void whoComesAfterAChangeNeverGetsWhatWasReadBefore()
      throws InterruptedException, ExecutionException, TimeoutException {
    CountDownLatch go = new CountDownLatch(1);
    shop.act("/p", slowly("old", go));
    Future<Response> leader = later("/p");
    await(() -> shop.asked("/p") == 1, "the trip");
    world.change(42);
    shop.act("/p", world.answer("new", reading(product(42))));
    Future<Response> follower = later("/p");
    await(() -> shop.edge.snapshot().connections() >= 2, "the follower");
    go.countDown();
    assertThat(leader.get(20, TimeUnit.SECONDS).text()).isEqualTo("old");
    assertThat(follower.get(20, TimeUnit.SECONDS).text()).isEqualTo("new");
    assertThat(shop.get("/p").text()).isEqualTo("new");
  }

  /// Each of them came before the second trip began, so it is as new as one of his own. Else what
  /// changes faster than it is made would be asked for by everybody.
  @Test
  void whoWaitsForTheNextTripSharesItThoughItIsOvertakenToo() {
    CountDownLatch go = new CountDownLatch(1);
    shop.act("/p", slowly("old", go));
    try (RawHttp2 client = RawHttp2.to(shop.edge.addresses().getFirst().port())) {
      // One loop takes all in order: the last one's answer says that the others were taken.
      client.get(1, "/p").get(3, "/p").get(5, "/p").get(7, "/p").get(9, "/q").answer(9);
      world.change(42);
      shop.act("/p", world.answer("new", reading(product(42)).andThen(trail -> world.change(42))));
      shop.time.advance(Duration.ofMillis(1));
      go.countDown();
      assertThat(client.answer(1).text()).isEqualTo("old");
      for (int follower : List.of(3, 5, 7)) {
        assertThat(client.answer(follower).text()).isEqualTo("new");
      }
      assertThat(shop.asked("/p")).isEqualTo(2);
      assertThat(status(shop.get("/p"))).doesNotContain("hit");
    }
  }

  /// Reads at once, sends its head, and the content when told.
  private Shopfront.Act slowly(String content, CountDownLatch go) {
    return (peer, head) -> {
      world.trail(head).reads(List.of(product(42)));
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + content.length() + "\r\n\r\n");
      if (go.await(20, TimeUnit.SECONDS)) {
        peer.send(content);
      }
    };
  }

  private Future<Response> later(String target) {
    RawClient client = shop.client();
    return CompletableFuture.supplyAsync(() -> client.get(target));
  }

  @Test
  void theAppsConfirmationIsWorthWhatItsOwnTripRead() {
    Shopfront.Act app =
        (peer, head) -> {
          world.trail(head).reads(List.of(product(42)));
          boolean isKnown = RowWorld.field(head, "if-none-match").equals("\"v1\"");
          peer.send(
              isKnown
                  ? "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n"
                  : "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 5\r\n\r\nhello");
        };
    shop.act("/p", app);
    shop.get("/p");
    world.change(42);
    Response confirmed = shop.get("/p");
    assertThat(confirmed.text()).isEqualTo("hello");
    assertThat(status(confirmed)).contains("fwd-status=304");
    assertThat(refills()).containsExactly(1, 0);
    assertThat(status(shop.get("/p"))).isEqualTo("freshet; hit");
    assertThat(shop.asked("/p")).isEqualTo(2);
    world.change(42);
    shop.get("/p");
    assertThat(shop.asked("/p")).isEqualTo(3);
  }

  @Test
  void aConfirmationOfUnknownOriginConfirmsNothingForOthers() {
    shop.act("/p", world.answer("hello", reading(product(42)), "ETag: \"v1\""));
    shop.get("/p");
    world.change(42);
    shop.act("/p", (peer, head) -> peer.send("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n"));
    assertThat(shop.get("/p").text()).isEqualTo("hello");
    shop.get("/p");
    assertThat(shop.asked("/p")).isEqualTo(3);
  }

  @Test
  void aCodedFormEndsWithTheRows() {
    reopen(Shopfront.rows("/**", Share.PUBLIC));
    String page = "<p>".repeat(2_000);
    shop.act("/p", world.answer(page, reading(product(42)), "Content-Type: text/html"));
    shop.get("/p");
    assertThat(shop.get("/p", "Accept-Encoding: gzip").field("Content-Encoding")).isEqualTo("gzip");
    assertThat(shop.get("/p", "Accept-Encoding: gzip").field("Content-Encoding")).isEqualTo("gzip");
    assertThat(shop.asked("/p")).isEqualTo(1);
    world.change(42);
    shop.get("/p", "Accept-Encoding: gzip");
    assertThat(shop.asked("/p")).isEqualTo(2);
  }

  @Test
  void aHeadRequestProlongsNothing() {
    shop.act("/p", world.answer("hello", reading(product(42))));
    shop.get("/p");
    world.change(42);
    shop.act("/p", (peer, head) -> peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
    shop.client().ask("HEAD", "/p");
    shop.act("/p", world.answer("newer", reading(product(42))));
    assertThat(shop.get("/p").text()).isEqualTo("newer");
  }

  @Test
  void tablesNamedByTheOperatorStandForWhatIsNotSeen() {
    shop.close();
    shop = RowWorld.open(world, "products");
    shop.act("/p", world.answer("old", trail -> {}));
    shop.get("/p");
    assertThat(status(shop.get("/p"))).isEqualTo("freshet; hit");
    world.change(7);
    shop.get("/p");
    assertThat(shop.asked("/p")).isEqualTo(2);
  }

  @Test
  void aTableThatIsNotThereKeepsNothing() {
    shop.close();
    shop = RowWorld.open(world, "produkts");
    shop.act("/p", world.answer("old", trail -> {}));
    assertThat(status(shop.get("/p"))).contains("detail=not-analysable");
    assertThat(status(shop.get("/p"))).doesNotContain("hit");
  }

  @Test
  void aStatementStillBeingReadIsWaitedForButNotForLong() {
    shop.act(
        "/p",
        world.answer(
            "hello",
            trail -> {
              trail.awaits();
              CompletableFuture.runAsync(() -> {
                trail.reads(List.of(product(42)));
                trail.settled();
              });
            }));
    shop.get("/p");
    await(() -> status(shop.get("/p")).equals("freshet; hit"), "the answer to be kept");
    shop.act("/q", world.answer("hello", Trail::awaits));
    shop.get("/q");
    await(() -> notStored("too-slow") == 1, "the end of patience");
  }

  private long notStored(String reason) {
    return shop.edge.snapshot().routes().getFirst().notStored().getOrDefault(reason, 0L);
  }

  @Test
  void thePurgeOfATableFindsWhatWasMadeFromIt() {
    shop.act("/p", world.answer("hello", reading(product(42))));
    shop.act("/q", world.answer("hello", reading(new Dependency.Table(RowWorld.SESSIONS))));
    shop.get("/p");
    shop.get("/q");
    assertThat(shop.edge.purgeTable("products", false).entries()).isEqualTo(1);
    shop.get("/p");
    shop.get("/q");
    assertThat(shop.asked("/p")).isEqualTo(2);
    assertThat(shop.asked("/q")).isEqualTo(1);
  }

  @Test
  void saysWhatAnAnswerWasMadeFromAndWhyAnotherWasNotKept() {
    Dependency columns =
        new Dependency.Columns(
            new Dependency.Table(RowWorld.PRODUCTS),
            List.of(3, 2),
            List.of(new Comparison(4, Comparison.Sign.AT_MOST, "0")));
    shop.act("/p", world.answer("hello", reading(product(42), columns)));
    shop.get("/p");
    WhySnapshot.Line line = shop.edge.why("http://shop.test/p").entries().getFirst();
    assertThat(line.standing()).isEqualTo("live");
    assertThat(line.byUser()).isTrue();
    assertThat(line.asOf()).isEqualTo("0/64");
    assertThat(line.dependencies())
        .containsExactly("table-16384.1 = 42", "table-16384, by 2, 3, 4 <= 0");
    world.change(42);
    assertThat(shop.edge.why("http://shop.test/p").entries().getFirst().standing())
        .isEqualTo("changed");
    shop.act("/q", world.answer("hello", t -> t.unclear(Doubt.NOT_ANALYSABLE, "random()")));
    shop.get("/q");
    WhySnapshot.Refused refused = shop.edge.why("http://shop.test/q").lastNotStored();
    assertThat(refused).isEqualTo(new WhySnapshot.Refused("not-analysable", "random()", 0));
  }

  @Test
  void theTraceThatCameIsKeptUnlessItIsTaken()
      throws InterruptedException, ExecutionException, TimeoutException {
    String came = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    CountDownLatch go = new CountDownLatch(1);
    shop.act("/slow", slowly("old", go));
    RawClient client = shop.client();
    Future<Response> first =
        CompletableFuture.supplyAsync(() -> client.get("/slow", "Traceparent: " + came));
    await(() -> shop.asked("/slow") == 1, "the trip");
    assertThat(RowWorld.traceparent(shop.lastHead())).isEqualTo(came);
    shop.act("/p", world.answer("hello", reading(product(42))));
    shop.get("/p", "Traceparent: " + came, "Tracestate: a=b");
    String other = RowWorld.traceparent(shop.lastHead());
    assertThat(other).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
    assertThat(other.substring(3, 35)).isNotEqualTo(came.substring(3, 35));
    assertThat(RowWorld.field(shop.lastHead(), "tracestate")).isEmpty();
    go.countDown();
    first.get(20, TimeUnit.SECONDS);
  }
}
