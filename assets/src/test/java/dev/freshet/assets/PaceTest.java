package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
  private static final Size SMALL = new Size(500, 500);
  private static final Size LARGE = new Size(4_000, 3_000);
  private final Pace pace = new Pace(1_000_000_000);

  @Test
  void nothingLargeIsTriedWithAnEncoderOfWhichNothingIsKnown() {
    assertThat(pace.allows(".avif", SMALL)).isTrue();
    assertThat(pace.allows(".avif", LARGE)).isFalse();
    pace.took(".avif", SMALL, 10_000_000);
    assertThat(pace.allows(".avif", LARGE)).as("40 ns for each of 12 million").isTrue();
    assertThat(pace.allows(Pace.LOSSLESS + ".png", SMALL)).isTrue();
    assertThat(pace.allows(".jpg", LARGE)).as("another encoder").isFalse();
  }

  @Test
  void theSlowestCountsAtOnceAndIsForgottenSlowly() {
    pace.took(".jpg", SMALL, 10_000_000);
    pace.took(".jpg", SMALL, 100_000_000);
    assertThat(pace.allows(".jpg", LARGE)).as("400 ns").isFalse();
    pace.took(".jpg", SMALL, 10_000_000);
    assertThat(pace.allows(".jpg", LARGE)).as("328 ns").isFalse();
    for (int i = 0; i < 20; i++) {
      pace.took(".jpg", SMALL, 10_000_000);
    }
    assertThat(pace.allows(".jpg", LARGE)).isTrue();
  }

  @Test
  void whatTakesItsTimeBesideThePixelsSaysNothingOfThem() {
    pace.took(".webp", new Size(1, 1), 5_000_000);
    assertThat(pace.allows(".webp", LARGE)).as("20 ns").isTrue();
  }
}
