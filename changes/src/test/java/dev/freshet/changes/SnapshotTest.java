package dev.freshet.changes;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What a snapshot says of transactions, with and without their epoch.
class SnapshotTest {
  @Test
  void isOverWhatHasBegunAndIsNotInProgress() {
    Snapshot snapshot = Snapshot.parse("100:110:100,105");
    assertThat(snapshot.isOver(99L)).isTrue();
    assertThat(snapshot.isOver(100L)).isFalse();
    assertThat(snapshot.isOver(101L)).isTrue();
    assertThat(snapshot.isOver(105L)).isFalse();
    assertThat(snapshot.isOver(110L)).isFalse();
    assertThat(Snapshot.parse("7:7:").isOver(6L)).isTrue();
  }

  @Test
  void numbersWithoutEpochMeanTheNearestTransaction() {
    long epoch = 3L << 32;
    Snapshot snapshot = Snapshot.parse((epoch - 2) + ":" + (epoch + 4) + ":" + (epoch - 2));
    assertThat(snapshot.isOver(-2)).isFalse();
    assertThat(snapshot.isOver(-1)).isTrue();
    assertThat(snapshot.isOver(3)).isTrue();
    assertThat(snapshot.isOver(4)).isFalse();
    assertThat(Snapshot.parse("2147483650:2147483650:").isOver(-2_147_483_647)).isTrue();
    assertThat(Snapshot.parse("2147483650:2147483650:").isOver(-2_147_483_646)).isFalse();
  }
}
