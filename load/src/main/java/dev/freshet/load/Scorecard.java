package dev.freshet.load;

import dev.freshet.load.LoadResult.Line;
import dev.freshet.load.Measured.Validity;
import dev.freshet.load.Shot.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// The same load bare and through Freshet, side by side, with the roadmap's targets; a row that
/// misses its target says so.
///
/// @param pages rows of page loads in a browser
/// @param more rows that others have measured
/// @param notes what makes rows of others doubtful
public record Scorecard(
    LoadResult bare, LoadResult through, List<Row> pages, List<Row> more, List<String> notes) {
  private static final String NOT_MEASURED = "not measured";
  private static final String INVALID = "invalid";

  /// One figure of both.
  ///
  /// @param target what the roadmap asks, empty when it asks nothing
  /// @param verdict `met`, `missed`, `invalid` where it was the load generator that was measured,
  ///   or empty where there is no target; never `met` for what was not measured
  public record Row(String name, String bare, String through, String target, String verdict) {}

  /// The same with page loads, which are measured behind the load.
  public Scorecard with(List<Row> loads, List<String> said) {
    return new Scorecard(bare, through, List.copyOf(loads), more, List.copyOf(said));
  }

  /// All rows, in order.
  public List<Row> rows() {
    List<Row> out = new ArrayList<>(pages);
    Line b = bare.total();
    Line t = through.total();
    out.add(plain("requests/s", number(b.perSecond()), number(t.perSecond())));
    out.add(plain("mean ms", shown(b, Line::mean), shown(t, Line::mean)));
    out.add(plain("p50 ms", shown(b, Line::p50), shown(t, Line::p50)));
    out.add(plain("p95 ms", shown(b, Line::p95), shown(t, Line::p95)));
    out.add(plain("p99 ms", shown(b, Line::p99), shown(t, Line::p99)));
    out.add(time("API mean ms", Kind.API, Line::mean, 100));
    out.add(time("API p95 ms", Kind.API, Line::p95, 150));
    out.add(time("API p99 ms", Kind.API, Line::p99, 250));
    out.add(atMost("API kB/request", Kind.API, line -> line.meanContent() / 1e3, 100));
    out.add(time("page response p95 ms", Kind.PAGE, Line::p95, 1_000));
    out.add(
        ratio("hit ratio", b.hitRatio(), t.hitRatio(), t.hitRatio() > 0.5, 0.5, "> 50 % (80 %)"));
    double cacheable = t.cacheableHitRatio();
    out.add(
        ratio(
            "  of cacheable", b.cacheableHitRatio(), cacheable, cacheable >= 0.9, 0.9, ">= 90 %"));
    out.add(ratio("  of asked before", b.repeatHitRatio(), t.repeatHitRatio(), false, 0, ""));
    caching(through.caching(), out);
    out.add(stale());
    out.add(
        new Row(
            "errors",
            Long.toString(b.failures()),
            Long.toString(t.failures()),
            "0",
            t.count() == 0 ? "missed" : t.failures() == 0 ? "met" : "missed"));
    out.add(plain("MB sent", number(b.octets() / 1e6), number(t.octets() / 1e6)));
    out.add(
        plain(
            "kB/response",
            shown(b, line -> line.octets() / 1e3 / line.count()),
            shown(t, line -> line.octets() / 1e3 / line.count())));
    out.addAll(more);
    return out;
  }

  /// Why what is cacheable was no hit, and how it began: a cache is empty at first, and the larger
  /// the site, the longer that shows.
  private static void caching(Caching caching, List<Row> out) {
    Caching.Answers counted = caching.counted();
    if (counted.cacheable() > 0) {
      out.add(share("  missed: first request", counted, counted.firsts()));
      out.add(share("  missed: rows changed", counted, counted.outdated()));
      out.add(share("  missed: otherwise", counted, counted.others()));
    }
    Caching.Answers warming = caching.warming();
    if (warming.all() > 0) {
      out.add(ratio("hit ratio, warming up", -1, warming.hitRatio(), false, 0, ""));
      out.add(share("  of cacheable", warming, warming.hits()));
    }
  }

  private static Row share(String name, Caching.Answers of, long part) {
    return ratio(name, -1, of.ofCacheable(part), false, 0, "");
  }

  private static Line line(LoadResult result, Kind kind) {
    Line line = result.byKind().get(kind);
    if (line == null) {
      throw new IllegalStateException("no figures for " + kind);
    }
    return line;
  }

  private static Row plain(String name, String bare, String through) {
    return new Row(name, bare, through, "", "");
  }

  /// Of a generator that was late or starved the times are not the server's.
  private Row time(String name, Kind kind, ToDoubleFunction<Line> figure, double target) {
    Row row = atMost(name, kind, figure, target);
    boolean isValid = through.validity() == Validity.VALID || line(through, kind).count() == 0;
    return isValid ? row : new Row(row.name(), row.bare(), row.through(), row.target(), INVALID);
  }

  private Row atMost(String name, Kind kind, ToDoubleFunction<Line> figure, double target) {
    Line line = line(through, kind);
    double value = figure.applyAsDouble(line);
    boolean isMeasured = line.count() > 0;
    return new Row(
        name,
        shown(line(bare, kind), figure),
        isMeasured ? beside(value, target, decimals(value)) : NOT_MEASURED,
        "<= " + number(target),
        isMeasured && value <= target ? "met" : "missed");
  }

  /// A figure of answers, where there were any.
  private static String shown(Line line, ToDoubleFunction<Line> figure) {
    return line.count() == 0 ? NOT_MEASURED : number(figure.applyAsDouble(line));
  }

  /// A share; `bare` has no cache to have hits, and says so.
  private static Row ratio(
      String name, double bare, double through, boolean isMet, double limit, String target) {
    return new Row(
        name,
        bare < 0 ? "-" : number(100 * bare, 1) + " %",
        through < 0 ? NOT_MEASURED : apart(100 * through, 100 * limit) + " %",
        target,
        target.isEmpty() ? "" : isMet ? "met" : "missed");
  }

  /// With as many decimals as it takes to tell it from the limit.
  private static String apart(double value, double limit) {
    int decimals = 1;
    while (value != limit
        && decimals < 6
        && number(value, decimals).equals(number(limit, decimals))) {
      decimals++;
    }
    return number(value, decimals);
  }

  private Row stale() {
    Audited audited = through.audited();
    boolean isMet = audited.answers() > 0 && audited.stale() == 0;
    return new Row("stale answers", of(bare.audited()), of(audited), "0", isMet ? "met" : "missed");
  }

  private static String of(Audited audited) {
    return audited.answers() == 0 ? NOT_MEASURED : audited.stale() + " of " + audited.answers();
  }

  /// A figure above a limit, with as many decimals as it takes to show that: `100` would not miss
  /// `<= 100`.
  private static String beside(double value, double limit, int decimals) {
    int enough = decimals;
    while (value > limit && number(value, enough).equals(number(limit, enough))) {
      enough++;
    }
    return number(value, enough);
  }

  private static String number(double value) {
    return number(value, decimals(value));
  }

  private static int decimals(double value) {
    return value >= 100 ? 0 : value >= 10 ? 1 : 2;
  }

  private static String number(double value, int decimals) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  /// Everything that makes the figures doubtful, of both runs.
  public List<String> warnings() {
    List<String> out = new ArrayList<>();
    bare.warnings().forEach(w -> out.add("bare: " + w));
    through.warnings().forEach(w -> out.add("through Freshet: " + w));
    for (Map.Entry<String, Long> e : through.total().errors().entrySet()) {
      out.add("through Freshet: " + e.getValue() + " x " + e.getKey());
    }
    for (Map.Entry<String, Long> e : bare.total().errors().entrySet()) {
      out.add("bare: " + e.getValue() + " x " + e.getKey());
    }
    out.addAll(notes);
    return out;
  }

  /// Aligned columns for a terminal.
  public String text() {
    StringBuilder out = new StringBuilder();
    String form = "  %-24s %20s %20s   %-14s %s%n";
    out.append(String.format(Locale.ROOT, form, "", "bare", "Freshet", "target", ""));
    for (Row row : rows()) {
      out.append(
          String.format(
              Locale.ROOT,
              form,
              row.name(),
              row.bare(),
              row.through(),
              row.target(),
              row.verdict()));
    }
    out.append(
        String.format(
            Locale.ROOT,
            "  %d users, %.0f s each way after %.0f s of warming up, the same seeded requests%n",
            through.users(),
            through.seconds(),
            through.caching().warmUpSeconds()));
    warnings().forEach(w -> out.append("  note: ").append(w).append(System.lineSeparator()));
    return out.toString();
  }

  /// A Markdown table.
  public String markdown() {
    StringBuilder out =
        new StringBuilder("| | bare | through Freshet | target | |\n|---|---:|---:|---|---|\n");
    for (Row row : rows()) {
      out.append("| ").append(row.name()).append(" | ").append(row.bare()).append(" | ");
      out.append(row.through()).append(" | ").append(row.target()).append(" | ");
      out.append(row.verdict()).append(" |\n");
    }
    return out.toString();
  }

  /// For JSON.
  public Map<String, Object> data() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("rows", rows());
    out.put("bare", bare);
    out.put("through", through);
    out.put("warnings", warnings());
    return out;
  }

  /// True when every row is known to meet its target.
  public boolean isMet() {
    return rows().stream().allMatch(row -> row.target().isEmpty() || row.verdict().equals("met"));
  }
}
