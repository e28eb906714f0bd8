package dev.freshet.load;

import dev.freshet.recording.Recording;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How recorded traffic is to be made again.
///
/// @param speed by which recorded times are divided; below 1 they are stretched
/// @param times in all, one after the other
/// @param withWrites whether requests that change something are made
/// @param recordedHost whether `Host` is the recorded one, not the target's
/// @param values for parameters and fields, by their names; `authorization` for the header
/// @param logins the same, a row for each session in turn; null for none
public record ReplayOrder(
    double speed,
    int times,
    boolean withWrites,
    boolean recordedHost,
    Map<String, String> values,
    @Nullable Rows logins) {

  /// Between one time and the next, as recorded.
  private static final double GAP_MILLIS = 100;

  public ReplayOrder {
    values = Map.copyOf(values);
    if (!(speed >= 0.01 && speed <= 1_000)) {
      throw new IllegalArgumentException("a speed is between 0.01 and 1000: " + speed);
    }
    if (times < 1 || times > 10_000) {
      throw new IllegalArgumentException("it is repeated between 1 and 10000 times: " + times);
    }
  }

  /// As it was, once, reading only.
  public static ReplayOrder plain() {
    return new ReplayOrder(1, 1, false, false, Map.of(), null);
  }

  /// When something is due, milliseconds since the replay began.
  double dueMillis(Recording recording, double atMillis, int round) {
    return (round * (recording.lastMillis() + GAP_MILLIS) + atMillis) / speed;
  }

  /// When the last request of all is due.
  double spanMillis(Recording recording) {
    return dueMillis(recording, recording.lastMillis(), times - 1);
  }
}
