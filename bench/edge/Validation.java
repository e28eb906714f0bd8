import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Freshness.AsOf;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// What asking whether rows have changed adds to a hit, in processor time of the thread that asks:
/// with nothing published since the last time (nearly every hit), and with a commit published in
/// between (the first hit of each entry after it). Started by `rows.sh --alone`.
public final class Validation {
  private static final int TIMES = 5_000_000;

  public static void main(String[] told) {
    for (int rows : new int[] {1, 4, 16, 64}) {
      Freshness freshness = new Freshness();
      Freshness.Feed feed = freshness.feed();
      feed.attach(1, 100, () -> CompletableFuture.completedFuture(100L));
      AsOf asOf = freshness.asOf();
      List<Evidence> entries = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        List<Dependency> of = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
          of.add(new Dependency.Rows(row % 3, 1, Integer.toString(i * 100 + row)));
        }
        entries.add(freshness.evidence(asOf, of));
      }
      double quiet = 0;
      double published = 0;
      for (int round = 0; round < 5; round++) {
        quiet = nanos(freshness, feed, entries, false);
        published = nanos(freshness, feed, entries, true);
      }
      System.out.printf("%2d rows: %.1f ns with nothing published since, %.1f ns after each commit%n", rows, quiet, published);
    }
  }

  private static double nanos(Freshness freshness, Freshness.Feed feed, List<Evidence> entries, boolean commits) {
    var threads = ManagementFactory.getThreadMXBean();
    long spent = 0;
    int asked = 0;
    int current = 0;
    long position = freshness.published();
    while (asked < TIMES) {
      if (commits) {
        position += 8;
        feed.begin(position);
        feed.rows(position % 3, 1, "another " + position, position);
        feed.settle();
        feed.publish(position);
      }
      long before = threads.getCurrentThreadCpuTime();
      for (Evidence entry : entries) {
        current += freshness.isCurrent(entry) ? 1 : 0;
      }
      spent += threads.getCurrentThreadCpuTime() - before;
      asked += entries.size();
    }
    if (current != asked) {
      throw new IllegalStateException("an answer counts as changed that is not");
    }
    return (double) spent / asked;
  }
}
