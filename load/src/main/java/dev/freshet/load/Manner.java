package dev.freshet.load;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// How a target is met.
///
/// @param protocol over TLS agreed by ALPN, else known beforehand
/// @param streams of HTTP/2 at once on a connection that is shared; the target may allow fewer
/// @param isShared whether users share connections instead of having one each
/// @param authorities PEM certificates that vouch for the target's; null for those of the Java
///   runtime
public record Manner(Protocol protocol, int streams, boolean isShared, @Nullable Path authorities) {

  /// HTTP/1.1, and a connection for each user.
  public static final Manner PLAIN = new Manner(Protocol.HTTP1, 100, false, null);

  private static final int MOST_STREAMS = 10_000;

  /// What requests are sent in.
  public enum Protocol {
    HTTP1("HTTP/1.1"),
    HTTP2("HTTP/2");

    private final String text;

    Protocol(String text) {
      this.text = text;
    }

    /// As reports call it.
    public String text() {
      return text;
    }
  }

  public Manner {
    if (streams < 1 || streams > MOST_STREAMS) {
      throw new IllegalArgumentException("streams must be between 1 and " + MOST_STREAMS);
    }
  }

  /// Calls at once on a connection that is shared.
  int perConnection() {
    return isHttp2() ? streams : 1;
  }

  boolean isHttp2() {
    return protocol == Protocol.HTTP2;
  }

  /// The same over another protocol.
  public Manner with(Protocol other) {
    return new Manner(other, streams, isShared, authorities);
  }
}
