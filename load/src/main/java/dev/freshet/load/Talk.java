package dev.freshet.load;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a visitor does on a channel that a step opens: a WebSocket, or a stream of events. Behind
/// the last turn it is closed.
///
/// @param protocols that are offered; of a WebSocket only
/// @param delay where messages tell how old they are; null where they don't
/// @param most octets that a message may have
public record Talk(
    Kind kind, List<String> protocols, List<Turn> turns, @Nullable Delay delay, int most) {
  /// As much as a message may have unless a step says otherwise.
  public static final int MOST = 1 << 20;

  /// How messages come.
  public enum Kind {
    /// RFC 6455, over HTTP/1.1.
    WEB_SOCKET,
    /// Server-sent events of the HTML standard, over HTTP/1.1 or HTTP/2.
    EVENT_STREAM
  }

  public Talk {
    protocols = List.copyOf(protocols);
    turns = List.copyOf(turns);
    if (kind == Kind.EVENT_STREAM && turns.stream().anyMatch(Turn.Send.class::isInstance)) {
      throw new IllegalArgumentException("nothing can be sent on a stream of events");
    }
  }
}
