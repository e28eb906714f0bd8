package dev.freshet.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// A port for what has to be named before it is there.
///
/// Tests run in several processes at once, and one may not be given what another was just told is
/// free. So each process takes a stretch of its own, and holds the first port of it as a sign.
public final class FreePort {
  /// Below those that systems give to outgoing connections: one of these is soon somebody else's.
  private static final int FIRST = 20_000;

  private static final int STRETCHES = 120;
  private static final int LENGTH = 100;

  private static final ServerSocket SIGN = sign();
  private static final AtomicInteger NEXT = new AtomicInteger();

  private FreePort() {}

  /// One of this machine's that nobody listens on now, and that nobody else is told of.
  public static int find() {
    for (; ; ) {
      int port = SIGN.getLocalPort() + 1 + NEXT.getAndIncrement() % (LENGTH - 1);
      try (ServerSocket there = listen(port)) {
        return there.getLocalPort();
      } catch (IOException e) {
        // Somebody has it: another, then.
      }
    }
  }

  private static ServerSocket sign() {
    int from = ThreadLocalRandom.current().nextInt(STRETCHES);
    for (int i = 0; i < STRETCHES; i++) {
      try {
        return listen(FIRST + LENGTH * ((from + i) % STRETCHES));
      } catch (IOException e) {
        // Another process's.
      }
    }
    throw new UncheckedIOException(new IOException("every stretch of ports is taken"));
  }

  private static ServerSocket listen(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
  }
}
