package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AlarmsTest {
  private final DefaultEventLoop loop = new DefaultEventLoop();
  private final AtomicLong now = new AtomicLong();
  private final Alarms alarms = new Alarms(loop, now::get);
  private final List<String> rung = new ArrayList<>();

  @AfterEach
  void close() {
    loop.shutdownGracefully();
  }

  private void onLoop(Runnable work) throws ExecutionException, InterruptedException {
    loop.submit(work).get();
  }

  /// An hour away by the loop's clock: only who asks between two answers gets them.
  @Test
  void whatIsDueIsDoneInOrderByWhoeverAsks() throws ExecutionException, InterruptedException {
    long hour = 3_600_000_000_000L;
    onLoop(() -> {
      alarms.set(hour + 20, () -> rung.add("third"));
      alarms.set(hour + 10, () -> rung.add("first"));
      alarms.set(hour + 10, () -> rung.add("second"));
      alarms.set(hour + 30, () -> rung.add("fourth"));
      alarms.ring();
      assertThat(rung).isEmpty();
      now.set(hour + 20);
      alarms.ring();
    });
    assertThat(rung).containsExactly("first", "second", "third");
  }

  @Test
  void oneFaultTakesNobodyAlongAndNobodyRingsWithinAnother()
      throws ExecutionException, InterruptedException {
    onLoop(() -> {
      alarms.set(
          1,
          () -> {
            now.set(9);
            alarms.ring();
            rung.add("outer");
            throw new IllegalStateException("a fault of this test");
          });
      alarms.set(2, () -> rung.add("inner"));
      now.set(1);
      alarms.ring();
      assertThat(rung).containsExactly("outer");
      alarms.ring();
    });
    assertThat(rung).containsExactly("outer", "inner");
  }

  /// Answers wait no longer than so many take.
  @Test
  void onlySomeAreDoneAtOnceBetweenTwoAnswers() throws ExecutionException, InterruptedException {
    onLoop(() -> {
      now.set(100);
      for (int i = 0; i < 20; i++) {
        alarms.set(50, () -> rung.add("due"));
      }
      alarms.ring();
      assertThat(rung).hasSize(16);
    });
  }

  /// Also where one is set for earlier than all before, and none asks.
  @Test
  void theLoopWakesByItselfForEach() throws ExecutionException, InterruptedException {
    CountDownLatch left = new CountDownLatch(3);
    Alarms real = new Alarms(loop, System::nanoTime);
    onLoop(() -> {
      long from = System.nanoTime();
      real.set(from + 30_000_000, left::countDown);
      real.set(from + 10_000_000, left::countDown);
      real.set(from + 20_000_000, left::countDown);
    });
    left.await();
    assertThat(left.getCount()).isZero();
  }
}
