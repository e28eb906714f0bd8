package dev.freshet.edge;

import dev.freshet.base.ByteSize;
import dev.freshet.base.HostPort;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One address that clients connect to, and what they may demand of it.
///
/// @param tls null for plain HTTP
/// @param maxConnections more are turned away at once
/// @param maxHead octets of a request's head
/// @param maxTarget octets of a request target
/// @param maxFields field lines of a head
/// @param maxContent octets of a request's content
/// @param headTimeout from the first octet of a head to its last
/// @param idleTimeout between two requests on a connection
/// @param contentTimeout without a single octet of announced content
/// @param contentRate octets of announced content a second, on the average beyond that time, as
///   long as no answer has begun; 0 for any
/// @param writeTimeout without the client taking a single octet of a response
/// @param maxStreams concurrent HTTP/2 streams of a connection
public record FrontConfig(
    HostPort listen,
    @Nullable Tls tls,
    int maxConnections,
    int maxHead,
    int maxTarget,
    int maxFields,
    ByteSize maxContent,
    Duration headTimeout,
    Duration idleTimeout,
    Duration contentTimeout,
    ByteSize contentRate,
    Duration writeTimeout,
    int maxStreams) {

  /// Where the certificate chain and its key are (PEM).
  public record Tls(Path certificate, Path key) {}

  public FrontConfig {
    if (maxConnections < 1 || maxHead < 1_024 || maxTarget < 256 || maxFields < 8) {
      throw new IllegalArgumentException(
          "limits too small to serve anybody: connections %d, head %d, target %d, fields %d"
              .formatted(maxConnections, maxHead, maxTarget, maxFields));
    }
    if (maxTarget > maxHead) {
      throw new IllegalArgumentException("a target can't be longer than the head it is in");
    }
  }

  /// What a public site needs, and little more.
  public static FrontConfig defaults(HostPort listen) {
    return new FrontConfig(
        listen,
        null,
        // 10,000 idle clients with room to spare; each costs some 10 kB.
        20_000,
        // Four times what a browser with many cookies sends.
        32_768,
        8_192,
        128,
        new ByteSize(1L << 30),
        // A slow phone sends a head within a second; slow-client attacks need minutes.
        Duration.ofSeconds(10),
        Duration.ofSeconds(75),
        Duration.ofSeconds(30),
        // A modem of the nineties sends five times as fast.
        new ByteSize(1_024),
        Duration.ofSeconds(30),
        128);
  }
}
