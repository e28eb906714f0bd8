package dev.freshet.edge;

import static dev.freshet.edge.RowWorld.product;
import static dev.freshet.edge.RowWorld.reading;
import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.testkit.RawClient.Response;
import dev.freshet.testkit.ScriptedOrigin;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Popular answers are made again before anybody asks.
final class RenewalsTest {
  private static final int PRODUCTS = 3;
  private final AtomicIntegerArray versions = new AtomicIntegerArray(PRODUCTS);
  private final AtomicIntegerArray published = new AtomicIntegerArray(PRODUCTS);
  private final RowWorld world = new RowWorld(null);
  private Shopfront shop =
      Shopfront.on(world.database(), null, Shopfront.rows("/**", Share.PUBLIC));

  @AfterEach
  void close() {
    shop.close();
  }

  private void says(String path, String content, String... lines) {
    shop.act(path, world.answer(content, reading(product(42)), lines));
  }

  private Response get(String path, int times, String... lines) {
    Response last = shop.get(path, lines);
    for (int i = 1; i < times; i++) {
      last = shop.get(path, lines);
    }
    return last;
  }

  private static String status(Response response) {
    return String.valueOf(response.field("Cache-Status"));
  }

  private EdgeSnapshot.RouteLine figures() {
    return shop.edge.snapshot().routes().getFirst();
  }

  /// One answer that is as popular as can be: when it was made again, others that are to be were.
  private void popular(String path) {
    says(path, "old");
    get(path, 4);
  }

  private void changed(String path) {
    long before = figures().renewals();
    says(path, "new");
    world.change(42);
    await(() -> figures().renewals() > before, "a renewal");
  }

  @Test
  void whoComesAfterAChangeFindsItMadeAlready() {
    popular("/p");
    changed("/p");
    Response after = shop.get("/p");
    assertThat(after.text()).isEqualTo("new");
    assertThat(status(after)).isEqualTo("freshet; hit");
    assertThat(shop.asked("/p")).isEqualTo(2);
    assertThat(figures().renewals()).isEqualTo(1);
  }

  @Test
  void asksWithNothingThatTellsWhoHadAskedBefore() {
    says("/p", "old", "Vary: X-Version");
    get(
        "/p",
        3,
        "Cookie: sid=anna",
        "X-Version: 2",
        "X-Forwarded-For: 192.0.2.7",
        "Referer: http://a.test/",
        "User-Agent: mozilla",
        "If-None-Match: \"x\"");
    says("/p", "new", "Vary: X-Version");
    world.change(42);
    await(() -> shop.asked("/p") == 2, "the renewal");
    assertThat(shop.lastHead())
        .contains("X-Version: 2", "User-Agent: mozilla", "Traceparent: ")
        .doesNotContain("anna", "192.0.2.7", "a.test", "If-None-Match");
    assertThat(status(shop.get("/p", "X-Version: 2"))).isEqualTo("freshet; hit");
  }

  @Test
  void whatWasUsedOnceIsNot() {
    says("/p", "old");
    get("/p", 2);
    popular("/q");
    changed("/q");
    says("/p", "new");
    assertThat(status(shop.get("/p"))).startsWith("freshet; fwd=stale");
  }

  @Test
  void whatWasMadeAgainAndNotUsedIsNotMadeAgainOnceMore() {
    popular("/p");
    changed("/p");
    await(() -> isCurrent("/p"), "what it has made");
    popular("/q");
    changed("/q");
    assertThat(status(shop.get("/p"))).startsWith("freshet; fwd=stale");
    assertThat(figures().renewals()).isEqualTo(2);
  }

  private boolean isCurrent(String path) {
    return shop.edge.why("http://shop.test" + path).entries().stream()
        .anyMatch(line -> line.standing().equals("live"));
  }

  @Test
  void whatIsForOneUserIsNot() {
    shop.close();
    shop =
        Shopfront.on(
            world.database(),
            null,
            Shopfront.rows("/q", Share.PUBLIC),
            Shopfront.rows("/**", Share.BY_USER));
    says("/p", "anna's");
    get("/p", 4, "Cookie: sid=anna");
    popular("/q");
    changed("/q");
    says("/p", "anna's new");
    assertThat(status(shop.get("/p", "Cookie: sid=anna"))).startsWith("freshet; fwd=stale");
  }

  @Test
  void whatWasAskedForWithCredentialsIsNot() {
    says("/p", "old");
    get("/p", 4, "Authorization: Basic YTpi");
    popular("/q");
    changed("/q");
    says("/p", "new");
    assertThat(status(shop.get("/p"))).startsWith("freshet; fwd=stale");
  }

  /// The one that is on its way has read what was before.
  @Test
  void oneThatIsOvertakenByAnotherChangeIsNotKept() {
    popular("/p");
    CountDownLatch overtaken = new CountDownLatch(1);
    shop.act(
        "/p",
        world.answer(
            "between",
            trail -> {
              reading(product(42)).accept(trail);
              says("/p", "new");
              world.change(42);
              overtaken.countDown();
            }));
    world.change(42);
    await(() -> overtaken.getCount() == 0, "the second change");
    Response after = shop.get("/p");
    assertThat(after.text()).isEqualTo("new");
  }

  /// While it is away nothing would be kept.
  @Test
  void whenTheFeedIsBackPopularAnswersAreMadeAgain() {
    popular("/p");
    world.freshness.feed().detach();
    says("/p", "new");
    world.change(1);
    world.attach();
    await(() -> figures().renewals() == 1, "the renewal");
    Response after = shop.get("/p");
    assertThat(after.text()).isEqualTo("new");
    assertThat(status(after)).isEqualTo("freshet; hit");
  }

  @Test
  void whoComesMeanwhileSharesItsAnswer() throws InterruptedException {
    popular("/p");
    CountDownLatch go = new CountDownLatch(1);
    shop.act(
        "/p",
        (peer, head) -> {
          go.await();
          world.answer("new", reading(product(42))).play(peer, head);
        });
    world.change(42);
    await(() -> shop.asked("/p") == 2, "the renewal");
    Thread visitor = Thread.startVirtualThread(() -> shop.get("/p"));
    await(() -> shop.edge.snapshot().connections() >= 5, "a visitor");
    go.countDown();
    visitor.join();
    assertThat(shop.get("/p").text()).isEqualTo("new");
    assertThat(shop.asked("/p")).isEqualTo(2);
  }

  /// Rows change between visits and in the middle of trips; what was published when somebody asked
  /// is in his answer.
  @Test
  void whateverIsMadeAgainNobodyIsShownWhatWasBefore() {
    Rolls rolls = new Rolls(System.nanoTime());
    for (int id = 0; id < PRODUCTS; id++) {
      shop.act("/" + id, new Versions(id));
    }
    for (int step = 0; step < 400; step++) {
      int id = rolls.between(0, PRODUCTS - 1);
      if (rolls.chance(0.15)) {
        change(id, versions.incrementAndGet(id));
      } else {
        int least = published.get(id);
        int shown = Integer.parseInt(shop.get("/" + id).text());
        assertThat(shown)
            .as("version of %d at step %d, seed %d", id, step, rolls.seed())
            .isGreaterThanOrEqualTo(least);
      }
    }
    long before = figures().renewals();
    get("/0", 4);
    change(0, versions.incrementAndGet(0));
    await(() -> figures().renewals() > before, "a renewal");
  }

  private void change(int id, int to) {
    world.change(id);
    published.accumulateAndGet(id, to, Math::max);
  }

  /// Reads a product's version; of some versions another is there before the answer is.
  private final class Versions implements Shopfront.Act {
    private final int id;

    Versions(int id) {
      this.id = id;
    }

    @Override
    public void play(ScriptedOrigin.Peer peer, String head) throws Exception {
      world.trail(head).reads(List.of(product(id)));
      int read = versions.get(id);
      if (read % 4 == 1 && versions.compareAndSet(id, read, read + 1)) {
        change(id, read + 1);
      }
      String text = String.valueOf(read);
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
    }
  }

  @Test
  void noneIsMadeWhereTheOperatorWantsNone() {
    shop.close();
    EdgeConfig.Limits d = EdgeConfig.Limits.defaults();
    EdgeConfig.Limits none =
        new EdgeConfig.Limits(
            d.maxEntry(), d.maxFills(), true, d.coalesceWait(), d.bridge(), d.hitForMiss(), 0);
    shop =
        Shopfront.told(
            world.database(),
            config ->
                new EdgeConfig(
                    config.fronts(),
                    config.origin(),
                    config.cache(),
                    config.compression(),
                    config.routes(),
                    config.ignoredParameters(),
                    config.sessionCookies(),
                    false,
                    none,
                    2),
            Shopfront.rows("/**", Share.PUBLIC));
    popular("/p");
    says("/p", "new");
    world.change(42);
    assertThat(status(shop.get("/p"))).startsWith("freshet; fwd=stale");
    assertThat(figures().renewals()).isZero();
  }
}
