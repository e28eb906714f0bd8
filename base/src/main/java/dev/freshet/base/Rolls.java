package dev.freshet.base;

import java.util.List;
import java.util.SplittableRandom;

/// Seeded chance for tests and generators: the same seed gives the same run.
public final class Rolls {
  private final long seed;
  private final SplittableRandom random;

  public Rolls(long seed) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
  }

  /// The seed to print when something fails.
  public long seed() {
    return seed;
  }

  /// From `min` to `max`, both included.
  public int between(int min, int max) {
    return max == Integer.MAX_VALUE
        ? (int) random.nextLong(min, max + 1L)
        : random.nextInt(min, max + 1);
  }

  public long nextLong() {
    return random.nextLong();
  }

  public double nextDouble() {
    return random.nextDouble();
  }

  /// True with probability `p`.
  public boolean chance(double p) {
    return random.nextDouble() < p;
  }

  /// One of them, each as likely.
  public <T> T oneOf(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  public byte[] bytes(int length) {
    byte[] out = new byte[length];
    random.nextBytes(out);
    return out;
  }

  /// A text of letters, digits and the given extra characters.
  public String text(int length, String extra) {
    String alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + extra;
    StringBuilder out = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      out.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return out.toString();
  }
}
