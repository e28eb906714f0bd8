package dev.freshet.testkit;

import dev.freshet.base.Rolls;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A way to PostgreSQL on which Freshet's own questions are answered late by chance, and everybody
/// else's at once: so a commit is answered before the feed has it, on the fastest machine too. The
/// log of changes can be held for as long as a test needs, and all of it cut.
public final class LatePostgres implements AutoCloseable {
  private static final int SIZE = 65_536;
  private final int server;
  private final int delayMillis;
  private final AtomicLong seed;
  private final ServerSocket entrance;
  private final List<Socket> clients = new CopyOnWriteArrayList<>();
  private final List<Socket> links = new CopyOnWriteArrayList<>();
  private final Object gate = new Object();
  private boolean isHeld;
  private volatile boolean isCut;

  /// @param server port of PostgreSQL
  /// @param delayMillis at most, of each piece that arrives
  public LatePostgres(int server, int delayMillis, long seed) throws IOException {
    this.server = server;
    this.delayMillis = delayMillis;
    this.seed = new AtomicLong(seed);
    this.entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("late-postgres").start(this::admit);
  }

  public int port() {
    return entrance.getLocalPort();
  }

  /// Nothing of the log arrives until [#letGo].
  public void hold() {
    synchronized (gate) {
      isHeld = true;
    }
  }

  public void letGo() {
    synchronized (gate) {
      isHeld = false;
      gate.notifyAll();
    }
  }

  /// The server's end of every connection is closed, and nobody at the other end hears of that or
  /// of anything else.
  public void cut() throws IOException {
    isCut = true;
    for (Socket link : links) {
      link.close();
    }
  }

  private void admit() {
    while (!entrance.isClosed()) {
      try {
        Socket client = entrance.accept();
        clients.add(client);
        Thread.ofVirtual().start(() -> join(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void join(Socket client) {
    if (isCut) {
      return;
    }
    try (Socket to = new Socket(InetAddress.getLoopbackAddress(), server)) {
      links.add(to);
      client.setTcpNoDelay(true);
      to.setTcpNoDelay(true);
      // The first message is the request for TLS, whose answer is one octet, or says what for.
      byte[] buffer = new byte[SIZE];
      boolean isLog = false;
      boolean isOurs = false;
      for (int messages = 0; messages < 2; messages++) {
        int many = client.getInputStream().read(buffer);
        if (many < 0) {
          return;
        }
        to.getOutputStream().write(buffer, 0, many);
        isLog = isLog || text(buffer, many).contains("\0replication\0");
        isOurs = isOurs || text(buffer, many).contains("\0freshet ");
        if (many > 8) {
          break;
        }
        int answer = to.getInputStream().read();
        if (answer < 0) {
          return;
        }
        client.getOutputStream().write(answer);
      }
      boolean isHeldBack = isLog;
      Rolls rolls = isLog || isOurs ? new Rolls(seed.incrementAndGet()) : null;
      Thread up = Thread.ofVirtual().start(() -> relay(client, to, null, false));
      relay(to, client, rolls, isHeldBack);
      up.join();
    } catch (IOException e) {
      System.getLogger("late-postgres").log(System.Logger.Level.DEBUG, "a connection ended", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (!isCut) {
        close(client);
      }
    }
  }

  private static String text(byte[] buffer, int many) {
    return new String(buffer, 0, many, StandardCharsets.ISO_8859_1);
  }

  /// Until one of them ends; then both are closed.
  private void relay(Socket from, Socket to, @Nullable Rolls rolls, boolean isHeldBack) {
    byte[] buffer = new byte[SIZE];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int many = in.read(buffer); many >= 0; many = in.read(buffer)) {
        if (rolls != null && delayMillis > 0) {
          LockSupport.parkNanos(
              TimeUnit.MICROSECONDS.toNanos(rolls.between(0, delayMillis * 1_000)));
        }
        if (isHeldBack) {
          awaitGate();
        }
        out.write(buffer, 0, many);
      }
    } catch (IOException e) {
      System.getLogger("late-postgres").log(System.Logger.Level.DEBUG, "a connection ended", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (!isCut) {
        close(from);
        close(to);
      }
    }
  }

  private void awaitGate() throws InterruptedException {
    synchronized (gate) {
      while (isHeld && !isCut) {
        gate.wait(50);
      }
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      System.getLogger("late-postgres").log(System.Logger.Level.DEBUG, "closing", e);
    }
  }

  @Override
  public void close() throws IOException {
    entrance.close();
    letGo();
    links.forEach(LatePostgres::close);
    clients.forEach(LatePostgres::close);
  }
}
