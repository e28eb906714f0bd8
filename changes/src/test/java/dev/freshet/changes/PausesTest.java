package dev.freshet.changes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PausesTest {
  private static final long SOON = 1_000_000;
  private static final long LONG = 60_000_000_000L;
  private final Pauses pauses = new Pauses(new Random(7));

  private long after(int attempts, boolean wereAttached) {
    long last = 0;
    for (int i = 0; i < attempts; i++) {
      last = pauses.next(wereAttached, SOON);
    }
    return last;
  }

  @Test
  void growWhileThereIsNothingToAttachTo() {
    assertThat(pauses.next(false, SOON))
        .isBetween(Pauses.FIRST.toNanos(), 2 * Pauses.FIRST.toNanos());
    assertThat(after(60, false)).isBetween(Pauses.LONGEST.toNanos() / 2, Pauses.LONGEST.toNanos());
  }

  @Test
  void stayShortForAFeedThatIsLostAgainAndAgain() {
    assertThat(after(60, true))
        .isBetween(
            Pauses.LONGEST_ONCE_ATTACHED.toNanos() / 2, Pauses.LONGEST_ONCE_ATTACHED.toNanos());
    after(60, false);
    assertThat(pauses.next(true, SOON)).isLessThan(Pauses.LONGEST_ONCE_ATTACHED.toNanos());
  }

  @Test
  void beginAnewAfterAFeedThatLasted() {
    after(60, true);
    assertThat(pauses.next(true, LONG)).isLessThan(Pauses.FIRST.toNanos());
    after(60, false);
    pauses.reset();
    assertThat(pauses.next(false, SOON)).isLessThan(2 * Pauses.FIRST.toNanos());
  }

  @Test
  void differFromNodeToNode() {
    assertThat(after(5, false)).isNotEqualTo(new Pauses(new Random(8)).next(false, SOON));
  }
}
