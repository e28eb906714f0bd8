package dev.freshet.load;

import dev.freshet.load.StressStep.Target;
import dev.freshet.load.StressStep.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// What was at its limit at the breaking point, and what shows it.
///
/// Readings are those of a Freshet and of its machine while a step ran; see the names below. What
/// isn't read is not judged.
public record Bottleneck(Part part, String evidence) {
  /// Share of the machine's processors at work, from 0 to 1.
  public static final String CPU = "cpu";

  /// What begins so and goes on with a process is that one's share of the machine's processors.
  public static final String CPU_OF = "cpu of ";

  /// Freshet's share of the machine's processors.
  public static final String FRESHET_CPU = "freshetCpu";

  /// Share of the time that the generator's busiest event loop was at work, and that one waited for
  /// a processor.
  public static final String GENERATOR_WORKED = "generatorWorked";

  public static final String GENERATOR_WAITED = "generatorWaited";

  /// Mean time of an answer once its request was sent, and of that from its head to its last octet,
  /// milliseconds.
  public static final String ANSWER = "answerMillis";

  public static final String HANDING = "handingMillis";

  /// What came a second.
  public static final String MEGABYTES = "megabytesPerSecond";

  private static final Set<String> GENERATORS =
      Set.of(GENERATOR_WORKED, GENERATOR_WAITED, ANSWER, HANDING, MEGABYTES);

  /// Mean lag of Freshet's event loops, milliseconds.
  public static final String LOOP_LAG = "loopLagMillis";

  /// Mean time to the head of the app's answers, milliseconds.
  public static final String APP = "appMillis";

  /// Requests a second that were refused because the app had enough to do.
  public static final String REFUSED = "refusedPerSecond";

  /// Requests that the app was given at a time, at most.
  public static final String LIMIT = "appLimit";

  /// Mean wait for a server connection, milliseconds.
  public static final String POOL_WAIT = "poolWaitMillis";

  /// Mean time of a statement, milliseconds.
  public static final String STATEMENT = "statementMillis";

  /// Statements for each answer of the app.
  public static final String STATEMENTS = "statementsPerAnswer";

  private static final double BUSY = 0.9;
  private static final double LAGGING = 5;
  private static final double GREW = 2;
  private static final double SOME = 0.05;
  private static final int MOST_NAMED = 4;

  /// A loop that is at work less than this has time left.
  private static final double LOOP_BUSY = 0.7;

  /// What can be at its limit.
  public enum Part {
    GENERATOR("the load generator"),
    EVENT_LOOP("Freshet's event loops"),
    CPU("the machine's processors"),
    POOL("the pool of database connections"),
    DATABASE("the database"),
    APP("the app"),
    NETWORK("the network"),
    UNKNOWN("not known");

    private final String text;

    Part(String text) {
      this.text = text;
    }

    /// As reports call it.
    public String text() {
      return text;
    }
  }

  /// Everything that shows, the surest first; never empty.
  ///
  /// @param good a step that kept the target
  /// @param bad one that didn't
  public static List<Bottleneck> between(StressStep good, StressStep bad, Target target) {
    List<Bottleneck> out = new ArrayList<>();
    Map<String, Double> at = bad.readings();
    boolean isShort = at.getOrDefault(CPU, 0.0) > BUSY;
    if (bad.verdict(target) == Verdict.UNSOUND && !(isShort && hadTimeLeft(at))) {
      out.add(new Bottleneck(Part.GENERATOR, generator(bad)));
    }
    // Loops that come late for want of a processor have no limit of their own.
    Double lag = at.get(LOOP_LAG);
    if (lag != null
        && lag > LAGGING
        && !(isShort && at.getOrDefault(FRESHET_CPU, 1.0) < BUSY / 2)) {
      out.add(new Bottleneck(Part.EVENT_LOOP, text("they were late by %.1f ms on average", lag)));
    }
    database(out, good.readings(), at);
    app(out, good, bad);
    if (!isShort) {
      network(out, good.readings(), at);
    }
    if (isShort) {
      out.add(new Bottleneck(Part.CPU, processors(bad)));
    }
    if (out.isEmpty()) {
      String why =
          at.keySet().stream().noneMatch(Bottleneck::isTargets)
              ? "no meters of the target were read; --admin names those of a Freshet"
              : "no meter that is read was at its limit";
      out.add(new Bottleneck(Part.UNKNOWN, why));
    }
    return out;
  }

  private static boolean isTargets(String reading) {
    return !GENERATORS.contains(reading);
  }

  private static boolean hadTimeLeft(Map<String, Double> at) {
    return at.getOrDefault(GENERATOR_WORKED, 1.0) < LOOP_BUSY;
  }

  private static String generator(StressStep bad) {
    if (Double.isInfinite(bad.lateMillis())) {
      return "it had no port, file descriptor or room left";
    }
    String late = text("it sent up to %.1f ms (p99) later than it meant to", bad.lateMillis());
    Double worked = bad.readings().get(GENERATOR_WORKED);
    return worked == null
        ? late
        : late + text("; its event loop was at work %.0f %% of the time", worked * 100);
  }

  /// Who had them, most first.
  private static String processors(StressStep bad) {
    Map<String, Double> at = bad.readings();
    String who =
        at.entrySet().stream()
            .filter(one -> one.getKey().startsWith(CPU_OF) && one.getValue() >= SOME)
            .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
            .limit(MOST_NAMED)
            .map(one ->
                text("%s %.0f %%", one.getKey().substring(CPU_OF.length()), one.getValue() * 100))
            .collect(Collectors.joining(", "));
    // Other programs of the same name may count with it where it began them.
    Double own = at.get(FRESHET_CPU);
    String freshet = own == null ? "" : text("; Freshet itself %.0f %%", own * 100);
    String all =
        text("%.0f %% of their time at work", at.getOrDefault(CPU, 0.0) * 100)
            + (who.isEmpty()
                ? " (generator and target share the machine)"
                : " (" + who + freshet + ")");
    return bad.isSound()
        ? all
        : all + text("; the generator waited for one, and was %.1f ms late", bad.lateMillis());
  }

  private static void database(
      List<Bottleneck> out, Map<String, Double> before, Map<String, Double> at) {
    Double app = at.get(APP);
    double each = at.getOrDefault(STATEMENTS, 0.0);
    Double wait = at.get(POOL_WAIT);
    if (app != null && wait != null && wait * each > app / GREW) {
      String how = "an answer waited %.1f ms for connections, of the app's %.1f";
      out.add(new Bottleneck(Part.POOL, text(how, wait * each, app)));
    }
    Double statement = at.get(STATEMENT);
    if (app != null && statement != null && statement * each > app / GREW) {
      String how = "statements took %.1f ms of the app's %.1f for each answer, %.2f ms each%s";
      Double earlier = before.get(STATEMENT);
      String grew = earlier == null ? "" : text(" (%.2f before)", earlier);
      out.add(new Bottleneck(Part.DATABASE, text(how, statement * each, app, statement, grew)));
    }
  }

  private static void app(List<Bottleneck> out, StressStep good, StressStep bad) {
    double refused = bad.readings().getOrDefault(REFUSED, 0.0);
    if (refused > 0) {
      String how = "Freshet gave it %.0f requests at a time and refused %.1f a second";
      double limit = bad.readings().getOrDefault(LIMIT, 0.0);
      out.add(new Bottleneck(Part.APP, text(how, limit, refused)));
      return;
    }
    Double before = good.readings().get(APP);
    Double now = bad.readings().get(APP);
    // Most of what was waited for once it was sent, and longer than before.
    double waited = bad.readings().getOrDefault(ANSWER, bad.p50());
    if (before != null && now != null && now > before * 1.2 && now > waited / GREW) {
      out.add(new Bottleneck(Part.APP, text("its answers took %.1f ms, %.1f before", now, before)));
    }
  }

  /// What takes longer and longer to arrive once its head is there is under way: between two
  /// machines, or still at one that writes as slowly.
  private static void network(
      List<Bottleneck> out, Map<String, Double> before, Map<String, Double> at) {
    double handing = at.getOrDefault(HANDING, 0.0);
    double answer = at.getOrDefault(ANSWER, 0.0);
    double earlier = before.getOrDefault(HANDING, 0.0);
    if (handing > answer / GREW && handing > earlier * 1.2 && handing > 1) {
      String how =
          "answers took %.1f ms from head to end (%.1f before), of %.1f in all, at %.2f MB/s;"
              + " who writes as slowly looks the same";
      out.add(
          new Bottleneck(
              Part.NETWORK, text(how, handing, earlier, answer, at.getOrDefault(MEGABYTES, 0.0))));
    }
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
