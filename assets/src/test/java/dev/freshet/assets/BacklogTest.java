package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.assets.Backlog.Rank;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

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
      assertThat(backlog.hasRoom(Rank.IDLE)).isFalse();
      assertThat(backlog.isIdle()).isFalse();
      gate.countDown();
      end.await();
      assertThat(done).containsExactly("soon", "later", "idle");
      assertThat(backlog.hasRoom(Rank.IDLE)).isTrue();
    }
  }

  @Test
  void takesNothingOnceItIsClosed() {
    Backlog backlog = new Backlog(1, 4, 1_000);
    backlog.close();
    assertThat(backlog.add(Rank.SOON, 1, () -> done.add("late"))).isFalse();
    assertThat(backlog.isIdle()).isTrue();
  }

  /// Of the thread that does the work, and of no other.
  @Test
  @EnabledOnOs(OS.LINUX)
  void givesWayToEverybodyElse() throws InterruptedException {
    try (Backlog backlog = new Backlog(1, 4, 1_000)) {
      backlog.add(Rank.SOON, 1, () -> done.add(nice()));
      backlog.add(Rank.LATER, 1, end::countDown);
      end.await();
      assertThat(done).containsExactly("19");
      assertThat(nice()).isNotEqualTo("19");
    }
  }

  /// proc(5): the 19th field, the 17th behind the name.
  private static String nice() {
    try {
      String stat = Files.readString(Path.of("/proc/thread-self/stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
