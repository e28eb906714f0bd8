package dev.freshet.freshness;

import dev.freshet.base.Histogram;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/// The trips of one route. A statement beyond those that there is room for takes the place of the
/// one that took least, and its time as a possible error: whatever took more than a fortieth of all
/// is followed (Space-Saving; Metwally, Agrawal, El Abbadi 2005).
final class RouteTimes {
  static final int MAX_STATEMENTS = 40;
  static final int MAX_SLOWEST = 3;
  private static final int MAX_TEXT = 2_000;

  private final Histogram latencies = new Histogram();
  private final Map<Long, Statement> statements = new HashMap<>();
  private final PriorityQueue<TripBook.Slow> slowest =
      new PriorityQueue<>((a, b) -> Long.compare(a.spent().total(), b.spent().total()));
  private TripBook.Spent spent = TripBook.Spent.NOTHING;
  private long trips;
  private long failed;
  private long seen;
  private long parallel;
  private long octets;
  private long calls;

  private static final class Statement {
    private final DatabaseTime.Wording wording;
    private final long missedNanos;
    private long calls;
    private long trips;
    private int most;
    private long nanos;
    private long betweenNanos;

    Statement(DatabaseTime.Wording wording, long missedNanos) {
      this.wording = wording;
      this.missedNanos = missedNanos;
    }

    void add(DatabaseTime.Line line) {
      calls += line.calls();
      trips++;
      most = Math.max(most, line.calls());
      nanos += line.nanos();
      betweenNanos += line.betweenNanos();
    }

    long weight() {
      return nanos + missedNanos;
    }
  }

  synchronized void failed() {
    failed++;
  }

  synchronized void arrived(TripTimes times, DatabaseTime.Sum database, String trace) {
    TripBook.Spent here = TripBook.Spent.of(times, database);
    trips++;
    seen += database.calls() > 0 ? 1 : 0;
    parallel += database.nanos() + database.waitedNanos() > times.answer() ? 1 : 0;
    spent = spent.plus(here);
    octets += times.octets();
    calls += database.calls();
    latencies.record(times.total());
    database.lines().forEach(this::add);
    TripBook.Slow least = slowest.peek();
    if (slowest.size() == MAX_SLOWEST && least != null && least.spent().total() < times.total()) {
      slowest.remove();
    }
    if (slowest.size() < MAX_SLOWEST) {
      slowest.add(new TripBook.Slow(trace, here, times.octets(), database.calls()));
    }
  }

  private void add(DatabaseTime.Line line) {
    Statement known = statements.get(line.fingerprint());
    if (known == null) {
      long missed = 0;
      if (statements.size() == MAX_STATEMENTS) {
        long gone = leastOfAll();
        Statement least = statements.remove(gone);
        missed = least == null ? 0 : least.weight();
      }
      known = new Statement(clipped(line.wording().get()), missed);
      statements.put(line.fingerprint(), known);
    }
    known.add(line);
  }

  private long leastOfAll() {
    long at = 0;
    long least = Long.MAX_VALUE;
    for (Map.Entry<Long, Statement> each : statements.entrySet()) {
      if (each.getValue().weight() < least) {
        least = each.getValue().weight();
        at = each.getKey();
      }
    }
    return at;
  }

  /// What was sent is kept to be explained, which needs all of it.
  private static DatabaseTime.Wording clipped(DatabaseTime.Wording wording) {
    String text = wording.text();
    return new DatabaseTime.Wording(
        text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + " ...",
        wording.sent().length() <= MAX_TEXT ? wording.sent() : "");
  }

  synchronized TripBook.Line line(String route) {
    List<TripBook.StatementLine> lines = new ArrayList<>();
    statements.forEach((fingerprint, s) ->
        lines.add(
            new TripBook.StatementLine(
                fingerprint,
                s.wording,
                s.calls,
                s.trips,
                s.most,
                s.nanos,
                s.betweenNanos,
                s.missedNanos)));
    lines.sort((a, b) -> Long.compare(b.nanos(), a.nanos()));
    List<TripBook.Slow> slow = new ArrayList<>(slowest);
    slow.sort((a, b) -> Long.compare(b.spent().total(), a.spent().total()));
    return new TripBook.Line(
        route,
        trips,
        failed,
        seen,
        parallel,
        latencies.quantileNanos(0.5),
        latencies.quantileNanos(0.95),
        octets,
        spent,
        calls,
        List.copyOf(lines),
        List.copyOf(slow));
  }
}
