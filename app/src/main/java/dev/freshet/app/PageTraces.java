package dev.freshet.app;

import dev.freshet.app.BottleneckReport.RouteTime;
import dev.freshet.app.BottleneckReport.SlowTrip;
import dev.freshet.assets.PageTime;
import dev.freshet.freshness.TraceId;
import dev.freshet.load.Proof;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Page loads of which Freshet was told the trace: what it knows of the page's trip to the app, and
/// what the browser took beside, make up one time.
final class PageTraces {
  static final String BROWSER = "browser";
  private final Map<String, PageTime> loads = new HashMap<>();
  private final RandomGenerator random;

  PageTraces(RandomGenerator random) {
    this.random = random;
  }

  /// Fields for the request of one page: the app is to make it now, under this trace.
  Map<String, String> next() {
    String parent = TraceId.random(random).traceparent(1, false);
    return Map.of("traceparent", parent, "cache-control", "no-cache");
  }

  /// The load of a page that was asked for with such fields.
  void loaded(Map<String, String> fields, PageTime time) {
    loads.put(fields.getOrDefault("traceparent", "").substring(3, 35), time);
  }

  /// The shares of time of those loads that are found again, by route.
  ///
  /// @param told of trips since before the first load
  List<Proof.Stack> stacks(BottleneckReport told) {
    List<Proof.Stack> out = new ArrayList<>();
    for (RouteTime route : told.routes()) {
      List<SlowTrip> found =
          route.slowest().stream().filter(trip -> loads.containsKey(trip.trace())).toList();
      if (!found.isEmpty()) {
        out.add(stack(route.route(), found));
      }
    }
    return out;
  }

  private Proof.Stack stack(String route, List<SlowTrip> trips) {
    double sum = 0;
    Map<String, Double> parts = new LinkedHashMap<>();
    BottleneckReport.PARTS.forEach(part -> parts.put(part, 0.0));
    for (SlowTrip trip : trips) {
      PageTime time = loads.get(trip.trace());
      if (time != null) {
        double whole = Math.max(time.loaded(), trip.millis());
        sum += whole;
        trip.partMillis().forEach((part, millis) -> parts.merge(part, millis, Double::sum));
        parts.merge(BROWSER, whole - trip.millis(), Double::sum);
      }
    }
    double all = Math.max(sum, Double.MIN_NORMAL);
    parts.replaceAll((part, millis) -> millis / all);
    return new Proof.Stack("page load: " + route, sum / trips.size(), parts);
  }
}
