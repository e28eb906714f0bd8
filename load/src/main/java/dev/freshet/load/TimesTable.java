package dev.freshet.load;

import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/// Rows of times for a terminal of eighty columns, which would break what is wider.
final class TimesTable {
  private static final int NAME = 20;

  /// Of a name that is too long: what it begins with tells the kind, what it ends with which.
  private static final int BEGINNING = 7;

  private TimesTable() {}

  static String heads() {
    return line("milliseconds", "requests", List.of("mean", "p50", "p95", "p99", "max"), "errors");
  }

  static String row(String name, long count, Histogram nanos, long failures) {
    return row(name, count, nanos, String.format(Locale.ROOT, "%,d", failures));
  }

  /// Of something that is not counted as failed.
  static String row(String name, Histogram nanos) {
    return row(name, nanos.getTotalCount(), nanos, "");
  }

  private static String row(String name, long count, Histogram nanos, String failures) {
    boolean isNone = nanos.getTotalCount() == 0;
    List<String> times =
        isNone
            ? List.of("-", "-", "-", "-", "-")
            : List.of(
                millis(nanos.getMean()),
                millis((double) nanos.getValueAtPercentile(50)),
                millis((double) nanos.getValueAtPercentile(95)),
                millis((double) nanos.getValueAtPercentile(99)),
                millis((double) nanos.getMaxValue()));
    return line(name, String.format(Locale.ROOT, "%,d", count), times, failures);
  }

  /// Two digits behind the point where they may mean something.
  static String millis(double nanos) {
    double millis = nanos / 1e6;
    String form = millis < 100 ? "%.2f" : millis < 10_000 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, form, millis);
  }

  private static String line(String name, String count, List<String> times, String failures) {
    StringBuilder out = new StringBuilder("  ");
    out.append(padded(LoadReport.printable(name)));
    out.append(String.format(Locale.ROOT, "%10s", count));
    times.forEach(time -> out.append(String.format(Locale.ROOT, "%8s", time)));
    out.append(String.format(Locale.ROOT, "%8s", failures));
    return out.toString().stripTrailing();
  }

  private static String padded(String name) {
    int more = name.length() - NAME;
    String shown =
        more <= 0
            ? name
            : name.substring(0, BEGINNING) + "…" + name.substring(BEGINNING + more + 1);
    return shown + " ".repeat(NAME - shown.length());
  }
}
