package dev.freshet.gateway;

import dev.freshet.freshness.DatabaseTime;
import dev.freshet.freshness.Trail;
import dev.freshet.sql.Statement;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A statement on its way through the server.
///
/// @param trace of the request that it belongs to, where that is known
/// @param sinceNanos when it came here, or had waited for a server connection
/// @param waitedNanos how long it had
/// @param gleaning where its rows are looked at
/// @param trail of the request's trip, while that is under way
record Running(
    Statement statement,
    @Nullable String trace,
    long sinceNanos,
    long waitedNanos,
    @Nullable Gleaning gleaning,
    @Nullable Trail trail) {

  /// Its answer has come to its end.
  void took(long nanos) {
    if (trail != null) {
      book(trail, statement, sinceNanos - waitedNanos, sinceNanos + nanos, nanos);
    }
  }

  /// Books a statement on the trip that it ran for.
  ///
  /// @param came when
  /// @param took from then until its end, but for its wait for a connection
  static void book(Trail trail, Statement statement, long came, long ended, long took) {
    trail
        .databaseTime()
        .ran(
            statement.fingerprint(),
            () ->
                new DatabaseTime.Wording(
                    statement.normalised(), new String(statement.text(), StandardCharsets.UTF_8)),
            came,
            ended,
            took);
  }

  /// Nothing more of its answer will come.
  void over() {
    if (gleaning != null) {
      gleaning.over();
    }
  }
}
