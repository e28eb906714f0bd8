package dev.freshet.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What was at its limit at the breaking point, and what shows it.
///
/// Readings are those of a Freshet and of its machine while a step ran; see the names below. What
/// isn't read is not judged.
public record Bottleneck(Part part, String evidence) {
  /// Share of the machine's processors at work, from 0 to 1.
  public static final String CPU = "cpu";

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

  /// What can be at its limit.
  public enum Part {
    GENERATOR("the load generator"),
    EVENT_LOOP("Freshet's event loops"),
    CPU("the machine's processors"),
    POOL("the pool of database connections"),
    DATABASE("the database"),
    APP("the app"),
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
  public static List<Bottleneck> between(StressStep good, StressStep bad) {
    List<Bottleneck> out = new ArrayList<>();
    Map<String, Double> at = bad.readings();
    if (!bad.isSound()) {
      out.add(new Bottleneck(Part.GENERATOR, "it sent later than it meant to"));
    }
    above(out, Part.EVENT_LOOP, at, LOOP_LAG, LAGGING, "they were late by %.1f ms on average");
    database(out, good.readings(), at);
    app(out, good, bad);
    Double cpu = at.get(CPU);
    if (cpu != null && cpu > BUSY) {
      String all = "%.0f %% of their time at work (generator and target share the machine)";
      out.add(new Bottleneck(Part.CPU, text(all, cpu * 100)));
    }
    if (out.isEmpty()) {
      String why =
          at.isEmpty()
              ? "no meters of the target were read; --admin names those of a Freshet"
              : "no meter that is read was at its limit";
      out.add(new Bottleneck(Part.UNKNOWN, why));
    }
    return out;
  }

  private static void above(
      List<Bottleneck> out,
      Part part,
      Map<String, Double> at,
      String name,
      double limit,
      String how) {
    Double value = at.get(name);
    if (value != null && value > limit) {
      out.add(new Bottleneck(part, text(how, value)));
    }
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
    // Most of what visitors waited for, and longer than before.
    if (before != null && now != null && now > before * 1.2 && now > bad.p50() / GREW) {
      out.add(new Bottleneck(Part.APP, text("its answers took %.1f ms, %.1f before", now, before)));
    }
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
