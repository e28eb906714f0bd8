package dev.freshet.base;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/// The program's figures: rooms register and bump them, the console reads them.
///
/// Names follow Prometheus (`freshet_edge_requests_total`); labels are a fixed map given at
/// registration. Asking twice for the same name and labels gives the same meter, so callers keep
/// the reference and pay one add per event.
public final class Meters {
  private final Map<Id, Meter> meters = new ConcurrentHashMap<>();

  /// What a meter is called.
  ///
  /// @param labels label name to value, in display order
  public record Id(String name, Map<String, String> labels) {
    public Id {
      labels = Map.copyOf(labels);
    }

    /// As a record's own, which is put together when it is called first: no AOT cache holds it, and
    /// this one is called before anything is served.
    @Override
    public int hashCode() {
      return 31 * name.hashCode() + labels.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Id(String itsName, Map<String, String> itsLabels)
          && name.equals(itsName)
          && labels.equals(itsLabels);
    }
  }

  /// One figure, with the sentence that explains it.
  public sealed interface Meter permits Counter, Gauge, Latencies {
    Id id();

    String help();
  }

  /// A number that only grows.
  public record Counter(Id id, String help, LongAdder count) implements Meter {
    public void add(long n) {
      count.add(n);
    }

    public void increment() {
      count.increment();
    }

    public long sum() {
      return count.sum();
    }
  }

  /// A number read when asked for.
  public record Gauge(Id id, String help, DoubleSupplier value) implements Meter {}

  /// Durations, see [Histogram].
  public record Latencies(Id id, String help, Histogram histogram) implements Meter {}

  public Counter counter(String name, String help, Map<String, String> labels) {
    Id id = new Id(name, labels);
    return (Counter) meters.computeIfAbsent(id, i -> new Counter(i, help, new LongAdder()));
  }

  public Counter counter(String name, String help) {
    return counter(name, help, Map.of());
  }

  /// Registers a gauge; the last supplier registered under an id wins.
  public void gauge(String name, String help, Map<String, String> labels, DoubleSupplier value) {
    Id id = new Id(name, labels);
    meters.put(id, new Gauge(id, help, value));
  }

  public Histogram latencies(String name, String help, Map<String, String> labels) {
    Id id = new Id(name, labels);
    Meter meter = meters.computeIfAbsent(id, i -> new Latencies(i, help, new Histogram()));
    return ((Latencies) meter).histogram();
  }

  /// Everything registered, in no order; a live view.
  public Collection<Meter> all() {
    return meters.values();
  }
}
