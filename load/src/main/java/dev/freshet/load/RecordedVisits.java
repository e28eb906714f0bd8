package dev.freshet.load;

import dev.freshet.recording.Line;
import dev.freshet.recording.Lines;
import dev.freshet.recording.Recording;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Recorded sessions as visits without pauses, for a load whose rate is looked for: in the order in
/// which they ended, and from the first again.
public final class RecordedVisits implements Visits {
  private static final int MOST_REQUESTS = 100_000;

  /// So many times as much is held where the sessions taken go on.
  private static final int MOST_TIMES = 4;

  private final Requests requests;
  private final List<List<Line.Asked>> sessions;

  private RecordedVisits(Requests requests, List<List<Line.Asked>> sessions) {
    this.requests = requests;
    this.sessions = sessions;
  }

  /// Takes whole sessions into memory, those that began before 100,000 requests were taken. A
  /// session's end comes a minute behind its last request: they are read on until theirs.
  ///
  /// @throws IllegalArgumentException when nothing of it may be made again
  public static RecordedVisits of(Recording recording, ReplayOrder order) {
    return of(recording, order, MOST_REQUESTS);
  }

  static RecordedVisits of(Recording recording, ReplayOrder order, int most) {
    Requests requests = new Requests(order);
    Map<Integer, List<Line.Asked>> open = new HashMap<>();
    List<List<Line.Asked>> sessions = new ArrayList<>();
    int taken = 0;
    try (Lines lines = recording.lines()) {
      for (Line line = lines.next(); line != null; line = lines.next()) {
        boolean isFull = taken >= most;
        if ((isFull && open.isEmpty()) || taken >= most * MOST_TIMES) {
          break;
        }
        if (line instanceof Line.Asked asked
            && recording.isWhole(asked.session())
            && (!isFull || open.containsKey(asked.session()))
            && requests.whyNot(asked) == null
            && requests.call(asked, 0) != null) {
          open.computeIfAbsent(asked.session(), key -> new ArrayList<>()).add(asked);
          taken++;
        } else if (line instanceof Line.Ended(int session) && open.containsKey(session)) {
          sessions.add(List.copyOf(open.remove(session)));
        }
      }
    }
    if (sessions.isEmpty()) {
      throw new IllegalArgumentException(
          open.isEmpty()
              ? "no session in it has a request that may be made again"
              : "none of its first sessions ends within " + taken + " requests");
    }
    return new RecordedVisits(requests, List.copyOf(sessions));
  }

  /// Requests of a visit, on average.
  public double requestsPerVisit() {
    return sessions.stream().mapToInt(List::size).average().orElse(1);
  }

  /// Requests of the longest.
  public int mostRequests() {
    return sessions.stream().mapToInt(List::size).max().orElse(1);
  }

  @Override
  public Visitor visitor(long number) {
    List<Line.Asked> session = sessions.get((int) (number % sessions.size()));
    return new Visitor() {
      private int at;

      @Override
      public @Nullable Call next() {
        return at == session.size()
            ? null
            : requests.call(session.get(at++), (int) (number % Integer.MAX_VALUE));
      }
    };
  }
}
