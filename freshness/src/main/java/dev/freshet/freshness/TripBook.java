package dev.freshet.freshness;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What trips to the app have spent their time on, by route, since the start or since they were
/// last forgotten. Whoever is answered from memory makes no trip and costs nothing here.
///
/// Bounded: routes, statements of a route and its slowest trips have a number each; a trip adds at
/// most its sixty-four statements to the figures of one route.
public final class TripBook {
  /// Routes told apart; beyond it they count together.
  static final int MAX_ROUTES = 200;

  /// What those beyond are called.
  public static final String OTHERS = "(others)";

  private final Map<String, RouteTimes> routes = new ConcurrentHashMap<>();

  /// A trip is over, and its answer with the client.
  ///
  /// @param trail under which its statements were seen; null where no database is known
  public void arrived(String route, TripTimes times, @Nullable Trail trail) {
    DatabaseTime.Sum database =
        trail == null ? DatabaseTime.Sum.NOTHING : trail.databaseTime().sum();
    of(route).arrived(times, database, trail == null ? "" : trail.id().toString());
  }

  /// A trip brought no answer, or nobody waited for it.
  public void failed(String route) {
    of(route).failed();
  }

  /// Begins anew, for who wants to know of one time only.
  public void forget() {
    routes.clear();
  }

  private RouteTimes of(String route) {
    RouteTimes known = routes.get(route);
    if (known != null) {
      return known;
    }
    String name = routes.size() < MAX_ROUTES ? route : OTHERS;
    return routes.computeIfAbsent(name, n -> new RouteTimes());
  }

  /// A copy; the routes that took most time first.
  public List<Line> lines() {
    List<Line> out = new ArrayList<>();
    routes.forEach((name, times) -> out.add(times.line(name)));
    out.sort((a, b) -> Long.compare(b.spent().total(), a.spent().total()));
    return out;
  }

  /// One route.
  ///
  /// @param trips that were answered
  /// @param seen those under whose trace statements were seen
  /// @param parallel trips whose statements took longer than the app's whole answer: they ran side
  ///   by side, and are counted as long as the answer took
  /// @param slowest the slowest trips first
  public record Line(
      String route,
      long trips,
      long failed,
      long seen,
      long parallel,
      long p50Nanos,
      long p95Nanos,
      long octets,
      Spent spent,
      long calls,
      List<StatementLine> statements,
      List<Slow> slowest) {}

  /// Where the time of one trip went, or of many, in nanoseconds; the parts follow each other.
  ///
  /// @param app without its statements and their waiting, as far as these were seen
  /// @param poolWait waiting for a connection to the database
  public record Spent(
      long before,
      long connection,
      long app,
      long poolWait,
      long statements,
      long fence,
      long coding,
      long transfer) {
    static final Spent NOTHING = new Spent(0, 0, 0, 0, 0, 0, 0, 0);

    static Spent of(TripTimes times, DatabaseTime.Sum database) {
      long wait = Math.min(database.waitedNanos(), times.answer());
      long statements = Math.min(database.nanos(), times.answer() - wait);
      return new Spent(
          times.before(),
          times.connection(),
          times.answer() - wait - statements,
          wait,
          statements,
          times.fence(),
          times.coding(),
          times.transfer());
    }

    Spent plus(Spent more) {
      return new Spent(
          before + more.before,
          connection + more.connection,
          app + more.app,
          poolWait + more.poolWait,
          statements + more.statements,
          fence + more.fence,
          coding + more.coding,
          transfer + more.transfer);
    }

    /// All of it.
    public long total() {
      return before + connection + app + poolWait + statements + fence + coding + transfer;
    }
  }

  /// One statement of a route.
  ///
  /// @param trips that ran it
  /// @param most for one trip
  /// @param betweenNanos what came between its calls for one trip and would not, were they one: the
  ///   way to the database and back, which counts as the app's
  /// @param missedNanos what it may have taken before it was followed; other figures are exact
  ///   since then
  public record StatementLine(
      long fingerprint,
      DatabaseTime.Wording wording,
      long calls,
      long trips,
      int most,
      long nanos,
      long betweenNanos,
      long missedNanos) {}

  /// One of the slowest trips.
  public record Slow(String trace, Spent spent, long octets, long calls) {}
}
