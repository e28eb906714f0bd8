package dev.freshet.changes;

import java.util.List;

/// How the change feed is doing.
///
/// @param state see [State]
/// @param database whose log it reads, without the password
/// @param server version of PostgreSQL, empty until it is known
/// @param published up to where everything is told, as `16/B374D848`
/// @param lagMillis from a commit to its publication, as last measured
/// @param waiting transactions that are told and not visible yet
/// @param covered how many tables it tells of
/// @param uncovered tables it doesn't tell of, the first of them
/// @param attachments how often it has begun
/// @param others how many other nodes are on the database
/// @param troubles what keeps it, or kept it the last time, from being better
public record FeedSnapshot(
    State state,
    String database,
    String server,
    String published,
    double lagMillis,
    int waiting,
    int covered,
    List<String> uncovered,
    long attachments,
    int others,
    List<String> troubles) {

  /// What the feed is about.
  public enum State {
    /// It logs in and looks whether everything is there.
    CONNECTING,
    /// It waits until transactions that had begun before it are over.
    WAITING,
    /// It tells of changes in time.
    ATTACHED,
    /// It is too far behind: nothing is vouched for until it has caught up.
    LATE,
    /// It tries again in a while.
    OFF,
    CLOSED
  }

  public FeedSnapshot {
    uncovered = List.copyOf(uncovered);
    troubles = List.copyOf(troubles);
  }
}
