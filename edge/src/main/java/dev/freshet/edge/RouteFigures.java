package dev.freshet.edge;

import dev.freshet.base.Histogram;
import dev.freshet.base.Meters;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What happened on one route since the start.
final class RouteFigures {
  private final String route;
  private final Map<Outcome, Meters.Counter> outcomes = new EnumMap<>(Outcome.class);
  private final Map<Reason, Meters.Counter> reasons = new EnumMap<>(Reason.class);
  private final Meters.Counter same;
  private final Meters.Counter other;
  private final Meters.Counter renewals;
  private final Meters.Counter warmed;
  private final Meters.Counter octets;
  private final Histogram latencies;

  RouteFigures(String route, Meters meters) {
    this.route = route;
    for (Outcome outcome : Outcome.values()) {
      outcomes.put(
          outcome,
          meters.counter(
              "freshet_edge_requests_total",
              "Requests by route and how they were answered",
              Map.of("route", route, "outcome", outcome.name().toLowerCase(Locale.ROOT))));
    }
    for (Reason reason : Reason.values()) {
      reasons.put(
          reason,
          meters.counter(
              "freshet_edge_not_stored_total",
              "Responses that were not stored, by route and reason",
              Map.of("route", route, "reason", reason.word())));
    }
    same = refills(meters, "same");
    other = refills(meters, "other");
    renewals =
        meters.counter(
            "freshet_edge_renewals_total",
            "Trips to make a popular answer again before anybody asked for it",
            Map.of("route", route));
    warmed =
        meters.counter(
            "freshet_edge_warmed_total",
            "Trips for what an operator expected visitors to ask for",
            Map.of("route", route));
    octets =
        meters.counter(
            "freshet_edge_sent_bytes_total",
            "Octets of content handed to clients",
            Map.of("route", route));
    latencies =
        meters.latencies(
            "freshet_edge_response_seconds",
            "From a complete request head to the last octet handed to the connection",
            Map.of("route", route));
  }

  void answered(Outcome outcome, long nanos, long sent) {
    counter(outcome).increment();
    latencies.record(nanos);
    octets.add(sent);
  }

  /// Octets of content that left beside what exchanges booked themselves.
  void sent(long many) {
    octets.add(many);
  }

  /// An answer made here without an exchange.
  void refused() {
    counter(Outcome.ERROR).increment();
  }

  private Meters.Counter refills(Meters meters, String answer) {
    return meters.counter(
        "freshet_edge_refills_total",
        "Responses made again after a change of rows, by route and whether they came out the same",
        Map.of("route", route, "answer", answer));
  }

  void refilled(Refill refill) {
    switch (refill) {
      case SAME -> same.increment();
      case OTHER -> other.increment();
      case FIRST -> {}
    }
  }

  /// An answer is being made again that nobody waits for.
  void renews() {
    renewals.increment();
  }

  /// An answer is being made that an operator expects to be asked for.
  void warms() {
    warmed.increment();
  }

  /// Whether a request of which the answer was to be kept is known to have changed rows.
  boolean hasWritten() {
    Meters.Counter counter = reasons.get(Reason.WROTE);
    return counter != null && counter.sum() > 0;
  }

  void notStored(Reason reason) {
    Meters.Counter counter = reasons.get(reason);
    if (counter != null) {
      counter.increment();
    }
  }

  private Meters.Counter counter(Outcome outcome) {
    Meters.Counter counter = outcomes.get(outcome);
    if (counter == null) {
      throw new IllegalStateException("no counter for " + outcome);
    }
    return counter;
  }

  /// A copy of the figures for `/routes`.
  EdgeSnapshot.RouteLine line() {
    long fromCache = 0;
    long all = 0;
    Map<String, Long> byOutcome = new TreeMap<>();
    for (Outcome outcome : Outcome.values()) {
      long n = counter(outcome).sum();
      all += n;
      if (outcome.isServedFromCache()) {
        fromCache += n;
      }
      if (n > 0) {
        byOutcome.put(outcome.name().toLowerCase(Locale.ROOT), n);
      }
    }
    Map<String, Long> notStored = new TreeMap<>();
    reasons.forEach((reason, counter) -> {
      if (counter.sum() > 0) {
        notStored.put(reason.word(), counter.sum());
      }
    });
    return new EdgeSnapshot.RouteLine(
        route,
        all,
        all == 0 ? 0 : (double) fromCache / all,
        octets.sum(),
        latencies.quantileNanos(0.5) / 1e6,
        latencies.quantileNanos(0.95) / 1e6,
        latencies.quantileNanos(0.99) / 1e6,
        byOutcome,
        notStored,
        same.sum(),
        other.sum(),
        renewals.sum());
  }
}
