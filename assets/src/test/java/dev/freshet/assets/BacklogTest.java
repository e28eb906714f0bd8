package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.assets.Backlog.Rank;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BacklogTest {
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch gate = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);
  private final List<String> done = new CopyOnWriteArrayList<>();

  private void hold() {
    begun.countDown();
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void doesTheMostUsefulFirstAndRefusesWhatIsTooMuch() throws InterruptedException {
    try (Backlog backlog = new Backlog(1, 2, 1_000)) {
      assertThat(backlog.add(Rank.SOON, 100, this::hold)).isTrue();
      begun.await();
      assertThat(backlog.add(Rank.IDLE, 1_000, () -> done.add("idle"))).isTrue();
      assertThat(backlog.add(Rank.LATER, 100, () -> done.add("later"))).isTrue();
      assertThat(backlog.add(Rank.SOON, 801, () -> done.add("too large"))).isFalse();
      assertThat(
              backlog.add(
                  Rank.SOON,
                  700,
                  () -> {
                    done.add("soon");
                    throw new IllegalStateException("a fault of one is nobody else's");
                  }))
          .isTrue();
      assertThat(backlog.add(Rank.IDLE, 0, end::countDown)).isTrue();
      assertThat(backlog.add(Rank.SOON, 0, () -> done.add("one too many"))).isFalse();
      assertThat(backlog.add(Rank.IDLE, 0, () -> done.add("one too many"))).isFalse();
      assertThat(backlog.isIdle()).isFalse();
      gate.countDown();
      end.await();
      assertThat(done).containsExactly("soon", "later", "idle");
    }
  }

  @Test
  void takesNothingOnceItIsClosed() {
    Backlog backlog = new Backlog(1, 4, 1_000);
    backlog.close();
    assertThat(backlog.add(Rank.SOON, 1, () -> done.add("late"))).isFalse();
    assertThat(backlog.isIdle()).isTrue();
  }
}
