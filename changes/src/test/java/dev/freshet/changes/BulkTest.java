package dev.freshet.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Time;
import dev.freshet.freshness.Evidence;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One UPDATE of very many rows: `-Dbulk.rows=1000000` for a million.
@Timeout(240)
class BulkTest {
  private static final int ROWS = Integer.getInteger("bulk.rows", 50_000);

  @Test
  void theFeedKeepsUpAndItsMemoryDoesNotGrowWithTheTransaction()
      throws SQLException, InterruptedException, ExecutionException, TimeoutException {
    try (Stage stage =
        Stage.open(
            "create table stock (id int primary key, shelf int, n int, note text)",
            "insert into stock select i, i % 100, i, repeat('x', 100) from generate_series(1, "
                + ROWS
                + ") i",
            "alter table stock replica identity full",
            "create table other (id int primary key)")) {
      Evidence seven = stage.rows("stock", "id", 7);
      Evidence shelf = stage.rows("stock", "shelf", 7);
      Evidence other = stage.rows("other", "id", 7);
      long before = used();
      stage.run("update stock set n = n + 1");
      long committed = Time.system().nanos();
      // Perhaps nothing is vouched for meanwhile; either way it has passed then.
      var _ = stage.freshness.passed().get(2, TimeUnit.MINUTES);
      Duration took = Duration.ofNanos(Time.system().nanos() - committed);
      Stage.until("everything else is as before", () -> stage.isCurrent(other));
      Stage.until("its lag is small again", () -> stage.feed.snapshot().lagMillis() < 1_000);
      Duration inTime = Duration.ofNanos(Time.system().nanos() - committed);
      assertThat(stage.isCurrent(seven)).isFalse();
      assertThat(stage.isCurrent(shelf)).isFalse();
      assertThat(stage.feed.snapshot().attachments()).isEqualTo(1);
      long grown = used() - before;
      System.out.printf(
          "%d rows: published %d ms after the commit, lag below 1 s after %d ms, heap %+d kB%n",
          ROWS, took.toMillis(), inTime.toMillis(), grown / 1_024);
      assertThat(grown).isLessThan(32L << 20);
    }
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
