package dev.freshet.gateway;

import dev.freshet.base.Histogram;
import dev.freshet.sql.Shape;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The figures of one fingerprint, exact since it is followed.
final class Followed {
  private static final int MAX_TEXT = 4_000;
  private static final int MAX_NAMES = 16;
  private static final String OTHERS = "(others)";

  private final long fingerprint;
  private final String text;
  private final long errorNanos;
  private final Histogram latencies = new Histogram();
  private final Map<String, long[]> errors = new HashMap<>(2);
  private final Map<String, long[]> routes = new HashMap<>(2);
  private @Nullable Shape shape;
  private long rank;
  private long calls;
  private long rows;
  private long octets;
  private long nanos;
  private long waitedNanos;
  private long failures;
  private long hits;
  private long repeatedRequests;
  private long repeatedCalls;
  private int mostInRequest;

  /// @param errorNanos what it may have taken before
  Followed(long fingerprint, String text, long errorNanos) {
    this.fingerprint = fingerprint;
    this.text = text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + " ...";
    this.errorNanos = errorNanos;
    this.rank = weight();
  }

  long fingerprint() {
    return fingerprint;
  }

  /// Never less than what it took in all.
  long weight() {
    return errorNanos + nanos;
  }

  /// Its place in the queue of those that may have to go.
  long rank() {
    return rank;
  }

  boolean isRanked() {
    return rank == weight();
  }

  void rankAnew() {
    rank = weight();
  }

  @Nullable Shape shape() {
    return shape;
  }

  void shape(@Nullable Shape known) {
    shape = known;
  }

  long calls() {
    return calls;
  }

  long nanos() {
    return nanos;
  }

  long rows() {
    return rows;
  }

  long octets() {
    return octets;
  }

  long waitedNanos() {
    return waitedNanos;
  }

  long failures() {
    return failures;
  }

  long repeatedCalls() {
    return repeatedCalls;
  }

  double meanNanos() {
    return calls == 0 ? 0 : (double) nanos / calls;
  }

  void ran(long took, long waited, long count, long size) {
    calls++;
    nanos += took;
    waitedNanos += waited;
    rows += count;
    octets += size;
    latencies.record(took);
  }

  /// It was answered from memory.
  void recalled(long took, long count, long size) {
    ran(took, 0, count, size);
    hits++;
  }

  long hits() {
    return hits;
  }

  void failed(String sqlState) {
    failures++;
    add(errors, sqlState);
  }

  void causedBy(String route) {
    add(routes, route);
  }

  /// It ran for the n-th time for one request.
  void repeated(int n) {
    mostInRequest = Math.max(mostInRequest, n);
    if (n == Workload.REPEATED) {
      repeatedRequests++;
      repeatedCalls += n;
    } else if (n > Workload.REPEATED) {
      repeatedCalls++;
    }
  }

  private static void add(Map<String, long[]> counts, String name) {
    long[] count = counts.get(name);
    if (count == null) {
      String known = counts.size() < MAX_NAMES ? name : OTHERS;
      count = counts.computeIfAbsent(known, n -> new long[1]);
    }
    count[0]++;
  }

  private static Map<String, Long> copy(Map<String, long[]> counts) {
    Map<String, Long> out = new TreeMap<>();
    counts.forEach((name, count) -> out.put(name, count[0]));
    return out;
  }

  StatementsSnapshot.Line snapshot(@Nullable Shape known) {
    return new StatementsSnapshot.Line(
        String.format(Locale.ROOT, "%016x", fingerprint),
        text,
        calls,
        rows,
        octets,
        nanos / 1e6,
        errorNanos / 1e6,
        meanNanos() / 1e6,
        latencies.quantileNanos(0.5) / 1e6,
        latencies.quantileNanos(0.95) / 1e6,
        latencies.quantileNanos(0.99) / 1e6,
        waitedNanos / 1e6,
        copy(errors),
        Shapes.word(known),
        hits,
        copy(routes),
        new StatementsSnapshot.Repeated(repeatedRequests, repeatedCalls, mostInRequest));
  }
}
