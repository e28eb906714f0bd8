package dev.freshet.load;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One thing that a visitor does on an open channel, before the next.
public sealed interface Turn {

  /// Says something.
  record Send(Template text) implements Turn {}

  /// Waits for messages.
  ///
  /// @param count how many
  /// @param matching what a message must be like to be one of them; others are passed over
  /// @param within how long is waited for all of them; null for as long as visitors have patience
  /// @param extract values of the last of them, by the variable they are kept in
  /// @param checks what the last of them must be like
  record Expect(
      int count,
      List<Check> matching,
      @Nullable Duration within,
      Map<String, Extraction> extract,
      List<Check> checks)
      implements Turn {
    public Expect {
      matching = List.copyOf(matching);
      checks = List.copyOf(checks);
      if (count < 1) {
        throw new IllegalArgumentException("at least one message is waited for");
      }
    }

    boolean isMetBy(Reply message) {
      return matching.stream().allMatch(check -> check.holds(message));
    }
  }

  /// Stays and listens; the end of the phase ends it too.
  record Listen(Duration least, Duration most) implements Turn {}

  /// Ends the channel, by this code where it is a WebSocket (RFC 6455, 7.4).
  record Close(int code) implements Turn {}
}
