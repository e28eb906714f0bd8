package dev.freshet.load;

import dev.freshet.recording.Line;
import dev.freshet.recording.Recording;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/// What was recorded of the requests that a replay makes: beside what it measured one sees whether
/// it resembles them. Written by the thread that reads the file.
public final class Recorded {
  private static final int MOST_ROUTES = 100;
  private static final long LONGEST = 3_600_000_000_000L;
  private static final String OTHER = "other";
  private final Recording recording;
  private final ReplayOrder order;
  private final Map<String, Part> routes = new TreeMap<>();
  private long from;

  /// Of one route, or of all.
  static final class Part {
    /// Nanoseconds.
    final Histogram took = new Histogram(2);

    /// Answers by the first digit of their status; at 0 those that nobody waited for.
    final long[] classes = new long[10];

    long asked;

    void add(Part other) {
      took.add(other.took);
      for (int i = 0; i < classes.length; i++) {
        classes[i] += other.classes[i];
      }
      asked += other.asked;
    }
  }

  Recorded(Recording recording, ReplayOrder order) {
    this.recording = recording;
    this.order = order;
  }

  /// What is due before is not counted, as in a replay's warm-up.
  void countFrom(Duration warmUp) {
    from = warmUp.toNanos();
  }

  /// Counts a request.
  ///
  /// @return what to give to [#answered]; empty when it is not counted
  String asked(String route, long dueNanos) {
    if (dueNanos < from) {
      return "";
    }
    String name = routes.containsKey(route) || routes.size() < MOST_ROUTES ? route : OTHER;
    routes.computeIfAbsent(name, key -> new Part()).asked++;
    return name;
  }

  void answered(String route, Line.Answered answered) {
    Part part = routes.get(route);
    if (part != null) {
      part.classes[Math.clamp(answered.status() / 100, 0, 9)]++;
      part.took.recordValue(Math.clamp((long) (answered.millis() * 1e6), 0, LONGEST));
    }
  }

  Map<String, Part> routes() {
    return routes;
  }

  Part all() {
    Part all = new Part();
    routes.values().forEach(all::add);
    return all;
  }

  /// Of the file, for a machine.
  Map<String, Object> data() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("file", recording.path().toString());
    out.put("sessions", recording.sessions());
    out.put("sessionsLeftOut", recording.leftOut());
    out.put("isBroken", recording.isBroken());
    out.put("speed", order.speed());
    out.put("times", order.times());
    return out;
  }
}
