package dev.freshet.edge;

import static dev.freshet.edge.RowWorld.product;
import static dev.freshet.edge.RowWorld.reading;
import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.freshness.Dependency;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RawClient.Response;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Who has the answer to his write is never shown the state before it, nor is anybody else.
class FenceTest {
  private RowWorld world = new RowWorld(Duration.ofSeconds(20));
  private Shopfront shop = RowWorld.open(world);

  @AfterEach
  void close() {
    shop.close();
  }

  private void reopen(Duration limit) {
    shop.close();
    world = new RowWorld(limit);
    shop = RowWorld.open(world);
  }

  private static String post(RawClient client, String target) {
    return client.ask("POST", target, "Content-Length: 0").text();
  }

  @Test
  void anAnswerToAWriteIsHeldUntilTheWriteIsPublished()
      throws InterruptedException, ExecutionException, TimeoutException {
    CompletableFuture<Long> end = new CompletableFuture<>();
    world.headIs(end);
    shop.act("/w", world.answer("done", trail -> trail.writes(List.of(RowWorld.PRODUCTS))));
    AtomicBoolean isPublished = new AtomicBoolean();
    RawClient client = shop.client();
    CompletableFuture<Boolean> heard =
        CompletableFuture.supplyAsync(() -> post(client, "/w").equals("done") && isPublished.get());
    await(() -> world.askedForHead.get() == 1, "the question where the log ends");
    end.complete(500L);
    assertThat(heard).isNotDone();
    isPublished.set(true);
    world.publish(500);
    assertThat(heard.get(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aWriteThatNobodySawIsHeldTooByItsMethod()
      throws InterruptedException, ExecutionException, TimeoutException {
    CompletableFuture<Long> end = new CompletableFuture<>();
    world.headIs(end);
    shop.act("/w", world.answer("done", trail -> {}));
    RawClient client = shop.client();
    CompletableFuture<String> heard = CompletableFuture.supplyAsync(() -> post(client, "/w"));
    await(() -> world.askedForHead.get() == 1, "the question where the log ends");
    assertThat(heard).isNotDone();
    end.complete(100L);
    assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("done");
  }

  @Test
  void aWriteThatWasAskedForBeforeAnyLogWasFollowedIsHeldToo()
      throws InterruptedException, ExecutionException, TimeoutException {
    world.follow(false);
    CompletableFuture<Long> end = new CompletableFuture<>();
    world.headIs(end);
    shop.act("/w", world.followingMeanwhile("done"));
    RawClient client = shop.client();
    CompletableFuture<String> heard = CompletableFuture.supplyAsync(() -> post(client, "/w"));
    await(() -> world.askedForHead.get() == 1, "the question where the log ends");
    assertThat(heard).isNotDone();
    end.complete(500L);
    world.publish(500);
    assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("done");
  }

  @Test
  void nothingIsKeptOfATripThatBeganBeforeAnyLogWasFollowed() {
    world.follow(false);
    shop.act("/p", world.followingMeanwhile("old"));
    shop.get("/p");
    shop.act("/p", world.answer("new", reading(product(42))));
    assertThat(shop.get("/p").text()).isEqualTo("new");
    assertThat(shop.get("/p").field("Cache-Status")).isEqualTo("freshet; hit");
  }

  @Test
  void whatIsKnownToHaveOnlyReadIsNotHeld() {
    shop.act("/search", world.answer("found", reading(product(42))));
    assertThat(post(shop.client(), "/search")).isEqualTo("found");
    assertThat(world.askedForHead.get()).isZero();
  }

  @Test
  void aReadThatWritesIsHeldAndNotKept() {
    shop.act(
        "/visit",
        world.answer(
            "hello",
            trail -> {
              trail.reads(List.of(product(42)));
              trail.writes(List.of(RowWorld.PRODUCTS));
            }));
    Response first = shop.get("/visit");
    assertThat(first.field("Cache-Status")).contains("detail=wrote");
    assertThat(world.askedForHead.get()).isEqualTo(1);
    shop.get("/visit");
    assertThat(shop.asked("/visit")).isEqualTo(2);
  }

  @Test
  void afterTooLongItGoesOutAndWhatItTouchedIsForgotten() {
    reopen(Duration.ofMillis(50));
    shop.act("/p", world.answer("old", reading(product(42))));
    shop.act("/s", world.answer("other", reading(sessions())));
    shop.get("/p");
    shop.get("/s");
    world.headIs(CompletableFuture.completedFuture(900L));
    shop.act("/w", world.answer("done", trail -> trail.writes(List.of(RowWorld.PRODUCTS))));
    assertThat(post(shop.client(), "/w")).isEqualTo("done");
    shop.act("/p", world.answer("new", reading(product(42))));
    assertThat(shop.get("/p").text()).isEqualTo("new");
    assertThat(shop.get("/s").field("Cache-Status")).isEqualTo("freshet; hit");
  }

  private static Dependency sessions() {
    return new Dependency.Table(RowWorld.SESSIONS);
  }

  @Test
  void ofAnUnknownWriteEverythingIsForgotten() {
    reopen(Duration.ofMillis(50));
    shop.act("/s", world.answer("other", reading(sessions())));
    shop.get("/s");
    world.headIs(new CompletableFuture<>());
    shop.act("/w", world.answer("done", trail -> {}));
    assertThat(post(shop.client(), "/w")).isEqualTo("done");
    shop.get("/s");
    assertThat(shop.asked("/s")).isEqualTo(2);
  }

  @Test
  void whereTheDatabaseDoesNotSayHowFarItIsEverythingIsForgottenBeforeItGoesOut() {
    reopen(Duration.ofMillis(50));
    shop.act("/s", world.answer("other", reading(sessions())));
    shop.get("/s");
    world.headIs(new CompletableFuture<>());
    shop.act("/w", world.answer("done", trail -> trail.writes(List.of(RowWorld.PRODUCTS))));
    assertThat(post(shop.client(), "/w")).isEqualTo("done");
    assertThat(world.freshness.isAttached()).isFalse();
    shop.get("/s");
    assertThat(shop.asked("/s")).isEqualTo(2);
  }

  @Test
  void withoutAFeedNothingIsHeld() {
    world.freshness.feed().detach();
    shop.act("/w", world.answer("done", trail -> trail.writes(List.of(RowWorld.PRODUCTS))));
    assertThat(post(shop.client(), "/w")).isEqualTo("done");
  }

  @Test
  void moreThanIsHeldFlowsOnAndItsEndIsHeldAgain() throws Exception {
    byte[] much = new byte[3 << 20];
    Arrays.fill(much, (byte) 'x');
    shop.act(
        "/w",
        (peer, head) -> {
          world.trail(head).writes(List.of(RowWorld.PRODUCTS));
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + much.length + "\r\n\r\n");
          peer.send(much);
        });
    assertThat(post(shop.client(), "/w")).hasSize(much.length);
    assertThat(world.askedForHead.get()).isEqualTo(2);
  }

  @Test
  void anAppThatBreaksOffWhileItIsHeldIsAnError() {
    shop.act(
        "/w",
        (peer, head) -> {
          world.trail(head).writes(List.of(RowWorld.PRODUCTS));
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
          peer.close();
        });
    assertThat(shop.client().ask("POST", "/w", "Content-Length: 0").status()).isEqualTo(502);
  }
}
