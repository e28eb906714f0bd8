package dev.freshet.console;

import dev.freshet.base.Histogram;
import dev.freshet.base.Meters;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Writes all meters in Prometheus' text format 0.0.4.
final class Prometheus {
  private static final double[] BOUNDS_MILLIS = {
    0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000
  };

  private Prometheus() {}

  static String text(Meters meters) {
    Map<String, List<Meters.Meter>> byName = new TreeMap<>();
    for (Meters.Meter meter : meters.all()) {
      byName.computeIfAbsent(meter.id().name(), name -> new ArrayList<>()).add(meter);
    }
    StringBuilder out = new StringBuilder(16_384);
    byName.forEach((name, all) -> {
      Meters.Meter first = all.getFirst();
      String type =
          switch (first) {
            case Meters.Counter c -> "counter";
            case Meters.Gauge g -> "gauge";
            case Meters.Latencies l -> "histogram";
          };
      out.append("# HELP ").append(name).append(' ').append(escape(first.help())).append('\n');
      out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
      all.forEach(meter -> meter(out, meter));
    });
    return out.toString();
  }

  private static void meter(StringBuilder out, Meters.Meter meter) {
    String name = meter.id().name();
    String labels = labels(meter.id().labels());
    switch (meter) {
      case Meters.Counter counter -> line(out, name, labels, Long.toString(counter.sum()));
      case Meters.Gauge gauge -> line(out, name, labels, number(gauge.value().getAsDouble()));
      case Meters.Latencies latencies -> histogram(out, name, labels, latencies.histogram());
    }
  }

  private static void histogram(
      StringBuilder out, String name, String labels, Histogram histogram) {
    String comma = labels.isEmpty() ? "" : ",";
    for (double bound : BOUNDS_MILLIS) {
      long n = histogram.countUpTo((long) (bound * 1e6));
      line(
          out,
          name + "_bucket",
          labels + comma + "le=\"" + number(bound / 1e3) + "\"",
          Long.toString(n));
    }
    long count = histogram.count();
    line(out, name + "_bucket", labels + comma + "le=\"+Inf\"", Long.toString(count));
    line(out, name + "_sum", labels, number(histogram.sumNanos() / 1e9));
    line(out, name + "_count", labels, Long.toString(count));
  }

  private static void line(StringBuilder out, String name, String labels, String value) {
    out.append(name);
    if (!labels.isEmpty()) {
      out.append('{').append(labels).append('}');
    }
    out.append(' ').append(value).append('\n');
  }

  private static String labels(Map<String, String> labels) {
    List<String> out = new ArrayList<>();
    new TreeMap<>(labels)
        .forEach((key, value) -> out.add(key + "=\"" + escape(value).replace("\"", "\\\"") + "\""));
    return String.join(",", out);
  }

  private static String escape(String text) {
    return text.replace("\\", "\\\\").replace("\n", "\\n");
  }

  /// Every digit: a rate is the difference of two large sums.
  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }
}
