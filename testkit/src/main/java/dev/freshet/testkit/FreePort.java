package dev.freshet.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/// A port for what has to be named before it is there.
public final class FreePort {
  /// Below those that systems give to outgoing connections: one of these is soon somebody else's.
  private static final int FIRST = 20_000;

  private static final int BEHIND = 32_000;

  private FreePort() {}

  /// One of this machine's that nobody listens on now.
  public static int find() {
    for (; ; ) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, BEHIND);
      try (ServerSocket there = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return there.getLocalPort();
      } catch (IOException e) {
        // Somebody has it: another, then.
      }
    }
  }
}
