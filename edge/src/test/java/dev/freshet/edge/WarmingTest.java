package dev.freshet.edge;

import static dev.freshet.edge.RowWorld.product;
import static dev.freshet.edge.RowWorld.reading;
import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.ByteSize;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.testkit.RawClient.Response;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What an operator expects to be asked for is made before anybody asks.
final class WarmingTest {
  private static final String SITE = "http://shop.test";
  private final RowWorld world = new RowWorld(null);
  private Shopfront shop =
      Shopfront.on(
          world.database(),
          null,
          Shopfront.rows("/mine/**", Share.BY_USER),
          off("/off/**"),
          Shopfront.rule("/files/**", Share.PUBLIC, Duration.ofHours(1)),
          Shopfront.rows("/**", Share.PUBLIC));

  @AfterEach
  void close() {
    shop.close();
  }

  private static RouteRule off(String match) {
    return new RouteRule(
        match, false, null, null, null, null, Share.BY_RESPONSE, List.of(), true, null, null);
  }

  private void says(String path, String content, String... lines) {
    shop.act(path, world.answer(content, reading(product(42)), lines));
  }

  private WarmingSnapshot warm(String... paths) {
    shop.edge.warm(List.of(paths).stream().map(path -> SITE + path).toList(), 2);
    return done();
  }

  private WarmingSnapshot done() {
    await(() -> shop.edge.warming().isIdle(), "the end of asking ahead");
    return shop.edge.warming();
  }

  private static String status(Response response) {
    return String.valueOf(response.field("Cache-Status"));
  }

  @Test
  void theFirstVisitorFindsItMade() {
    says("/p", "p");
    shop.page("/files/a.css", "a{}");
    WarmingSnapshot end = warm("/p", "/files/a.css");
    assertThat(end.made()).isEqualTo(2);
    assertThat(status(shop.get("/p"))).isEqualTo("freshet; hit");
    assertThat(status(shop.get("/files/a.css"))).startsWith("freshet; hit");
    assertThat(shop.asked("/p")).isEqualTo(1);
  }

  @Test
  void asksAsNobodyInParticularAndSaysWhatFor() {
    says("/p", "p");
    warm("/p");
    assertThat(shop.lastHead())
        .contains("Sec-Purpose: prefetch", "Forwarded: for=unknown;host=shop.test")
        .doesNotContain("X-Forwarded-For", "Cookie");
  }

  @Test
  void whatWasWarmedEndsWithItsRowsLikeAnythingElse() {
    says("/p", "old");
    warm("/p");
    says("/p", "new");
    world.change(42);
    assertThat(shop.get("/p").text()).isEqualTo("new");
  }

  /// It has read what was before, and was not complete when that changed.
  @Test
  void whatChangesOnTheWayIsNotKept() {
    shop.act(
        "/p",
        world.answer(
            "old",
            trail -> {
              reading(product(42)).accept(trail);
              says("/p", "new");
              world.change(42);
            }));
    assertThat(warm("/p").notKept()).isEqualTo(1);
    assertThat(shop.get("/p").text()).isEqualTo("new");
  }

  @Test
  void whatIsThereIsNotAskedForAgainButIsWhenItHasEnded() {
    says("/p", "p");
    shop.get("/p");
    assertThat(warm("/p", "/p").there()).isEqualTo(2);
    assertThat(shop.asked("/p")).isEqualTo(1);
    world.change(42);
    assertThat(warm("/p").made()).isEqualTo(1);
    assertThat(shop.asked("/p")).isEqualTo(2);
  }

  @Test
  void aPartOrAnotherVariantOfItIsNotWhatVisitorsWillAskFor() {
    String etag = "ETag: \"v\"";
    shop.raw(
        "/files/film",
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/4\r\nContent-Length: 2\r\n"
            + etag
            + "\r\nCache-Control: max-age=60\r\n\r\n",
        "fi");
    shop.get("/files/film", "Range: bytes=0-1");
    await(() -> status(shop.get("/files/film", "Range: bytes=0-1")).contains("; hit"), "the part");
    shop.page("/files/film", "film", etag);
    shop.page("/files/text", "hallo", "Vary: Accept-Language", "Content-Language: de");
    await(
        () -> status(shop.get("/files/text", "Accept-Language: de")).contains("; hit"),
        "a variant");
    shop.page("/files/text", "hello", "Vary: Accept-Language", "Content-Language: en");
    assertThat(warm("/files/film", "/files/text").made()).isEqualTo(2);
    assertThat(shop.get("/files/film").text()).isEqualTo("film");
    assertThat(status(shop.get("/files/text"))).contains("; hit");
    assertThat(shop.get("/files/text").text()).isEqualTo("hello");
  }

  /// The app never sees what asks for a page, and all pages of a list are one trip.
  @Test
  void asksForTheListWhereVisitorsWantPages() {
    Pagination pages =
        new Pagination(
            2, 100, new ByteSize(2_000), new ByteSize(1_000), "", "/id", Pagination.Names.USUAL);
    shop.close();
    shop =
        new Shopfront(Shopfront.rule("/list", Share.PUBLIC, Duration.ofHours(1)).withPages(pages));
    shop.page(
        "/list?by=name", "[{\"id\":1},{\"id\":2},{\"id\":3}]", "Content-Type: application/json");
    WarmingSnapshot end =
        warm("/list?by=name", "/list?by=name&limit=1", "/list?limit=x", "/list?by=name&fields=id");
    assertThat(end.made()).isEqualTo(1);
    assertThat(end.there()).isEqualTo(2);
    assertThat(end.leftAlone()).isEqualTo(Map.of("not-the-apps", 1L));
    assertThat(shop.origin.heads()).hasSize(1);
    assertThat(shop.get("/list?by=name&limit=1").text()).isEqualTo("[{\"id\":1}]");
    assertThat(shop.origin.heads()).hasSize(1);
  }

  @Test
  void leavesAloneWhatIsForOneUserOrIsNotKeptOrSoundsLikeADeed() {
    List<String> paths =
        List.of(
            "/mine/cart", "/off/a", "/logout", "/item/delete?id=7", "/admin/", "/.freshet/live.js");
    paths.forEach(path -> says(path, "done"));
    WarmingSnapshot end = warm(paths.toArray(String[]::new));
    assertThat(end.leftAlone())
        .isEqualTo(
            Map.of("by-user", 1L, "route-off", 1L, "sounds-like-a-deed", 3L, "not-the-apps", 1L));
    assertThat(shop.origin.heads()).isEmpty();
  }

  /// One GET there was seen to change rows: no other is asked for, whoever sent the first.
  @Test
  void leavesARouteAloneWhereAGetHasWritten() {
    shop.act("/count/1", world.answer("1", trail -> trail.writes(List.of(RowWorld.SESSIONS))));
    says("/count/2", "2");
    shop.get("/count/1");
    assertThat(warm("/count/2").leftAlone()).isEqualTo(Map.of("route-has-written", 1L));
    assertThat(shop.asked("/count/2")).isZero();
  }

  @Test
  void leavesAloneWhatTurnedOutNotToBeKept() {
    says("/p", "anna's", "Cache-Control: no-store");
    shop.get("/p");
    assertThat(warm("/p").leftAlone()).isEqualTo(Map.of("not-kept-lately", 1L));
    assertThat(shop.asked("/p")).isEqualTo(1);
  }

  @Test
  void asksForNothingWhileNothingWouldBeKept() {
    says("/p", "p");
    world.freshness.feed().detach();
    assertThat(warm("/p").leftAlone()).isEqualTo(Map.of("no-feed", 1L));
    assertThat(shop.asked("/p")).isZero();
  }

  @Test
  void aVisitorWhoComesMeanwhileSharesTheTrip() throws InterruptedException {
    CountDownLatch go = new CountDownLatch(1);
    shop.act(
        "/p",
        (peer, head) -> {
          go.await();
          world.answer("p", reading(product(42))).play(peer, head);
        });
    shop.edge.warm(List.of(SITE + "/p"), 1);
    await(() -> shop.asked("/p") == 1, "the trip");
    Thread visitor = Thread.startVirtualThread(() -> shop.get("/p"));
    await(() -> shop.edge.snapshot().connections() == 1, "a visitor");
    go.countDown();
    visitor.join();
    done();
    assertThat(shop.asked("/p")).isEqualTo(1);
  }

  @Test
  void neverMoreAtATimeThanWishedAndTheRestCanBeCalledOff() {
    CountDownLatch go = new CountDownLatch(1);
    for (int i = 0; i < 4; i++) {
      shop.act(
          "/" + i,
          (peer, head) -> {
            go.await();
            world.answer("x", reading(product(42))).play(peer, head);
          });
    }
    shop.edge.warm(List.of(SITE + "/0", SITE + "/1", SITE + "/2", SITE + "/3"), 2);
    await(() -> shop.origin.heads().size() == 2, "two trips");
    WarmingSnapshot now = shop.edge.warming();
    assertThat(now.underWay()).isEqualTo(2);
    assertThat(now.waiting()).isEqualTo(2);
    assertThat(shop.edge.stopWarming().waiting()).isZero();
    go.countDown();
    assertThat(done().made()).isEqualTo(2);
    assertThat(shop.origin.heads()).hasSize(2);
  }

  @Test
  void takesAllOrNothing() {
    says("/p", "p");
    assertThatThrownBy(() -> shop.edge.warm(List.of(SITE + "/p", "/q"), 2))
        .hasMessageContaining("'/q' is not absolute");
    List<String> many = Collections.nCopies(Warming.MAX_WAITING + 1, SITE + "/p");
    assertThatThrownBy(() -> shop.edge.warm(many, 2)).hasMessageContaining("at most");
    List<String> large = Collections.nCopies(1_001, SITE + "/" + "p".repeat(8_000));
    assertThatThrownBy(() -> shop.edge.warm(large, 2)).hasMessageContaining("in all");
    assertThatThrownBy(() -> shop.edge.warm(List.of(SITE + "/p"), 0)).hasMessageContaining("1 to");
    assertThat(shop.origin.heads()).isEmpty();
  }
}
