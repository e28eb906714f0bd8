import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Asks several servers in turn, a short window each, over and over, and prints a line for each
/// window: `java Generator.java ROUNDS MILLIS RATE CONNECTIONS NAME,PORT,PATH,PID ...`.
///
/// A machine that others share has slow seconds. Servers asked within the same second have them
/// together, so the median of what they differ by within a round tells more than the difference of
/// their medians. Which one begins changes from round to round.
///
/// With RATE 0 each connection asks again as soon as it is answered, and a wait counts from there.
/// With another rate requests have a timetable, whatever the server makes of them: a wait counts
/// from the moment that a request was due, also while it found no connection free. One thread, which
/// never sleeps, so that no wake-up of its own is measured or paid for by a server. The first fifth
/// of each window is not measured, and one window for each server before the first is not either.
///
/// Prints name, requests/s, p50, p99 and p99.9 in microseconds, the server's processor time for a
/// request in microseconds, failures, the longest time that it did not look at its sockets, in
/// microseconds, and the share of the time in percent that it had nothing to do.
public final class Generator {
  private static final byte[] LENGTH = "content-length".getBytes(StandardCharsets.US_ASCII);
  private static final double TICK_MICROS = 10_000;

  private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 18);
  private final double rate;
  private final long[] waits;
  private int answered;
  private int all;
  private int failed;
  private long recordFrom;

  private Generator(double rate, long millis) {
    this.rate = rate;
    waits = new long[(int) ((rate == 0 ? 400_000 : rate) * millis / 1_000) + 1];
  }

  /// A server, or one path of it.
  private final class Server {
    private final String name;
    private final Path stat;
    private final Selector selector = Selector.open();
    private final ArrayDeque<Connection> free = new ArrayDeque<>();
    private final ArrayDeque<Long> due = new ArrayDeque<>();

    Server(String told, int connections) throws IOException {
      String[] parts = told.split(",");
      name = parts[0];
      int port = Integer.parseInt(parts[1]);
      stat = Path.of("/proc", parts[3], "stat");
      byte[] request =
          ("GET /" + parts[2] + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < connections; i++) {
        free.add(new Connection(this, port, request));
      }
    }

    /// Processor time so far.
    double micros() throws IOException {
      String text = Files.readString(stat);
      String[] parts = text.substring(text.lastIndexOf(')') + 2).split(" ");
      return (Long.parseLong(parts[11]) + Long.parseLong(parts[12])) * TICK_MICROS;
    }
  }

  /// One connection, with at most one request under way.
  private final class Connection {
    private final SocketChannel channel;
    private final int size;
    private final ByteBuffer out;
    private final byte[] head = new byte[2_048];
    private int headLength;
    private long left;
    private long dueAt;

    Connection(Server server, int port, byte[] request) throws IOException {
      size = request.length;
      out = ByteBuffer.allocateDirect(size).put(request);
      channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      channel.register(server.selector, SelectionKey.OP_READ, this);
    }

    void ask(long at) throws IOException {
      dueAt = at;
      headLength = 0;
      left = 0;
      out.flip();
      if (channel.write(out) < size) {
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

  /// Asks one server for so long; returns the line to print.
  private String window(Server server, long nanos) throws IOException {
    answered = 0;
    all = 0;
    failed = 0;
    double micros = server.micros();
    long began = System.nanoTime();
    recordFrom = began + nanos / 5;
    long end = began + nanos;
    long sent = 0;
    long worst = 0;
    long idle = 0;
    long last = began;
    boolean found = true;
    while (true) {
      long now = System.nanoTime();
      worst = Math.max(worst, now - last);
      if (!found) {
        idle += now - last;
      }
      last = now;
      boolean isAnswered = server.free.size() == server.selector.keys().size();
      if (now >= end && isAnswered && server.due.isEmpty()) {
        break;
      }
      if (now > end + 5_000_000_000L) {
        throw new IOException(server.name + " does not answer");
      }
      if (rate == 0 && now < end) {
        again(server, now);
      } else if (rate > 0) {
        sent += ask(server, began, sent, Math.min(now, end));
      }
      found = server.selector.selectNow(this::ready) > 0;
    }
    micros = server.micros() - micros;
    Arrays.sort(waits, 0, answered);
    return "%s %.0f %d %d %d %.3f %d %d %.1f"
        .formatted(
            server.name,
            answered / ((end - recordFrom) / 1e9),
            at(0.5),
            at(0.99),
            at(0.999),
            micros / all,
            failed,
            worst / 1_000,
            100.0 * idle / (last - began));
  }

  private static void again(Server server, long now) throws IOException {
    for (Connection free; (free = server.free.poll()) != null; ) {
      free.ask(now);
    }
  }

  /// Sends what is due; returns how many requests more are on the timetable.
  private long ask(Server server, long began, long before, long now) throws IOException {
    double every = 1e9 / rate;
    long more = 0;
    for (long at; (at = began + (long) ((before + more) * every)) < now; more++) {
      server.due.add(at);
    }
    while (!server.due.isEmpty() && !server.free.isEmpty()) {
      server.free.poll().ask(server.due.poll());
    }
    return more;
  }

  private Server asked;

  private void ready(SelectionKey key) {
    Connection connection = (Connection) key.attachment();
    try {
      if (!connection.read()) {
        return;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    all++;
    if (connection.dueAt >= recordFrom && answered < waits.length) {
      waits[answered++] = System.nanoTime() - connection.dueAt;
    }
    connection.out.position(connection.size);
    asked.free.add(connection);
  }

  private long at(double share) {
    return answered == 0 ? 0 : waits[Math.min(answered - 1, (int) (answered * share))] / 1_000;
  }

  private void run(List<Server> servers, int rounds, long nanos) throws IOException {
    for (int round = -1; round < rounds; round++) {
      for (int i = 0; i < servers.size(); i++) {
        asked = servers.get((i + Math.max(round, 0)) % servers.size());
        String line = window(asked, nanos);
        if (round >= 0) {
          System.out.println(line);
        }
      }
    }
  }

  public static void main(String[] told) throws IOException {
    long millis = Long.parseLong(told[1]);
    Generator generator = new Generator(Double.parseDouble(told[2]), millis);
    List<Server> servers = new ArrayList<>();
    for (String server : List.of(told).subList(4, told.length)) {
      servers.add(generator.new Server(server, Integer.parseInt(told[3])));
    }
    generator.run(servers, Integer.parseInt(told[0]), millis * 1_000_000);
  }
}
