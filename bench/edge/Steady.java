import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;

/// Sends requests at a fixed rate, whatever the server makes of them, and prints what each one
/// waited from the moment that it was due: `java Steady.java PORT PATH RATE SECONDS CONNECTIONS`.
///
/// A generator that waits for an answer before it asks again goes slower where the server does, and
/// so measures least where it hurts most. This one has a timetable: a request that finds no
/// connection free waits in a queue, and that counts. One thread, which never sleeps, so that no
/// wake-up of its own is measured. The first half, at most two seconds, is sent and not measured.
/// Prints requests sent in all, p50, p99 and p99.9 in microseconds, failures, and the longest time
/// that it did not look at its timetable, which tells whether it kept up.
public final class Steady {
  private static final byte[] LENGTH = "content-length".getBytes(StandardCharsets.US_ASCII);

  private final byte[] request;
  private final Selector selector = Selector.open();
  private final ArrayDeque<Connection> free = new ArrayDeque<>();
  private final ArrayDeque<Long> due = new ArrayDeque<>();
  private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 18);
  private final long[] waits;
  private int answered;
  private int failed;
  private long recordFrom;

  private Steady(int port, String path, int connections, int most) throws IOException {
    request = ("GET /" + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    waits = new long[most];
    for (int i = 0; i < connections; i++) {
      free.add(new Connection(port));
    }
  }

  /// One connection, with at most one request under way.
  private final class Connection {
    private final SocketChannel channel;
    private final ByteBuffer out = ByteBuffer.allocateDirect(request.length).put(request);
    private final byte[] head = new byte[2_048];
    private int headLength;
    private long left;
    private long dueAt;

    Connection(int port) throws IOException {
      channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, this);
    }

    void ask(long at) throws IOException {
      dueAt = at;
      headLength = 0;
      left = 0;
      out.flip();
      if (channel.write(out) < request.length) {
        throw new IOException("the socket does not take a whole request");
      }
    }

    /// True when the answer is complete.
    boolean read() throws IOException {
      in.clear();
      int n = channel.read(in);
      if (n < 0) {
        throw new IOException("closed by the server");
      }
      in.flip();
      if (left == 0) {
        int before = headLength;
        int take = Math.min(n, head.length - headLength);
        in.get(head, headLength, take);
        headLength += take;
        int end = endOfHead(Math.max(0, before - 3));
        if (end < 0) {
          return false;
        }
        if (head[9] != '2') {
          failed++;
        }
        left = contentLength(end) - (n - (end - before));
      } else {
        left -= n;
      }
      return left == 0;
    }

    private int endOfHead(int from) {
      for (int i = from; i + 3 < headLength; i++) {
        if (head[i] == '\r' && head[i + 1] == '\n' && head[i + 2] == '\r' && head[i + 3] == '\n') {
          return i + 4;
        }
      }
      return -1;
    }

    private long contentLength(int end) throws IOException {
      for (int i = 0; i + LENGTH.length < end; i++) {
        int same = 0;
        while (same < LENGTH.length && (head[i + same] | 32) == LENGTH[same]) {
          same++;
        }
        if (same == LENGTH.length) {
          long n = 0;
          for (int at = i + same + 2; head[at] != '\r'; at++) {
            n = n * 10 + head[at] - '0';
          }
          return n;
        }
      }
      throw new IOException("an answer without a length");
    }
  }

  private void run(double rate, long nanos, long warm) throws IOException {
    long began = System.nanoTime();
    recordFrom = began + warm;
    long end = recordFrom + nanos;
    double every = 1e9 / rate;
    long sent = 0;
    long worst = 0;
    long last = began;
    while (true) {
      long now = System.nanoTime();
      if (now >= recordFrom) {
        worst = Math.max(worst, now - Math.max(last, recordFrom));
      }
      last = now;
      if (now >= end && free.size() == selector.keys().size()) {
        break;
      }
      if (now > end + 5_000_000_000L) {
        throw new IOException("requests are not answered");
      }
      for (long at; now < end && (at = began + (long) (sent * every)) <= now; sent++) {
        due.add(at);
      }
      while (!due.isEmpty() && !free.isEmpty()) {
        free.poll().ask(due.poll());
      }
      selector.selectNow(key -> {
        Connection connection = (Connection) key.attachment();
        try {
          if (connection.read()) {
            done(connection);
          }
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      });
    }
    report(sent, worst);
  }

  private void done(Connection connection) {
    if (connection.dueAt >= recordFrom && answered < waits.length) {
      waits[answered++] = System.nanoTime() - connection.dueAt;
    }
    connection.out.position(request.length);
    free.add(connection);
  }

  private void report(long sent, long worst) {
    Arrays.sort(waits, 0, answered);
    System.out.printf("%d %d %d %d %d %d%n", sent, at(0.5), at(0.99), at(0.999), failed, worst / 1_000);
  }

  private long at(double share) {
    return answered == 0 ? 0 : waits[Math.min(answered - 1, (int) (answered * share))] / 1_000;
  }

  public static void main(String[] told) throws IOException {
    double rate = Double.parseDouble(told[2]);
    double seconds = Double.parseDouble(told[3]);
    double warm = Math.min(2, seconds / 2);
    double measured = seconds - warm;
    int most = (int) (rate * measured) + 1;
    new Steady(Integer.parseInt(told[0]), told[1], Integer.parseInt(told[4]), most)
        .run(rate, (long) (measured * 1e9), (long) (warm * 1e9));
  }
}
