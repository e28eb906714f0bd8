package dev.freshet.changes;

import dev.freshet.base.Meters;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/// The feed's figures.
record FeedMeters(LongAdder rows, LongAdder transactions, LongAdder attachments) {

  static FeedMeters of(
      Meters meters,
      DoubleSupplier lagSeconds,
      DoubleSupplier attached,
      DoubleSupplier waiting,
      DoubleSupplier others) {
    meters.gauge(
        "freshet_changes_lag_seconds",
        "From a commit to its publication, as last measured",
        Map.of(),
        lagSeconds);
    meters.gauge(
        "freshet_changes_attached",
        "1 while the change feed tells of changes in time",
        Map.of(),
        attached);
    meters.gauge(
        "freshet_changes_waiting",
        "Transactions that were read from the log and are not visible yet",
        Map.of(),
        waiting);
    meters.gauge(
        "freshet_changes_other_nodes", "Other nodes on the same database", Map.of(), others);
    return new FeedMeters(
        meters.counter("freshet_changes_rows_total", "Changed rows read from the log").count(),
        meters
            .counter("freshet_changes_transactions_total", "Transactions read from the log")
            .count(),
        meters
            .counter("freshet_changes_attachments_total", "How often the change feed has begun")
            .count());
  }
}
