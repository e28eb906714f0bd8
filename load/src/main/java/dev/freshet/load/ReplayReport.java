package dev.freshet.load;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/// Recorded traffic beside what came of it when it was made again.
public final class ReplayReport {
  /// Recorded requests are counted when they are read, thousands ahead of when they are made.
  private static final String STOPPED =
      "left out, for the replay was stopped: they would not be of the same time";

  /// Of two rows for each route, so that all of it fits into a terminal of eighty columns.
  private static final String ROW_HEADS =
      "              requests  share   2xx   3xx   4xx   5xx  p50 ms  p95 ms  p99 ms";

  private final Replay replay;
  private final Measured measured;

  /// Behind the end of the phase.
  public ReplayReport(Replay replay, Measured measured) {
    this.replay = replay;
    this.measured = measured;
  }

  /// One side of one line.
  ///
  /// @param share of all requests
  /// @param classes share of the answers with statuses 2xx, 3xx, 4xx, 5xx
  /// @param p50 milliseconds: recorded from the head to the last octet at Freshet, replayed from
  ///   the send to the last octet here
  private record Side(
      long requests, double share, List<Double> classes, double p50, double p95, double p99) {

    static Side of(long requests, long all, long[] classes, Histogram nanos) {
      long answers = 0;
      for (int i = 1; i < classes.length; i++) {
        answers += classes[i];
      }
      List<Double> shares = new ArrayList<>();
      for (int i = 2; i <= 5; i++) {
        shares.add(answers == 0 ? 0 : (double) classes[i] / answers);
      }
      return new Side(
          requests,
          all == 0 ? 0 : (double) requests / all,
          shares,
          nanos.getValueAtPercentile(50) / 1e6,
          nanos.getValueAtPercentile(95) / 1e6,
          nanos.getValueAtPercentile(99) / 1e6);
    }

    Map<String, Object> data() {
      Map<String, Object> out = new LinkedHashMap<>();
      out.put("requests", requests);
      out.put("share", share);
      for (int i = 0; i < classes.size(); i++) {
        out.put((i + 2) + "xx", classes.get(i));
      }
      out.put("p50", p50);
      out.put("p95", p95);
      out.put("p99", p99);
      return out;
    }
  }

  private record Pair(String route, Side recorded, Side replayed) {}

  private static Side recorded(Recorded.Part part, long all) {
    return Side.of(part.asked, all, part.classes, part.took);
  }

  private static Side replayed(Figures figures, long all) {
    long[] classes = new long[10];
    figures.statuses().forEach((status, n) -> classes[Math.clamp(status / 100, 0, 9)] += n);
    return Side.of(figures.count(), all, classes, figures.service());
  }

  private List<Pair> pairs() {
    Recorded.Part all = replay.recorded().all();
    Figures total = measured.total();
    List<Pair> out = new ArrayList<>();
    out.add(new Pair("all", recorded(all, all.asked), replayed(total, total.count())));
    replay
        .recorded()
        .routes()
        .forEach((route, part) ->
            out.add(
                new Pair(
                    route,
                    recorded(part, all.asked),
                    replayed(measured.steps().getOrDefault(route, new Figures()), total.count()))));
    return out;
  }

  private double recordedRate() {
    double seconds = measured.phase().lasting().toNanos() / 1e9;
    return replay.recorded().all().asked / seconds;
  }

  /// A table for a terminal.
  public String text() {
    StringBuilder out = new StringBuilder();
    if (measured.isStopped()) {
      line(out, "%nRecorded beside replayed: %s", STOPPED);
      notes(out);
      return out.toString();
    }
    line(
        out,
        "%nRecorded beside replayed, %s:%n  %,.1f requests/s were due, %,.1f answers/s came;"
            + " shares in percent%n",
        replay.words(),
        recordedRate(),
        measured.perSecond());
    out.append(ROW_HEADS).append('\n');
    for (Pair pair : pairs()) {
      line(out, "  %s", LoadReport.printable(pair.route()));
      row(out, "recorded", pair.recorded());
      row(out, "replayed", pair.replayed());
    }
    notes(out);
    return out.toString();
  }

  private static void row(StringBuilder out, String side, Side figures) {
    line(
        out,
        "    %-8s%,10d%7.1f%6.1f%6.1f%6.1f%6.1f%8s%8s%8s",
        side,
        figures.requests(),
        100 * figures.share(),
        100 * figures.classes().get(0),
        100 * figures.classes().get(1),
        100 * figures.classes().get(2),
        100 * figures.classes().get(3),
        TimesTable.millis(figures.p50() * 1e6),
        TimesTable.millis(figures.p95() * 1e6),
        TimesTable.millis(figures.p99() * 1e6));
  }

  private void notes(StringBuilder out) {
    int sessions = replay.recording().leftOut();
    if (sessions > 0) {
      line(out, "  %,d sessions are left out: something of them is missing", sessions);
    }
    if (replay.recording().isBroken()) {
      line(out, "  the file breaks off: sessions that had not ended by then are left out");
    }
    replay
        .leftOut()
        .forEach(
            (why, n) -> line(out, "  %,d requests are left out: %s", n, LoadReport.printable(why)));
    if (!replay.masked().isEmpty()) {
      List<String> names = new ArrayList<>();
      replay.masked().forEach((name, n) -> names.add(LoadReport.printable(name) + " " + n));
      line(
          out,
          "  masked values were sent: %s; --set NAME=VALUE or --login FILE gives others",
          String.join(", ", names));
    }
    if (isLoginMasked()) {
      line(out, "  nobody can be logged in by a masked password or token");
    }
  }

  private boolean isLoginMasked() {
    return replay.masked().keySet().stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .anyMatch(name -> name.contains("pass") || name.contains("pwd") || name.contains("token"));
  }

  /// A table for [LoadPage].
  String table() {
    if (measured.isStopped()) {
      return "<h2>Recorded beside replayed</h2><p>" + STOPPED + "</p>";
    }
    StringBuilder out = new StringBuilder("<h2>Recorded beside replayed</h2><table><tr><th>route");
    out.append("<th><th>requests<th>%<th>2xx %<th>3xx %<th>4xx %<th>5xx %");
    out.append("<th>p50<th>p95<th>p99</tr>");
    for (Pair pair : pairs()) {
      cells(out, LoadPage.escaped(pair.route()), "recorded", pair.recorded());
      cells(out, "", "replayed", pair.replayed());
    }
    return out.append("</table>").toString();
  }

  private static void cells(StringBuilder out, String route, String side, Side figures) {
    out.append("<tr><td>").append(route).append("<td>").append(side);
    out.append(String.format(Locale.ROOT, "<td>%,d", figures.requests()));
    out.append(String.format(Locale.ROOT, "<td>%.1f", 100 * figures.share()));
    for (double share : figures.classes()) {
      out.append(String.format(Locale.ROOT, "<td>%.1f", 100 * share));
    }
    for (double millis : List.of(figures.p50(), figures.p95(), figures.p99())) {
      out.append(String.format(Locale.ROOT, "<td>%.1f", millis));
    }
    out.append("</tr>");
  }

  /// For a machine.
  public Map<String, Object> data() {
    Map<String, Object> out = replay.recorded().data();
    boolean isStopped = measured.isStopped();
    out.put("isStopped", isStopped);
    if (!isStopped) {
      out.put("dueRequestsPerSecond", recordedRate());
    }
    out.put("answersPerSecond", measured.perSecond());
    Map<String, Object> routes = new LinkedHashMap<>();
    for (Pair pair : isStopped ? List.<Pair>of() : pairs()) {
      Map<String, Object> sides = new LinkedHashMap<>();
      sides.put("recorded", pair.recorded().data());
      sides.put("replayed", pair.replayed().data());
      routes.put(pair.route(), sides);
    }
    out.put("routes", routes);
    out.put("leftOut", replay.leftOut());
    out.put("masked", replay.masked());
    return out;
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static void line(StringBuilder out, String form, Object... values) {
    out.append(String.format(Locale.ROOT, form, values)).append('\n');
  }
}
