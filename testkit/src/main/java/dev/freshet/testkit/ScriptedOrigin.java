package dev.freshet.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A server on loopback whose every octet a test decides: a script plays on each connection, on a
/// virtual thread, with plain blocking calls.
public final class ScriptedOrigin implements AutoCloseable {
  private static final int HEAD_MAX = 1 << 20;

  /// What happens on one connection. Returning closes it.
  @FunctionalInterface
  public interface Script {
    void play(Peer peer) throws Exception;
  }

  private final ServerSocketChannel listener;
  private final Script script;
  private final AtomicInteger accepted = new AtomicInteger();
  private final Set<Peer> peers = ConcurrentHashMap.newKeySet();
  private final List<String> heads = new ArrayList<>();
  private final List<Throwable> faults = new CopyOnWriteArrayList<>();

  private ScriptedOrigin(Script script, int port) throws IOException {
    this.script = script;
    this.listener = ServerSocketChannel.open();
    listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
    Thread.ofVirtual().name("scripted-origin").start(this::accept);
  }

  /// Listens on a free port.
  public static ScriptedOrigin start(Script script) {
    return start(0, script);
  }

  /// Listens on a port that was free before, for an origin that comes back.
  public static ScriptedOrigin start(int port, Script script) {
    try {
      return new ScriptedOrigin(script, port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Answers every request on every connection with the same octets.
  public static ScriptedOrigin answering(String response) {
    return start(peer -> {
      while (!peer.head().isEmpty()) {
        peer.send(response);
      }
    });
  }

  private void accept() {
    while (true) {
      try {
        SocketChannel socket = listener.accept();
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        Peer peer = new Peer(socket, accepted.getAndIncrement());
        peers.add(peer);
        Thread.ofVirtual().name("scripted-peer-" + peer.index).start(() -> play(peer));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void play(Peer peer) {
    try (peer.socket) {
      script.play(peer);
    } catch (IOException e) {
      // The other side went away, which scripts provoke.
    } catch (Exception | AssertionError e) {
      faults.add(e);
    } finally {
      peers.remove(peer);
    }
  }

  public int port() {
    return listener.socket().getLocalPort();
  }

  /// `http://127.0.0.1:port`.
  public String url() {
    return "http://127.0.0.1:" + port();
  }

  /// Connections accepted so far.
  public int connections() {
    return accepted.get();
  }

  /// Request heads read so far, in order.
  public List<String> heads() {
    synchronized (heads) {
      return List.copyOf(heads);
    }
  }

  /// Ends every connection and stops listening; throws what a script threw.
  @Override
  public void close() {
    try {
      listener.close();
      for (Peer peer : peers) {
        peer.socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!faults.isEmpty()) {
      throw new AssertionError("a script failed", faults.getFirst());
    }
  }

  /// One connection, seen from the origin.
  public final class Peer {
    private final SocketChannel socket;
    private final int index;
    private final ByteBuffer in = ByteBuffer.allocate(64 << 10).flip();

    private Peer(SocketChannel socket, int index) {
      this.socket = socket;
      this.index = index;
    }

    /// 0 for the first connection, and so on.
    public int index() {
      return index;
    }

    /// Reads a request head up to its empty line; empty when the connection has ended.
    public String head() throws IOException {
      StringBuilder out = new StringBuilder();
      while (!out.toString().endsWith("\r\n\r\n")) {
        int octet = read();
        if (octet < 0) {
          return "";
        }
        out.append((char) octet);
        if (out.length() > HEAD_MAX) {
          throw new IllegalStateException("a request head does not end");
        }
      }
      synchronized (heads) {
        heads.add(out.toString());
      }
      return out.toString();
    }

    /// Reads so many octets, fewer only at the end.
    public String content(int octets) throws IOException {
      StringBuilder out = new StringBuilder();
      while (out.length() < octets) {
        int octet = read();
        if (octet < 0) {
          break;
        }
        out.append((char) octet);
      }
      return out.toString();
    }

    /// Reads until what was read ends so, or to the end.
    public String until(String end) throws IOException {
      StringBuilder out = new StringBuilder();
      int from = 0;
      while (out.indexOf(end, from) < 0) {
        int octet = read();
        if (octet < 0) {
          break;
        }
        out.append((char) octet);
        from = Math.max(0, out.length() - end.length());
      }
      return out.toString();
    }

    /// One octet, or -1 at the end.
    public int read() throws IOException {
      while (!in.hasRemaining()) {
        in.clear();
        int n = socket.read(in);
        in.flip();
        if (n < 0) {
          return -1;
        }
      }
      return in.get() & 0xff;
    }

    /// Waits until the other side has closed, reading what still comes.
    public void awaitEnd() {
      try {
        int octet = read();
        while (octet >= 0) {
          octet = read();
        }
      } catch (IOException e) {
        // A reset is an end, too.
      }
    }

    /// Sends one char per octet (ISO-8859-1).
    public void send(String text) throws IOException {
      send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public void send(byte[] octets) throws IOException {
      ByteBuffer out = ByteBuffer.wrap(octets);
      while (out.hasRemaining()) {
        socket.write(out);
      }
    }

    /// Sends the octets over and over until the other side has taken none for that long, or until
    /// the limit.
    ///
    /// @return octets sent
    public long sendUntilBlocked(byte[] octets, long limit, long patienceMillis)
        throws IOException {
      socket.configureBlocking(false);
      long sent = 0;
      try (Selector selector = Selector.open()) {
        socket.register(selector, SelectionKey.OP_WRITE);
        while (sent < limit) {
          ByteBuffer out = ByteBuffer.wrap(octets);
          out.limit((int) Math.min(octets.length, limit - sent));
          int n = socket.write(out);
          sent += n;
          if (n == 0 && selector.select(patienceMillis) == 0) {
            break;
          }
          selector.selectedKeys().clear();
        }
      }
      socket.configureBlocking(true);
      return sent;
    }

    /// Ends our side: the other side reads the end, we can still read.
    public void finish() throws IOException {
      socket.shutdownOutput();
    }

    /// Ends the connection with a reset.
    public void reset() throws IOException {
      try {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
      } catch (ClosedChannelException e) {
        return;
      }
      socket.close();
    }

    public void close() throws IOException {
      socket.close();
    }
  }
}
