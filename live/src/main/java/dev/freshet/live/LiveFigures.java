package dev.freshet.live;

import dev.freshet.base.Histogram;
import dev.freshet.base.Meters;
import java.util.Map;

/// What is counted.
final class LiveFigures {
  final Meters.Counter events;
  final Meters.Counter fetches;
  final Meters.Counter changes;
  final Meters.Counter skipped;
  final Meters.Counter resyncs;
  final Histogram delay;
  private final Meters meters;

  LiveFigures(Meters meters) {
    this.meters = meters;
    events = meters.counter("freshet_live_events_total", "States that subscribers were told");
    fetches =
        meters.counter("freshet_live_fetches_total", "Answers asked for on subscribers' behalf");
    changes = meters.counter("freshet_live_changes_total", "New states of followed answers");
    skipped =
        meters.counter(
            "freshet_live_skipped_total", "States not sent to subscribers too slow for them");
    resyncs = meters.counter("freshet_live_resyncs_total", "Times a slow subscriber caught up");
    delay =
        meters.latencies(
            "freshet_live_delay_seconds",
            "From the news of a change to the new state on its way to subscribers",
            Map.of());
  }

  void refused(String reason) {
    meters
        .counter(
            "freshet_live_refused_total",
            "Channels and subscriptions refused, by reason",
            Map.of("reason", reason))
        .increment();
  }

  void gauges(Hub hub) {
    meters.gauge(
        "freshet_live_clients", "Connected subscribers", Map.of(), () -> hub.snapshot().clients());
    meters.gauge(
        "freshet_live_subscriptions",
        "URLs followed, by all subscribers together",
        Map.of(),
        () -> hub.snapshot().subscriptions());
    meters.gauge(
        "freshet_live_topics",
        "Answers followed; subscribers given the same answer share one",
        Map.of(),
        () -> hub.snapshot().topics());
  }
}
