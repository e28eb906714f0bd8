package dev.freshet.load;

import dev.freshet.base.HostPort;
import java.time.Duration;

/// One load to put on one address.
///
/// @param users each with a connection and cookies of its own; the next request goes out when the
///   last is answered (closed model)
/// @param warmUp before anything is counted
/// @param measured for how long is counted
/// @param timeout longest wait for one answer
/// @param seed the same seed makes the same users do the same
public record LoadPlan(
    HostPort target,
    Mix mix,
    int users,
    Duration warmUp,
    Duration measured,
    Duration timeout,
    long seed) {

  public LoadPlan {
    if (users < 1 || users > 10_000) {
      throw new IllegalArgumentException("users must be between 1 and 10000: " + users);
    }
  }
}
