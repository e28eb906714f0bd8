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
import java.util.concurrent.TimeUnit;
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

  /// What was due when [#changed] came back is made again, if it is going to be.
  private void quiet() {
    await(() -> shop.gauge("freshet_edge_renewals_due") == 0, "the last renewal");
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
    says("/p", "old", "Vary: Accept-Language");
    get(
        "/p",
        3,
        "Cookie: sid=anna",
        "Accept-Language: de",
        "X-Forwarded-For: 192.0.2.7",
        "X-Forwarded-Proto: https",
        "Forwarded: for=192.0.2.7",
        "X-Api-Key: anna's",
        "Referer: http://a.test/",
        "User-Agent: mozilla",
        "If-None-Match: \"x\"");
    says("/p", "new", "Vary: Accept-Language");
    world.change(42);
    await(() -> shop.asked("/p") == 2, "the renewal");
    assertThat(shop.lastHead())
        .contains("Accept-Language: de", "User-Agent: mozilla", "Traceparent: ")
        .contains("X-Forwarded-Proto: http\r\n", "Forwarded: for=unknown;host=")
        .doesNotContain("anna", "192.0.2.7", "a.test", "If-None-Match")
        .doesNotContain("X-Forwarded-For", "127.0.0.1;");
    quiet();
    assertThat(status(shop.get("/p", "Accept-Language: de"))).isEqualTo("freshet; hit");
  }

  /// Else it would be made with links that begin with another scheme, for everybody.
  @Test
  void asksAsTheOneInFrontSaidThatItWasAsked() {
    open(true, 2);
    says("/p", "old");
    get(
        "/p",
        3,
        "X-Forwarded-For: 192.0.2.7",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: shop.example",
        "X-Forwarded-Port: 443",
        "Forwarded: for=192.0.2.7;proto=https, for=192.0.2.8");
    changed("/p");
    await(() -> shop.asked("/p") == 2, "the renewal");
    assertThat(shop.lastHead())
        .contains("X-Forwarded-Proto: https\r\n", "X-Forwarded-Host: shop.example\r\n")
        .contains("X-Forwarded-Port: 443\r\n", "Forwarded: proto=https, for=unknown;")
        .doesNotContain("192.0.2", "X-Forwarded-For");
  }

  /// An app may know somebody by any field that it chooses by.
  @Test
  void whatVaryNamesACredentialForIsNot() {
    says("/p", "anna's", "Vary: X-Api-Key");
    get("/p", 4, "X-Api-Key: anna's");
    popular("/q");
    changed("/q");
    quiet();
    assertThat(shop.asked("/p")).isEqualTo(1);
    assertThat(figures().renewals()).isEqualTo(1);
  }

  @Test
  void eachOfSeveralUnderOneKeyIsMadeAgain() {
    says("/p", "old", "Vary: Accept-Language");
    get("/p", 4, "Accept-Language: de");
    get("/p", 4, "Accept-Language: en");
    says("/p", "new", "Vary: Accept-Language");
    world.change(42);
    await(() -> figures().renewals() == 2, "both renewals");
    quiet();
    assertThat(status(shop.get("/p", "Accept-Language: de"))).isEqualTo("freshet; hit");
    assertThat(status(shop.get("/p", "Accept-Language: en"))).isEqualTo("freshet; hit");
    assertThat(shop.asked("/p")).isEqualTo(4);
  }

  @Test
  void aUseThatDoesNotCountDoesNoHarm() {
    says("/p", "old");
    get("/p", 2);
    assertThat(status(shop.client().ask("HEAD", "/p"))).isEqualTo("freshet; hit");
    get("/p", 1);
    changed("/p");
    quiet();
    assertThat(status(shop.get("/p"))).isEqualTo("freshet; hit");
  }

  @Test
  void whatWasUsedOnceIsNot() {
    says("/p", "old");
    get("/p", 2);
    popular("/q");
    changed("/q");
    quiet();
    assertThat(shop.asked("/p")).isEqualTo(1);
    assertThat(figures().renewals()).isEqualTo(1);
    assertThat(status(shop.get("/p"))).startsWith("freshet; fwd=stale");
  }

  @Test
  void whatIsNotUsedAnyMoreIsMadeAgainAsOftenAsItWasUsedAndNotOnceMore() {
    says("/p", "old");
    get("/p", 3);
    for (int i = 0; i < 2; i++) {
      changed("/p");
      await(() -> isCurrent("/p"), "what it has made");
      quiet();
    }
    popular("/q");
    changed("/q");
    quiet();
    assertThat(shop.asked("/p")).isEqualTo(3);
    assertThat(figures().renewals()).isEqualTo(3);
    assertThat(status(shop.get("/p"))).startsWith("freshet; fwd=stale");
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
    quiet();
    assertThat(shop.asked("/p")).isEqualTo(1);
    assertThat(figures().renewals()).isEqualTo(1);
    assertThat(status(shop.get("/p", "Cookie: sid=anna"))).startsWith("freshet; fwd=stale");
  }

  @Test
  void whatWasAskedForWithCredentialsIsNot() {
    says("/p", "old");
    get("/p", 4, "Authorization: Basic YTpi");
    long asked = shop.asked("/p");
    popular("/q");
    changed("/q");
    quiet();
    assertThat(shop.asked("/p")).isEqualTo(asked);
    assertThat(figures().renewals()).isEqualTo(1);
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

  /// One that was due already as well, and nothing remembers that it could not be kept.
  @Test
  void whatIsDueWhileTheFeedIsAwayIsMadeAgainWhenItIsBack() {
    open(false, 1);
    popular("/p");
    popular("/first");
    get("/first", 4);
    CountDownLatch go = new CountDownLatch(1);
    shop.act(
        "/first",
        (peer, head) -> {
          go.await();
          world.answer("new", reading(product(42))).play(peer, head);
        });
    says("/p", "new");
    world.change(42);
    await(() -> shop.asked("/first") == 2, "the first renewal");
    world.freshness.feed().detach();
    go.countDown();
    await(() -> shop.gauge("freshet_edge_renewals_due") == 1, "the end of the first");
    // Each of these is a trip of its own, behind whatever was sent too early.
    says("/other", "other");
    get("/other", 8);
    assertThat(shop.asked("/p")).isEqualTo(1);
    world.attach();
    await(() -> figures().renewals() == 2, "the other renewal");
    quiet();
    assertThat(status(shop.get("/p"))).isEqualTo("freshet; hit");
    assertThat(shop.asked("/p")).isEqualTo(2);
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

  /// Else each node would ask a slow app for itself.
  @Test
  void anotherNodeHasAsLongAsTheAppTakes() {
    assertThat(Renewals.yieldMillis(0)).isEqualTo(100);
    assertThat(Renewals.yieldMillis(TimeUnit.MILLISECONDS.toNanos(400))).isEqualTo(800);
    assertThat(Renewals.yieldMillis(TimeUnit.MINUTES.toNanos(1))).isEqualTo(2_000);
  }

  @Test
  void noneIsMadeWhereTheOperatorWantsNone() {
    open(false, 0);
    popular("/p");
    says("/p", "new");
    world.change(42);
    assertThat(status(shop.get("/p"))).startsWith("freshet; fwd=stale");
    assertThat(figures().renewals()).isZero();
  }

  private void open(boolean trustForwarded, int renewals) {
    shop.close();
    EdgeConfig.Limits d = EdgeConfig.Limits.defaults();
    EdgeConfig.Limits limits =
        new EdgeConfig.Limits(
            d.maxEntry(),
            d.maxFills(),
            true,
            d.coalesceWait(),
            d.bridge(),
            d.hitForMiss(),
            renewals);
    shop =
        Shopfront.told(
            world.database(),
            config -> Shopfront.with(config, trustForwarded, limits),
            Shopfront.rows("/**", Share.PUBLIC));
  }
}
