package dev.freshet.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/// A wire between gateway and server that can be cut, or go dead without a word.
final class Relay implements AutoCloseable {
  private final ServerSocket listening;
  private final int to;
  private final List<Line> lines = new CopyOnWriteArrayList<>();
  private final AtomicLong swallowed = new AtomicLong();

  Relay(int to) throws IOException {
    this.to = to;
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /// Connections so far.
  int accepted() {
    return lines.size();
  }

  /// Octets that dead connections have taken.
  long swallowed() {
    return swallowed.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket near = listening.accept();
        Socket far = new Socket(InetAddress.getLoopbackAddress(), to);
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
        Line line = new Line(near, far);
        lines.add(line);
        Thread.ofVirtual().start(() -> line.carry(near, far));
        Thread.ofVirtual().start(() -> line.carry(far, near));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private final class Line {
    private final Socket near;
    private final Socket far;
    private volatile boolean isDead;

    Line(Socket near, Socket far) {
      this.near = near;
      this.far = far;
    }

    void carry(Socket from, Socket into) {
      byte[] buffer = new byte[8_192];
      try (from;
          into) {
        InputStream in = from.getInputStream();
        OutputStream out = into.getOutputStream();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          if (isDead) {
            swallowed.addAndGet(n);
          } else {
            out.write(buffer, 0, n);
          }
        }
      } catch (IOException e) {
        cut();
      }
    }

    void cut() {
      for (Socket end : List.of(near, far)) {
        try {
          end.setSoLinger(true, 0);
          end.close();
        } catch (IOException e) {
          // It is closed.
        }
      }
    }
  }

  /// The connections there are lose what goes over them from now on; new ones work.
  void goDead() {
    lines.forEach(line -> line.isDead = true);
  }

  /// Resets the connections there are, at both ends.
  void cut() {
    lines.forEach(Line::cut);
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cut();
  }
}
