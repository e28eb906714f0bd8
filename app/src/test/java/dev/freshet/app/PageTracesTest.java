package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.freshet.app.BottleneckReport.RouteTime;
import dev.freshet.app.BottleneckReport.SlowTrip;
import dev.freshet.assets.PageTime;
import dev.freshet.load.Proof;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// A page's trip to the app is part of what its visitor waited for.
class PageTracesTest {
  private static PageTime loaded(double millis) {
    return new PageTime(0, 0, 0, 0, 0, 0, millis, 0, 0);
  }

  private static RouteTime route(String name, SlowTrip... slowest) {
    return new RouteTime(
        name, 9, 0, 9, 0, 50, 50, 50, 1_000, Map.of(), List.of(), List.of(slowest));
  }

  private static BottleneckReport report(RouteTime... routes) {
    return new BottleneckReport(true, 9, 450, List.of(), List.of(), List.of(routes), List.of());
  }

  /// 200 ms and 400 ms, of which the app had 50 and 100; a trip of somebody else is not in it.
  @Test
  void theBrowserHasWhatTheTripLeaves() {
    PageTraces traces = new PageTraces(new SplittableRandom(1));
    Map<String, String> first = traces.next();
    Map<String, String> second = traces.next();
    assertThat(first).isNotEqualTo(second).containsEntry("cache-control", "no-cache");
    traces.loaded(first, loaded(200));
    traces.loaded(second, loaded(400));
    RouteTime page =
        route(
            "GET /product/*",
            new SlowTrip("0".repeat(31) + "1", 900, 1, Map.of("app", 900.0)),
            new SlowTrip(trace(first), 50, 1, Map.of("app", 10.0, "statements", 40.0)),
            new SlowTrip(trace(second), 100, 1, Map.of("app", 20.0, "statements", 80.0)));
    SlowTrip other = new SlowTrip("", 5, 0, Map.of("app", 5.0));
    List<Proof.Stack> stacks = traces.stacks(report(page, route("GET /api/*", other)));
    assertThat(stacks).hasSize(1);
    Proof.Stack stack = stacks.getFirst();
    assertThat(stack.route()).isEqualTo("page load: GET /product/*");
    assertThat(stack.meanMillis()).isEqualTo(300);
    assertThat(share(stack, "browser")).isCloseTo(450.0 / 600, within(1e-9));
    assertThat(share(stack, "statements")).isCloseTo(120.0 / 600, within(1e-9));
    assertThat(share(stack, "app")).isCloseTo(30.0 / 600, within(1e-9));
  }

  private static String trace(Map<String, String> fields) {
    return Objects.requireNonNull(fields.get("traceparent")).substring(3, 35);
  }

  private static double share(Proof.Stack stack, String part) {
    return Objects.requireNonNull(stack.shares().get(part));
  }
}
