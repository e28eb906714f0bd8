package dev.freshet.gateway;

import dev.freshet.base.Histogram;
import dev.freshet.base.Meters;
import dev.freshet.sql.Shape;
import dev.freshet.sql.Statement;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/* Which statements cost the most, in bounded memory.
 *
 * Space-Saving (Metwally, Agrawal, El Abbadi 2005), weighted by time: as many fingerprints are
 * followed as there is room for; a new one takes the place of the one with the least weight and
 * inherits its weight as an error. Hence, with m places and T the time of all statements: a
 * fingerprint that took more than T/m is always followed, and what a followed one may have taken
 * before it was is at most its error, which is at most T/m. Its other figures are exact since then.
 * While there are no more than m fingerprints every error is zero.
 *
 * Weights only grow, so a rank noted earlier is a lower bound: the queue is put in order only when
 * somebody has to go, and a statement that is already followed pays nothing for it.
 */

/// Statistics of statements by fingerprint. Belongs to the gateway's loop.
final class Workload {
  /// How often a statement runs for one request before that is worth mentioning.
  static final int REPEATED = 5;

  private final int most;
  private final Shapes shapes;
  private final Function<String, @Nullable String> routeOf;
  private final LongObjectMap<Followed> byFingerprint = new LongObjectHashMap<>();
  private final PriorityQueue<Followed> least =
      new PriorityQueue<>(Comparator.comparingLong(Followed::rank));
  private final Repeats repeats = new Repeats();
  private final Meters.Counter calls;
  private final Meters.Counter rows;
  private final Meters.Counter octets;
  private final Histogram latencies;
  private long nanos;
  private long replaced;

  /// @param most fingerprints to follow; zero counts nothing
  /// @param routeOf the route that a trace-id belongs to, where it is known
  Workload(int most, Shapes shapes, Function<String, @Nullable String> routeOf, Meters meters) {
    this.most = most;
    this.shapes = shapes;
    this.routeOf = routeOf;
    calls = meters.counter("freshet_gateway_statements_total", "Statements that have run");
    rows = meters.counter("freshet_gateway_rows_total", "Rows they returned or changed");
    octets = meters.counter("freshet_gateway_answer_bytes_total", "Octets the server answered");
    latencies =
        meters.latencies(
            "freshet_gateway_statement_seconds",
            "Time from a statement to the end of its answer, without waiting for a connection",
            Map.of());
    meters.gauge(
        "freshet_gateway_fingerprints",
        "Statements followed by fingerprint",
        Map.of(),
        () -> (double) byFingerprint.size());
  }

  boolean isOn() {
    return most > 0;
  }

  /// @param sqlState of the error it ended with, or null
  void ran(Running running, long took, long count, long size, @Nullable String sqlState) {
    calls.increment();
    rows.add(count);
    octets.add(size);
    latencies.record(took);
    nanos += took;
    Followed line = of(running.statement());
    line.ran(took, running.waitedNanos(), count, size);
    if (sqlState != null) {
      line.failed(sqlState);
    }
    tell(line, running.statement(), running.trace());
  }

  /// The answer came from memory.
  void recalled(Statement statement, @Nullable String trace, long took, long count, long size) {
    calls.increment();
    rows.add(count);
    latencies.record(took);
    nanos += took;
    Followed line = of(statement);
    line.recalled(took, count, size);
    tell(line, statement, trace);
  }

  /// The server did not get as far as running it.
  void refused(Statement statement, String sqlState) {
    if (isOn()) {
      of(statement).failed(sqlState);
    }
  }

  private void tell(Followed line, Statement statement, @Nullable String trace) {
    if (line.shape() == null && line.calls() > 1) {
      // What comes once is not worth parsing.
      line.shape(shapes.of(statement));
    }
    if (trace == null) {
      return;
    }
    line.repeated(repeats.count(trace, statement.fingerprint()));
    String route = routeOf.apply(trace);
    if (route != null) {
      line.causedBy(route);
    }
  }

  private Followed of(Statement statement) {
    long fingerprint = statement.fingerprint();
    Followed known = byFingerprint.get(fingerprint);
    if (known != null) {
      return known;
    }
    long error = 0;
    if (byFingerprint.size() >= most) {
      Followed gone = leastOfAll();
      byFingerprint.remove(gone.fingerprint());
      error = gone.weight();
      replaced++;
    }
    Followed line = new Followed(fingerprint, statement.normalised(), error);
    byFingerprint.put(fingerprint, line);
    least.add(line);
    return line;
  }

  /// Takes it out of the queue.
  private Followed leastOfAll() {
    while (true) {
      Followed first = least.remove();
      if (first.isRanked()) {
        return first;
      }
      first.rankAnew();
      least.add(first);
    }
  }

  /// The first ones in that order.
  StatementsSnapshot snapshot(StatementOrder order, int limit) {
    List<Followed> all = new ArrayList<>(byFingerprint.values());
    all.sort(order.largestFirst());
    List<StatementsSnapshot.Line> lines = new ArrayList<>();
    for (Followed line : all.subList(0, Math.min(limit, all.size()))) {
      Shape shape = line.shape();
      lines.add(line.snapshot(shape == null ? shapes.known(line.fingerprint()) : shape));
    }
    return new StatementsSnapshot(
        byFingerprint.size(),
        most,
        replaced,
        calls.sum(),
        nanos / 1e6,
        most == 0 ? 0 : replaced == 0 ? 0 : nanos / 1e6 / most,
        lines);
  }
}
