package dev.freshet.gateway;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/* Which pool size meets which wait, from what was measured and not from a formula of cores.
 *
 * The last checkouts are played again: each arrives when it arrived, first come first served, and
 * holds its connection for as long as it did, with as many connections as the size in question.
 * So bursts count as they were, and no distribution is assumed.
 *
 * Two things a replay can't know. A client that waits sends nothing meanwhile: where the pool was
 * too small, more would have arrived, and the figures for larger sizes are a lower bound. And a
 * database with more work at once is slower at each: beyond what was measured, times grow. */

/// Waits by pool size.
///
/// @param checkouts how many were played again
/// @param enough the smallest size at which 99 of 100 wait no longer than half of them hold their
///   connection, or a millisecond where that is longer; 0 when nothing was measured, or no size
///   tried is enough
public record Sizing(int checkouts, int enough, List<Line> sizes) {

  /// @param utilisation share of the time that connections are held
  public record Line(int size, double waitP50Millis, double waitP99Millis, double utilisation) {}

  static final Sizing NONE = new Sizing(0, 0, List.of());
  private static final double LEAST_MILLIS = 1;

  /// The last checkouts of a pool.
  static final class Log {
    private static final int KEPT = 4_096;
    private long[] arrivals = new long[16];
    private long[] holds = new long[16];
    private int next;
    private int size;

    void add(long arrivalNanos, long heldNanos) {
      if (next == arrivals.length && next < KEPT) {
        arrivals = Arrays.copyOf(arrivals, Math.min(KEPT, 2 * next));
        holds = Arrays.copyOf(holds, arrivals.length);
      }
      if (next == arrivals.length) {
        next = 0;
      }
      arrivals[next] = arrivalNanos;
      holds[next++] = heldNanos;
      size = Math.max(size, next);
    }

    Log copy() {
      Log out = new Log();
      out.arrivals = Arrays.copyOf(arrivals, size);
      out.holds = Arrays.copyOf(holds, size);
      out.size = size;
      return out;
    }
  }

  /// @param now the size in force; tried too, and up to twice as many
  static Sizing of(Log log, int now) {
    int n = log.size;
    if (n == 0) {
      return NONE;
    }
    long[][] inOrder =
        IntStream.range(0, n)
            .mapToObj(i -> new long[] {log.arrivals[i], log.holds[i]})
            .sorted((a, b) -> Long.signum(a[0] - b[0]))
            .toArray(long[][]::new);
    long[] holds = Arrays.stream(inOrder).mapToLong(each -> each[1]).sorted().toArray();
    double target = Math.max(LEAST_MILLIS, holds[n / 2] / 1e6);
    List<Line> lines = new ArrayList<>();
    int enough = 0;
    for (int size : sizes(now)) {
      Line line = replay(inOrder, size);
      lines.add(line);
      if (enough == 0 && line.waitP99Millis() <= target) {
        enough = size;
      }
    }
    return new Sizing(n, enough, List.copyOf(lines));
  }

  private static int[] sizes(int now) {
    int most = Math.max(8, 2 * now);
    return IntStream.concat(
            IntStream.of(now, 1, 2, 3, 4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100),
            IntStream.of(now / 2, now * 3 / 4, now * 5 / 4, now * 3 / 2, most))
        .filter(size -> size >= 1 && size <= most)
        .sorted()
        .distinct()
        .toArray();
  }

  private static Line replay(long[][] inOrder, int size) {
    long start = inOrder[0][0];
    PriorityQueue<Long> free = new PriorityQueue<>(size);
    for (int i = 0; i < size; i++) {
      free.add(0L);
    }
    long[] waits = new long[inOrder.length];
    long held = 0;
    long end = 1;
    for (int i = 0; i < inOrder.length; i++) {
      long arrival = inOrder[i][0] - start;
      long begin = Math.max(arrival, free.remove());
      waits[i] = begin - arrival;
      held += inOrder[i][1];
      end = Math.max(end, begin + inOrder[i][1]);
      free.add(begin + inOrder[i][1]);
    }
    Arrays.sort(waits);
    return new Line(
        size,
        waits[waits.length / 2] / 1e6,
        waits[(int) ((waits.length - 1) * 0.99)] / 1e6,
        (double) held / size / end);
  }
}
