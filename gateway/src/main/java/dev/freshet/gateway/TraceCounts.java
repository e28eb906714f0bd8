package dev.freshet.gateway;

import dev.freshet.base.Meters;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Counts how statements come: with the trace of the request they are for, and by which way, or
/// without. Written on the gateway's loop, read anywhere.
final class TraceCounts {
  /// Apps and routes told apart; application names may hold numbers of processes.
  private static final int MAX_NAMES = 200;

  private static final String OTHERS = "others";

  /// Where the trace of a statement was found.
  enum Way {
    /// Around its text.
    COMMENT,
    /// Around an earlier one of the same transaction.
    TRANSACTION,
    /// In the name of the connection.
    APPLICATION_NAME,
    /// Nowhere.
    NONE;

    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /// What came from one app, or for one route.
  static final class Tally {
    private final Map<Way, LongAdder> ways = new EnumMap<>(Way.class);
    private final LongAdder foreign = new LongAdder();
    private volatile @Nullable Supplier<String> lastWithout;

    Tally() {
      for (Way way : Way.values()) {
        ways.put(way, new LongAdder());
      }
    }

    private long of(Way way) {
      LongAdder count = ways.get(way);
      return count == null ? 0 : count.sum();
    }

    private void add(Way way) {
      LongAdder count = ways.get(way);
      if (count != null) {
        count.increment();
      }
    }

    private TracesSnapshot.Line line(String name) {
      Supplier<String> last = lastWithout;
      return new TracesSnapshot.Line(
          name,
          of(Way.COMMENT),
          of(Way.TRANSACTION),
          of(Way.APPLICATION_NAME),
          of(Way.NONE),
          foreign.sum(),
          last == null ? null : last.get());
    }
  }

  private final Map<String, Tally> apps = new ConcurrentHashMap<>();
  private final Map<String, Tally> routes = new ConcurrentHashMap<>();
  private final Map<Way, Meters.Counter> counters = new EnumMap<>(Way.class);
  private final Meters.Counter foreign;

  TraceCounts(Meters meters) {
    for (Way way : Way.values()) {
      counters.put(
          way,
          meters.counter(
              "freshet_gateway_traces_total",
              "Statements by where the trace of their request was found",
              Map.of("way", way.word())));
    }
    foreign =
        meters.counter(
            "freshet_gateway_foreign_traces_total",
            "Statements under a trace that no request here was sent with");
  }

  /// What comes from an app, by its application name, or its user where that tells nothing.
  Tally app(String name) {
    return tally(apps, name);
  }

  private static Tally tally(Map<String, Tally> all, String name) {
    Tally known = all.get(name);
    if (known != null) {
      return known;
    }
    return all.computeIfAbsent(all.size() < MAX_NAMES ? name : OTHERS, n -> new Tally());
  }

  /// A statement came.
  ///
  /// @param route whose request it is for; null where that is not known
  void came(Tally app, Way way, @Nullable String route) {
    app.add(way);
    Meters.Counter counter = counters.get(way);
    if (counter != null) {
      counter.increment();
    }
    if (route != null) {
      tally(routes, route).add(way);
    }
  }

  /// One came without a trace.
  ///
  /// @param statement for people; asked for when somebody looks
  void without(Tally app, Supplier<String> statement) {
    app.lastWithout = statement;
  }

  /// One came under a trace that no request here was sent with.
  void foreign(Tally app) {
    app.foreign.increment();
    foreign.increment();
  }

  TracesSnapshot snapshot() {
    return new TracesSnapshot(lines(apps), lines(routes));
  }

  private static List<TracesSnapshot.Line> lines(Map<String, Tally> all) {
    List<TracesSnapshot.Line> out = new ArrayList<>();
    all.forEach((name, tally) -> out.add(tally.line(name)));
    out.sort((a, b) -> a.name().compareTo(b.name()));
    return List.copyOf(out);
  }
}
