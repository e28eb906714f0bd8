package dev.freshet.gateway;

import dev.freshet.sql.Statement;
import org.jspecify.annotations.Nullable;

/// A statement on its way through the server.
///
/// @param trace of the request that it belongs to, where that is known
/// @param sinceNanos when it came here, or had waited for a server connection
/// @param waitedNanos how long it had
/// @param gleaning where its rows are looked at
record Running(
    Statement statement,
    @Nullable String trace,
    long sinceNanos,
    long waitedNanos,
    @Nullable Gleaning gleaning) {

  /// Nothing more of its answer will come.
  void over() {
    if (gleaning != null) {
      gleaning.over();
    }
  }
}
