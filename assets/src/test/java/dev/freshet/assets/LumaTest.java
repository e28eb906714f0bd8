package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.freshet.base.Rolls;
import org.junit.jupiter.api.Test;

class LumaTest {
  @Test
  void fallsWithNoiseAndIsOneForTheSame() {
    Rolls rolls = new Rolls(17);
    byte[] picture = new byte[60 * 44];
    for (int i = 0; i < picture.length; i++) {
      picture[i] = (byte) (i % 60 * 4);
    }
    Luma original = new Luma(60, 44, 1, picture);
    double before = 1;
    for (int noise = 0; noise <= 40; noise += 10) {
      byte[] other = picture.clone();
      for (int i = 0; i < other.length; i++) {
        int bright = (other[i] & 0xff) + rolls.between(-noise, noise);
        other[i] = (byte) Math.clamp(bright, 0, 255);
      }
      double alike = original.similarity(new Luma(60, 44, 1, other));
      assertThat(alike).as("noise %d, seed %d", noise, rolls.seed()).isLessThanOrEqualTo(before);
      before = alike;
    }
    assertThat(before).isLessThan(0.9);
    assertThat(original.similarity(original)).isCloseTo(1, within(1e-9));
  }

  @Test
  void looksAtOpacityTooAndAtSizes() {
    byte[] one = new byte[16 * 16 * 2];
    byte[] two = one.clone();
    for (int i = 1; i < two.length; i += 2) {
      two[i] = (byte) 255;
    }
    Luma clear = new Luma(16, 16, 2, one);
    assertThat(clear.similarity(new Luma(16, 16, 2, two))).isLessThan(0.1);
    assertThat(clear.similarity(new Luma(32, 16, 1, new byte[512]))).isZero();
  }
}
