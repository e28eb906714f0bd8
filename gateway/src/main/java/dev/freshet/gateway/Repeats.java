package dev.freshet.gateway;

import dev.freshet.base.Bounded;
import java.util.Arrays;
import java.util.Map;

/// How often each statement has run for each of the requests seen last: one query for a list and
/// one more for each of its items shows here.
final class Repeats {
  private static final int MAX_REQUESTS = 2_000;
  private static final int MAX_STATEMENTS = 64;

  private final Map<String, Counts> byTrace = Bounded.byUse(MAX_REQUESTS);

  /// Counts one more; returns how many that makes. Statements of a request beyond the limit always
  /// count as the first.
  int count(String trace, long fingerprint) {
    return byTrace.computeIfAbsent(trace, t -> new Counts()).add(fingerprint);
  }

  private static final class Counts {
    private long[] fingerprints = new long[4];
    private int[] counts = new int[4];
    private int size;

    int add(long fingerprint) {
      for (int i = 0; i < size; i++) {
        if (fingerprints[i] == fingerprint) {
          return ++counts[i];
        }
      }
      if (size < MAX_STATEMENTS) {
        if (size == counts.length) {
          fingerprints = Arrays.copyOf(fingerprints, 2 * size);
          counts = Arrays.copyOf(counts, 2 * size);
        }
        fingerprints[size] = fingerprint;
        counts[size++] = 1;
      }
      return 1;
    }
  }
}
