package dev.freshet.gateway;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How statements have come so far, with the trace of their request or without; those of
/// `rows.jobs` are not counted.
///
/// @param apps by application name, or `user NAME` where none was given
/// @param routes by the rule that the request fell under, as far as it is known
public record TracesSnapshot(List<Line> apps, List<Line> routes) {
  public TracesSnapshot {
    apps = List.copyOf(apps);
    routes = List.copyOf(routes);
  }

  /// @param byComment with a comment around the text
  /// @param byTransaction without one, behind one that had it in the same transaction
  /// @param byApplicationName on a connection that is named by the trace
  /// @param without that came without any
  /// @param foreign of those with one: under a trace that no request here was sent with
  /// @param lastWithout a statement that came without, its constants left out; null for none
  public record Line(
      String name,
      long byComment,
      long byTransaction,
      long byApplicationName,
      long without,
      long foreign,
      @Nullable String lastWithout) {

    /// How many came with a trace.
    public long with() {
      return byComment + byTransaction + byApplicationName;
    }
  }
}
