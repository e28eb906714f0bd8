package dev.freshet.load;

import java.util.LinkedHashMap;
import java.util.Map;

/// When what steps have set was answered, so that messages that show it can be timed. Used by all
/// event loops.
final class Marks {
  /// What [#since] says of a mark of which nothing is known, or that is older than who asks.
  static final long UNKNOWN = -1;

  /// What it says where the message came before the answer to the step that has set it.
  static final long AHEAD = -2;

  private static final int MOST = 100_000;

  private static final class Mark {
    private final long sent;
    private long answered;
    private boolean isAnswered;

    private Mark(long sent) {
      this.sent = sent;
    }
  }

  private final Map<String, Mark> marks = new LinkedHashMap<>();

  /// A step that sets it is on its way. The oldest are forgotten when there are too many.
  synchronized void sent(String key, long now) {
    marks.remove(key);
    if (marks.size() == MOST) {
      marks.remove(marks.keySet().iterator().next());
    }
    marks.put(key, new Mark(now));
  }

  synchronized void answered(String key, long now) {
    Mark mark = marks.get(key);
    if (mark != null && !mark.isAnswered) {
      mark.isAnswered = true;
      mark.answered = now;
    }
  }

  /// It was not set.
  synchronized void forget(String key) {
    marks.remove(key);
  }

  /// Nanoseconds since the answer.
  ///
  /// @param opened since when somebody listens: what was set before is unknown
  synchronized long since(String key, long opened, long now) {
    Mark mark = marks.get(key);
    if (mark == null || mark.sent < opened) {
      return UNKNOWN;
    }
    return mark.isAnswered ? Math.max(0, now - mark.answered) : AHEAD;
  }
}
