package dev.freshet.edge;

import dev.freshet.base.Histogram;
import dev.freshet.base.Meters;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/// One origin's meters.
///
/// @param failures by kind
/// @param retries requests sent again after this origin failed them
/// @param answers time from sending to the response head
record OriginFigures(
    Meters.Counter connects,
    Map<UpstreamFailure.Kind, Meters.Counter> failures,
    Meters.Counter retries,
    Histogram answers) {

  /// Registers them under the origin's URL.
  static OriginFigures of(Meters meters, Origin origin) {
    Map<String, String> label = Map.of("origin", origin.url().toString());
    Map<UpstreamFailure.Kind, Meters.Counter> failures = new EnumMap<>(UpstreamFailure.Kind.class);
    for (UpstreamFailure.Kind kind : UpstreamFailure.Kind.values()) {
      Map<String, String> labels = new HashMap<>(label);
      labels.put("kind", kind.name().toLowerCase(java.util.Locale.ROOT));
      failures.put(
          kind,
          meters.counter(
              "freshet_origin_failures_total", "Requests an origin gave no answer to", labels));
    }
    meters.gauge(
        "freshet_origin_connections", "Open connections", label, () -> origin.connections());
    meters.gauge(
        "freshet_origin_requests_active",
        "Requests under way to an origin",
        label,
        () -> origin.active());
    meters.gauge(
        "freshet_origin_limit",
        "Requests an origin is given at a time",
        label,
        () -> origin.gate().limit());
    meters.gauge(
        "freshet_origin_requests_waiting",
        "Requests that wait for their turn at an origin",
        label,
        () -> origin.gate().waiting());
    meters.gauge(
        "freshet_origin_up",
        "1 while an origin is asked, 0 while it is ejected",
        label,
        () -> origin.health().isUp() ? 1 : 0);
    return new OriginFigures(
        meters.counter("freshet_origin_connects_total", "Connections begun", label),
        failures,
        meters.counter(
            "freshet_origin_retries_total", "Requests tried again after a failure", label),
        meters.latencies("freshet_origin_response_seconds", "Time to the response head", label));
  }
}
