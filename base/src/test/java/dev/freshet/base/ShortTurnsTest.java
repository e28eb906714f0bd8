package dev.freshet.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.Runtime.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// What Linux says of a thread's turns.
@EnabledOnOs(OS.LINUX)
@Timeout(60)
class ShortTurnsTest {
  private static final Version CUSTOM_TURNS = Version.parse("6.12");
  private static final Pattern TURN = Pattern.compile("se\\.slice +: +(\\d+)");

  /// Nanoseconds, where the system tells.
  private static Optional<String> ownTurn() throws IOException {
    Path about = Path.of("/proc/thread-self/sched");
    if (!Files.isReadable(about)) {
      return Optional.empty();
    }
    Matcher turn = TURN.matcher(Files.readString(about));
    return turn.find() ? Optional.of(turn.group(1)) : Optional.empty();
  }

  private static boolean hasCustomTurns() {
    Matcher number = Pattern.compile("\\d+\\.\\d+").matcher(System.getProperty("os.version"));
    return number.lookingAt() && Version.parse(number.group()).compareTo(CUSTOM_TURNS) >= 0;
  }

  @Test
  void threadsOfThatNameAreLetInSoonerAndNoOthers() throws IOException, InterruptedException {
    assumeTrue(hasCustomTurns(), "skipped: Linux knows short turns since 6.12");
    Optional<String> usual = ownTurn();
    assumeTrue(usual.isPresent(), "skipped: the system doesn't tell of turns");
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch given = new CountDownLatch(1);
    SynchronousQueue<String> said = new SynchronousQueue<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                begun.countDown();
                given.await();
                said.put(ownTurn().orElse(""));
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            },
            "turn-test-1");
    thread.start();
    begun.await();
    assertThat(ShortTurns.giveTo("turn-test-")).isEqualTo(1);
    given.countDown();
    assertThat(said.take()).isEqualTo("100000");
    assertThat(ownTurn()).isEqualTo(usual);
    assertThat(ShortTurns.giveTo("no-such-thread")).isZero();
  }
}
