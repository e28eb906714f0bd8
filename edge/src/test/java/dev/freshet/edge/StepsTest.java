package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Whatever breaks in a step, somebody is told of it on the loop.
class StepsTest {
  private final EventLoop loop = new DefaultEventLoop();
  private final Compression workers =
      new Compression(new CompressionConfig(true, 1, new ByteSize(1_000), 1, 1));
  private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();
  private final Steps steps =
      new Steps(
          loop,
          workers,
          fault -> {
            assertThat(loop.inEventLoop()).isTrue();
            told.add(fault);
          });

  @AfterEach
  void close() {
    workers.close();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private Object next() throws InterruptedException {
    Object next = told.poll(10, TimeUnit.SECONDS);
    return next == null ? "nothing came" : next;
  }

  private static Object fail(Throwable fault) {
    if (fault instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) fault;
  }

  @Test
  void aStepThatBreaksIsTold() throws InterruptedException {
    RuntimeException fault = new IllegalStateException("here");
    loop.execute(() -> steps.take(() -> fail(fault)));
    assertThat(next()).isSameAs(fault);
  }

  @Test
  void workBesideTheLoopThatBreaksIsToldOnIt() throws InterruptedException {
    Error fault = new StackOverflowError();
    loop.execute(() -> steps.aside(() -> fail(fault), told::add, () -> told.add("no room")));
    assertThat(next()).isSameAs(fault);
  }

  @Test
  void whatIsDoneWithItThatBreaksIsTold() throws InterruptedException {
    Error fault = new AssertionError();
    loop.execute(() -> steps.aside(() -> 1, one -> fail(fault), () -> told.add("no room")));
    assertThat(next()).isSameAs(fault);
    RuntimeException later = new IllegalStateException("later");
    CompletableFuture<String> coming = new CompletableFuture<>();
    loop.execute(() -> steps.with(coming, found -> fail(later), () -> told.add("no room")));
    coming.complete("found");
    assertThat(next()).isSameAs(later);
  }

  @Test
  void whatFailedForWantOfRoomIsNoFault() throws InterruptedException {
    CompletableFuture<String> full =
        CompletableFuture.failedFuture(new RejectedExecutionException());
    loop.execute(() -> steps.with(full, told::add, () -> told.add("no room")));
    assertThat(next()).isEqualTo("no room");
    RuntimeException fault = new IllegalStateException("unread");
    loop.execute(() ->
        steps.with(CompletableFuture.failedFuture(fault), told::add, () -> told.add("no room")));
    assertThat(next()).isSameAs(fault);
  }

  /// As a reload leaves them.
  @Test
  void workersThatTakeNoMoreFinishWhatTheyHave() throws InterruptedException {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    assertThat(
            workers.forWhoWaits(() -> {
              begun.countDown();
              try {
                gate.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }))
        .isTrue();
    begun.await();
    loop.execute(() -> {
      steps.aside(() -> "waited", told::add, () -> told.add("no room"));
      steps.aside(() -> "too many", told::add, () -> told.add("no room"));
    });
    assertThat(next()).isEqualTo("no room");
    workers.closeGracefully();
    gate.countDown();
    assertThat(next()).isEqualTo("waited");
  }

  @Test
  void nothingComesOnceNobodyWaits() throws InterruptedException {
    loop.execute(() -> {
      steps.aside(() -> "too late", told::add, () -> told.add("no room"));
      steps.stop(() -> told.add("nothing more"));
    });
    loop.execute(() -> workers.forWhoWaits(() -> loop.execute(() -> told.add("behind it"))));
    // Only when the work is done, too.
    assertThat(next()).isEqualTo("nothing more");
    assertThat(next()).isEqualTo("behind it");
  }

  @Test
  void whoStopsWithNothingUnderWayIsToldAtOnce() throws InterruptedException {
    loop.execute(() -> {
      steps.with(CompletableFuture.completedFuture(1), told::add, () -> told.add("no room"));
      steps.stop(() -> told.add("nothing more"));
      told.add("stopped");
    });
    assertThat(next()).isEqualTo(1);
    assertThat(next()).isEqualTo("nothing more");
    assertThat(next()).isEqualTo("stopped");
  }
}
