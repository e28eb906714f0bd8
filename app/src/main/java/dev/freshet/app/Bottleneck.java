package dev.freshet.app;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One reason why a route is slow, with what was measured of it.
///
/// @param kind of reason, for machines
/// @param millis of all trips together that it stands for: nobody can gain more by removing it
/// @param share of the time of this route's trips
/// @param shareOfAll of the time of all trips
/// @param millisPerTrip the same time, by trip
/// @param trips of the route
/// @param says what was measured, one sentence
/// @param remedy what to do
/// @param statement that it is about, with `?` for constants; null where it is about none
/// @param plan what PostgreSQL would do for it, a line each; empty where that was not asked
public record Bottleneck(
    String route,
    Kind kind,
    double millis,
    double share,
    double shareOfAll,
    double millisPerTrip,
    long trips,
    String says,
    String remedy,
    @Nullable String statement,
    List<String> plan) {

  /// Where the time goes.
  public enum Kind {
    /// One statement again and again for the items of a list.
    REPEATED_STATEMENT,
    /// One statement.
    STATEMENT,
    /// Many statements of which none stands out.
    STATEMENTS,
    /// Waiting for a connection to the database.
    POOL_WAIT,
    /// The app, outside its statements.
    APP,
    /// The app and whatever it waits for; none of its statements was seen.
    APP_UNSEEN,
    /// Waiting for a connection to the app.
    CONNECTION,
    /// Handing the answer over.
    TRANSFER,
    /// Compressing.
    CODING,
    /// Waiting until everybody is shown a write.
    FENCE,
    /// Before the trip to the app.
    BEFORE
  }
}
