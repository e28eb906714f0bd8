package dev.freshet.app;

import dev.freshet.base.Rolls;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A way to PostgreSQL on which the log of changes arrives late by chance, and everything else at
/// once: so a commit is answered before the feed has it, on the fastest machine too.
final class SlowLog implements AutoCloseable {
  private static final int SIZE = 65_536;
  private final int server;
  private final int delayMillis;
  private final AtomicLong seed;
  private final ServerSocket entrance;

  /// @param server port of PostgreSQL
  /// @param delayMillis at most, of each piece that arrives
  SlowLog(int server, int delayMillis, long seed) throws IOException {
    this.server = server;
    this.delayMillis = delayMillis;
    this.seed = new AtomicLong(seed);
    this.entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("slow-log").start(this::admit);
  }

  int port() {
    return entrance.getLocalPort();
  }

  private void admit() {
    while (!entrance.isClosed()) {
      try {
        Socket client = entrance.accept();
        Thread.ofVirtual().start(() -> join(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void join(Socket client) {
    try (client;
        Socket to = new Socket(InetAddress.getLoopbackAddress(), server)) {
      client.setTcpNoDelay(true);
      to.setTcpNoDelay(true);
      // The first message is the request for TLS, whose answer is one octet, or says what for.
      byte[] buffer = new byte[SIZE];
      boolean isLog = false;
      for (int messages = 0; messages < 2; messages++) {
        int many = client.getInputStream().read(buffer);
        if (many < 0) {
          return;
        }
        to.getOutputStream().write(buffer, 0, many);
        isLog = isLog || text(buffer, many).contains("\0replication\0");
        if (many > 8) {
          break;
        }
        int answer = to.getInputStream().read();
        if (answer < 0) {
          return;
        }
        client.getOutputStream().write(answer);
      }
      Thread up = Thread.ofVirtual().start(() -> relay(client, to, null));
      relay(to, client, isLog ? new Rolls(seed.incrementAndGet()) : null);
      up.join();
    } catch (IOException e) {
      System.getLogger("slow-log").log(System.Logger.Level.DEBUG, "a connection ended", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String text(byte[] buffer, int many) {
    return new String(buffer, 0, many, StandardCharsets.ISO_8859_1);
  }

  /// Until one of them ends; then both are closed.
  private void relay(Socket from, Socket to, @Nullable Rolls rolls) {
    byte[] buffer = new byte[SIZE];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int many = in.read(buffer); many >= 0; many = in.read(buffer)) {
        if (rolls != null) {
          LockSupport.parkNanos(
              TimeUnit.MICROSECONDS.toNanos(rolls.between(0, delayMillis * 1_000)));
        }
        out.write(buffer, 0, many);
      }
    } catch (IOException e) {
      System.getLogger("slow-log").log(System.Logger.Level.DEBUG, "a connection ended", e);
    }
  }

  @Override
  public void close() throws IOException {
    entrance.close();
  }
}
