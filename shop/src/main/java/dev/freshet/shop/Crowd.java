package dev.freshet.shop;

import java.util.Arrays;
import java.util.SplittableRandom;

/// Who gets picked when some are far more popular than others: a Zipf-Mandelbrot law over `size`
/// things, with the popular ones spread over the whole range instead of sitting at its start.
final class Crowd {
  private static final int STRIDE = 7919;

  private final double[] upTo;
  private final int size;
  private final int stride;

  /// @param shift flattens the very top: rank r has the weight 1/(r + shift)^exponent
  Crowd(int size, double shift, double exponent) {
    this.size = size;
    this.stride = size % STRIDE == 0 ? 1 : STRIDE;
    upTo = new double[size];
    double sum = 0;
    for (int rank = 0; rank < size; rank++) {
      sum += Math.pow(rank + 1 + shift, -exponent);
      upTo[rank] = sum;
    }
  }

  /// One of 1 to `size`.
  int pick(SplittableRandom chance) {
    int found = Arrays.binarySearch(upTo, chance.nextDouble() * upTo[size - 1]);
    return at(Math.min(size - 1, found < 0 ? -found - 1 : found));
  }

  /// Who has this rank; 0 is the most popular.
  int at(int rank) {
    return (int) ((13L + (long) rank * stride) % size) + 1;
  }
}
