package dev.freshet.app;

import dev.freshet.load.Aim;
import dev.freshet.load.Browsing;
import dev.freshet.load.Manner;
import dev.freshet.load.Manner.Protocol;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Flags of all commands that put load on something: what they may aim at, and over what.
final class AimFlags {
  /// Half of the visits are made by somebody who was there before, unless a scenario says more.
  static final double RETURNING = 0.5;

  private static final int FEW = 4;

  @Option(names = "--http2", description = "HTTP/2: by ALPN over TLS, else known beforehand (h2c)")
  private boolean http2;

  @Option(
      names = "--streams",
      paramLabel = "N",
      description = "of HTTP/2 at once on a connection, if the target allows (${DEFAULT-VALUE})")
  private int streams = Manner.PLAIN.streams();

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = "that visits share; a user has one of his own")
  private @Nullable Integer connections;

  @Option(names = "--loops", paramLabel = "N", description = "threads (${DEFAULT-VALUE})")
  private int loops = 1;

  @Option(
      names = "--i-own-this-host",
      description = "allows hosts outside this machine and private networks")
  private boolean owned;

  @Option(names = "--ca", paramLabel = "FILE", description = "PEM certificates to trust")
  private @Nullable Path authorities;

  @Option(names = "--insecure", description = "takes any certificate, and says so")
  private boolean insecure;

  static Protocol protocol(String text) {
    return switch (text) {
      case "h2", "http2" -> Protocol.HTTP2;
      case "http1" -> Protocol.HTTP1;
      default -> throw new IllegalArgumentException("'" + text + "' is not http1 or h2");
    };
  }

  /// @param most connections over HTTP/1.1 where nothing is said; few over HTTP/2
  /// @param isShared whether users share them
  /// @param browser whether visitors do as browsers do, whatever the scenario says
  /// @param said by the scenario; flags come first
  Aim aim(
      String target, Duration patience, int most, boolean isShared, boolean browser, Manner said) {
    URI address = Flags.read("the address", () -> URI.create(target));
    Protocol protocol = http2 ? Protocol.HTTP2 : said.protocol();
    Browsing browsing = browser ? new Browsing(RETURNING) : said.browsing();
    Manner manner =
        Flags.read(
            "--streams", () -> new Manner(protocol, streams, isShared, authorities, browsing));
    int few = Math.max(loops, protocol == Protocol.HTTP2 ? FEW : most);
    int wanted = connections == null ? few : connections;
    return Flags.read(
        "--connections and --loops",
        () -> new Aim(address, loops, wanted, patience, owned, insecure, manner));
  }

  /// What whoever reads the figures must know.
  void warn(PrintWriter out) {
    if (insecure) {
      out.println("WARNING: certificates are not checked (--insecure): any server will do.");
      out.flush();
    }
  }
}
