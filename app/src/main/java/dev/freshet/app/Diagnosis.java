package dev.freshet.app;

import dev.freshet.app.Bottleneck.Kind;
import dev.freshet.app.BottleneckReport.Part;
import dev.freshet.app.BottleneckReport.RouteTime;
import dev.freshet.app.BottleneckReport.SlowTrip;
import dev.freshet.app.BottleneckReport.StatementTime;
import dev.freshet.app.Plans.Plan;
import dev.freshet.freshness.TripBook;
import dev.freshet.freshness.TripBook.Spent;
import dev.freshet.freshness.TripBook.StatementLine;
import dev.freshet.gateway.GatewaySnapshot;
import dev.freshet.gateway.StatementsSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads from the books of trips where the time goes, and says what to do about it.
final class Diagnosis {
  private static final int MAX_BOTTLENECKS = 25;
  private static final int MAX_PLANS = 10;
  private static final int MAX_STATEMENTS = 10;
  private static final int MAX_TEXT = 400;
  private static final double WORTH_SAYING = 0.15;

  /// What is run again and again costs the app more than its statements take, and is easily mended.
  private static final double WORTH_SAYING_REPEATED = 0.05;

  private static final double OF_ALL = 0.01;
  private static final int REPEATED = 5;

  /// Statements of a request that are more than most pages need.
  private static final int MANY = 50;

  private final List<TripBook.Line> lines;
  private final Context context;
  private final long all;
  private final Map<String, String> sentBy = new LinkedHashMap<>();

  /// What else is known.
  ///
  /// @param seesStatements false where no trip has a trace that its statements could be found by
  /// @param pools how large they are, and how large they should be, for people; may be empty
  /// @param statements that took most in all, of whatever request or none
  /// @param plans for each of some statements
  record Context(
      boolean seesStatements,
      String pools,
      StatementsSnapshot statements,
      Function<List<String>, Map<String, Plan>> plans) {}

  Diagnosis(List<TripBook.Line> lines, Context context) {
    this.lines = lines;
    this.context = context;
    this.all = Math.max(1, lines.stream().mapToLong(line -> line.spent().total()).sum());
  }

  /// The pools that somebody has waited for, and what a replay of their checkouts says.
  static String pools(GatewaySnapshot gateway) {
    List<String> out = new ArrayList<>();
    for (GatewaySnapshot.PoolLine pool : gateway.pools()) {
      if (pool.waitP99Millis() >= 1) {
        String enough =
            pool.sizing().enough() > pool.size() ? ", " + pool.sizing().enough() + " enough" : "";
        String name = pool.user() + "@" + pool.database();
        out.add("pool " + name + ": " + pool.size() + " connections" + enough);
      }
    }
    return String.join("; ", out);
  }

  BottleneckReport report() {
    long trips = lines.stream().mapToLong(TripBook.Line::trips).sum();
    List<Bottleneck> found = new ArrayList<>();
    lines.forEach(line -> found.addAll(of(line)));
    found.sort(Comparator.comparingDouble(Bottleneck::millis).reversed());
    return new BottleneckReport(
        trips > 0,
        trips,
        trips == 0 ? 0 : all / 1e6,
        notes(trips),
        explained(found.subList(0, Math.min(MAX_BOTTLENECKS, found.size()))),
        lines.stream().map(Diagnosis::route).toList(),
        indexes());
  }

  /// Also for statements that no bottleneck names: where processors are short, what an app waits
  /// for counts as its own.
  private List<IndexAdvice> indexes() {
    StatementsSnapshot all = context.statements();
    Map<String, String> sent = new LinkedHashMap<>();
    for (TripBook.Line line : lines) {
      for (StatementLine each : line.statements()) {
        if (!each.wording().sent().isEmpty()) {
          sent.putIfAbsent(hex(each.fingerprint()), each.wording().sent());
        }
      }
    }
    List<IndexAdvice.Costly> costly = new ArrayList<>();
    for (StatementsSnapshot.Line each : all.statements()) {
      String plannable = sent.getOrDefault(each.fingerprint(), numbered(each.text()));
      costly.add(new IndexAdvice.Costly(shown(each.text()), plannable, each.totalMillis()));
    }
    return IndexAdvice.of(costly, all.totalMillis(), context.plans());
  }

  /// With a parameter for each constant: what was sent is not known of statements that came without
  /// a trace.
  static String numbered(String text) {
    StringBuilder out = new StringBuilder();
    int parameters = 0;
    boolean isName = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      isName ^= c == '"';
      if (c == '?' && !isName) {
        out.append('$').append(++parameters);
        // In the place of a list.
        i += text.startsWith("...", i + 1) ? 3 : 0;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static String hex(long fingerprint) {
    return String.format(Locale.ROOT, "%016x", fingerprint);
  }

  private List<String> notes(long trips) {
    List<String> out = new ArrayList<>();
    if (trips == 0) {
      out.add("nothing measured: no request has gone to the app and come back yet");
      return out;
    }
    if (!context.seesStatements()) {
      out.add(
          "statements not measured: give `database`, and have a route with `cache: rows`;"
              + " until then the app and its database count as one");
    } else if (lines.stream().allMatch(line -> line.seen() == 0)) {
      out.add(
          "statements not measured: none came under the trace of a request; see"
              + " docs/integrations.md, until then the app and its database count as one");
    }
    long failed = lines.stream().mapToLong(TripBook.Line::failed).sum();
    if (failed > 0) {
      out.add(failed + " trips brought no answer, or nobody waited for it; their time is not here");
    }
    return out;
  }

  private List<Bottleneck> explained(List<Bottleneck> found) {
    List<String> asked = new ArrayList<>();
    for (Bottleneck each : found) {
      String sent = each.statement() == null ? null : sentBy.get(each.statement());
      if (sent != null && asked.size() < MAX_PLANS && !asked.contains(sent)) {
        asked.add(sent);
      }
    }
    Map<String, Plan> plans = context.plans().apply(asked);
    return found.stream()
        .map(each -> {
          String sent = each.statement() == null ? null : sentBy.get(each.statement());
          Plan plan = sent == null ? null : plans.get(sent);
          return plan == null || plan.lines().isEmpty() ? each : with(each, plan.lines());
        })
        .toList();
  }

  private static Bottleneck with(Bottleneck b, List<String> plan) {
    return new Bottleneck(
        b.route(),
        b.kind(),
        b.millis(),
        b.share(),
        b.shareOfAll(),
        b.millisPerTrip(),
        b.trips(),
        b.says(),
        b.remedy(),
        b.statement(),
        plan);
  }

  /// A route's reasons: all that are worth saying, and the largest in any case.
  private List<Bottleneck> of(TripBook.Line line) {
    long total = line.spent().total();
    if (line.trips() == 0 || total < OF_ALL * all) {
      return List.of();
    }
    List<Bottleneck> out = new ArrayList<>(parts(line));
    out.addAll(statements(line));
    out.sort(Comparator.comparingDouble(Bottleneck::share).reversed());
    List<Bottleneck> others = out.subList(1, out.size());
    others.removeIf(each -> each.share() < worth(each.kind()));
    return out;
  }

  private static double worth(Kind kind) {
    return kind == Kind.REPEATED_STATEMENT ? WORTH_SAYING_REPEATED : WORTH_SAYING;
  }

  private List<Bottleneck> parts(TripBook.Line line) {
    Spent spent = line.spent();
    double kb = line.octets() / 1e3 / line.trips();
    List<Bottleneck> out = new ArrayList<>();
    out.add(
        of(
            line,
            Kind.POOL_WAIT,
            spent.poolWait(),
            "waiting for a connection to the database",
            "raise gateway.pool.size, or shorten what holds connections"
                + (context.pools().isEmpty() ? "" : " (" + context.pools() + ")")));
    boolean isSeen = line.seen() > 0;
    out.add(
        of(
            line,
            isSeen ? Kind.APP : Kind.APP_UNSEEN,
            appNanos(line),
            isSeen ? "the app itself, outside its statements" : "the app and whatever it asks",
            isSeen
                ? apart(line)
                : "have its statements carry the request's trace (docs/integrations.md)"
                    + " to see which of them takes it"));
    out.add(
        of(
            line,
            Kind.CONNECTION,
            spent.connection(),
            "waiting for a connection to the app",
            "more instances of the app, or more connections to it (origin.connections)"));
    out.add(
        of(
            line,
            Kind.TRANSFER,
            spent.transfer(),
            String.format(Locale.ROOT, "handing over the answer, %s in the mean", size(kb)),
            kb > 100
                ? "send less: paginate lists (docs/pagination.md), leave out what nobody reads"
                : "see whether the app sends slowly (it flushes late), or clients read slowly"));
    out.add(
        of(
            line,
            Kind.CODING,
            spent.coding(),
            String.format(Locale.ROOT, "compressing answers of %s in the mean", size(kb)),
            "let it be stored, so that it is compressed once; or `compress: off` on the route"));
    out.add(
        of(
            line,
            Kind.FENCE,
            spent.fence(),
            "holding answers to writes until everybody is shown the write",
            "see how far the change feed is behind (GET /status, changes)"));
    out.add(
        of(
            line,
            Kind.BEFORE,
            spent.before(),
            "Freshet itself, before the app was asked",
            "others' trips were waited for whose answers could not be shared, or were overtaken by"
                + " a change (GET /routes tells how often); or the second tier is slow"));
    return out;
  }

  /// What an app does between its statements it does for each of them, and they may take less time
  /// than that does: where there are many, its database is what it is busy with.
  private static String apart(TripBook.Line line) {
    double calls = (double) line.calls() / Math.max(1, line.seen());
    return calls < MANY
        ? "profile the app; its database is not what it waits for"
        : String.format(
            Locale.ROOT,
            "it asks for %.0f statements a request, each of which takes the app's own time too:"
                + " fetch the same with few (N+1), then profile the app",
            calls);
  }

  private List<Bottleneck> statements(TripBook.Line line) {
    List<Bottleneck> out = new ArrayList<>();
    double scale = scale(line);
    long rest = line.spent().statements();
    for (StatementLine each : line.statements()) {
      double nanos = each.nanos() * scale;
      if (isNamed(line, each)) {
        rest -= (long) nanos;
        out.add(statement(line, each, nanos));
      }
    }
    String many =
        String.format(
            Locale.ROOT,
            "%sstatements, %.1f for each request in the mean, of which none stands out",
            out.isEmpty() ? "" : "other ",
            (double) line.calls() / Math.max(1, line.seen()));
    out.add(of(line, Kind.STATEMENTS, rest, many, "ask for less, or for several things at once"));
    return out;
  }

  private static boolean isRepeated(StatementLine each) {
    return (double) each.calls() / each.trips() >= REPEATED;
  }

  private static boolean isNamed(TripBook.Line line, StatementLine each) {
    double worth = worth(isRepeated(each) ? Kind.REPEATED_STATEMENT : Kind.STATEMENT);
    double nanos = each.nanos() * scale(line) + between(line, each);
    return nanos >= worth * line.spent().total();
  }

  /// Of the app's time, what it waits for on the way of a statement that it repeats: one statement
  /// instead would spare it. All of them together count for no more than the app's time.
  private static double between(TripBook.Line line, StatementLine each) {
    long all =
        line.statements().stream()
            .filter(Diagnosis::isRepeated)
            .mapToLong(StatementLine::betweenNanos)
            .sum();
    double scale = all <= line.spent().app() ? 1 : (double) line.spent().app() / all;
    return isRepeated(each) ? each.betweenNanos() * scale : 0;
  }

  /// The app's time without what is named elsewhere.
  private static long appNanos(TripBook.Line line) {
    double named =
        line.statements().stream()
            .filter(each -> isNamed(line, each))
            .mapToDouble(each -> between(line, each))
            .sum();
    return line.spent().app() - (long) named;
  }

  private Bottleneck statement(TripBook.Line line, StatementLine each, double nanos) {
    String text = each.wording().text();
    if (!each.wording().sent().isEmpty()) {
      sentBy.put(text, each.wording().sent());
    }
    double perTrip = (double) each.calls() / each.trips();
    double mean = each.nanos() / 1e6 / each.calls();
    if (isRepeated(each)) {
      double between = between(line, each);
      String says =
          String.format(
              Locale.ROOT,
              "one statement, run %.0f times a request (up to %d), %s each%s",
              perTrip,
              each.most(),
              millis(mean),
              between == 0
                  ? ""
                  : String.format(
                      Locale.ROOT,
                      " and %s on the way",
                      millis(between / 1e6 / Math.max(1, each.calls() - each.trips()))));
      String remedy = "fetch what it asks for in one statement (N+1)";
      return of(line, Kind.REPEATED_STATEMENT, (long) (nanos + between), says, remedy, text);
    }
    String says =
        perTrip < 1.05
            ? "one statement of " + millis(mean)
            : String.format(
                Locale.ROOT, "one statement, %.1f times a request, %s each", perTrip, millis(mean));
    return of(line, Kind.STATEMENT, (long) nanos, says, "make it cheaper, or ask less often", text);
  }

  private Bottleneck of(TripBook.Line line, Kind kind, long nanos, String says, String remedy) {
    return of(line, kind, nanos, says, remedy, null);
  }

  private Bottleneck of(
      TripBook.Line line,
      Kind kind,
      long nanos,
      String says,
      String remedy,
      @Nullable String statement) {
    double share = (double) nanos / Math.max(1, line.spent().total());
    return new Bottleneck(
        line.route(),
        kind,
        nanos / 1e6,
        share,
        (double) nanos / all,
        nanos / 1e6 / Math.max(1, line.trips()),
        line.trips(),
        String.format(Locale.ROOT, "%.0f %% of %s is %s", 100 * share, line.route(), says),
        remedy,
        statement,
        List.of());
  }

  /// Statements that ran side by side count for no longer than the answer took.
  private static double scale(TripBook.Line line) {
    long sum = line.statements().stream().mapToLong(StatementLine::nanos).sum();
    return sum <= line.spent().statements() ? 1 : (double) line.spent().statements() / sum;
  }

  private static String size(double kb) {
    return kb < 0.1 ? "under 0.1 kB" : String.format(Locale.ROOT, "%,.1f kB", kb);
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f ms" : "%.0f ms", value);
  }

  private static String shown(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + " ...";
  }

  private static RouteTime route(TripBook.Line line) {
    double trips = Math.max(1, line.trips());
    double total = Math.max(1, line.spent().total());
    double scale = scale(line);
    Map<String, Part> parts = new LinkedHashMap<>();
    millis(line.spent(), line.seen() > 0)
        .forEach((name, ms) -> parts.put(name, new Part(ms / trips, ms * 1e6 / total)));
    List<StatementTime> statements = new ArrayList<>();
    line.statements().stream()
        .limit(MAX_STATEMENTS)
        .forEach(s ->
            statements.add(
                new StatementTime(
                    hex(s.fingerprint()),
                    shown(s.wording().text()),
                    s.calls(),
                    (double) s.calls() / s.trips(),
                    s.most(),
                    s.nanos() / 1e6 / s.calls(),
                    s.nanos() / 1e6,
                    s.missedNanos() / 1e6,
                    s.nanos() * scale / total)));
    List<SlowTrip> slowest = new ArrayList<>();
    line.slowest()
        .forEach(slow ->
            slowest.add(
                new SlowTrip(
                    slow.trace(),
                    slow.spent().total() / 1e6,
                    slow.calls(),
                    millis(slow.spent(), slow.calls() > 0))));
    return new RouteTime(
        line.route(),
        line.trips(),
        line.failed(),
        line.seen(),
        line.parallel(),
        line.spent().total() / 1e6 / trips,
        line.p50Nanos() / 1e6,
        line.p95Nanos() / 1e6,
        line.octets() / trips,
        parts,
        statements,
        slowest);
  }

  /// @param isSeen false leaves out what only statements that were seen can tell
  private static Map<String, Double> millis(Spent spent, boolean isSeen) {
    Map<String, Double> out = new LinkedHashMap<>();
    out.put("before", spent.before() / 1e6);
    out.put("connection", spent.connection() / 1e6);
    out.put("app", spent.app() / 1e6);
    if (isSeen) {
      out.put("poolWait", spent.poolWait() / 1e6);
      out.put("statements", spent.statements() / 1e6);
    }
    out.put("fence", spent.fence() / 1e6);
    out.put("coding", spent.coding() / 1e6);
    out.put("transfer", spent.transfer() / 1e6);
    return out;
  }
}
