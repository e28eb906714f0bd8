package dev.freshet.gateway;

import dev.freshet.pgwire.LoginRefused;
import dev.freshet.pgwire.ScramClient;
import dev.freshet.pgwire.ScramKeys;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/// A client that says what it is told to, octet by octet, and hides nothing of the answers.
final class RawPg implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 30_000;
  private static final int MAX_MESSAGE = 1 << 24;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Map<Gateway, @Nullable ScramKeys> KEYS =
      Collections.synchronizedMap(new WeakHashMap<>());

  private static volatile @Nullable ScramKeys serversOwn;

  private final Socket socket;
  private final DataInputStream in;
  private int pid;
  private @Nullable ScramKeys keys;
  private byte[] key = new byte[0];

  /// One answer.
  @SuppressWarnings("ArrayRecordComponent")
  record Said(char tag, byte[] body) {
    /// A field of an error; empty when it has none.
    String field(char name) {
      int at = 0;
      while (at < body.length && body[at] != 0) {
        int end = at + 1;
        while (body[end] != 0) {
          end++;
        }
        if (body[at] == name) {
          return new String(body, at + 1, end - at - 1, StandardCharsets.UTF_8);
        }
        at = end + 1;
      }
      return "";
    }

    /// The values of a row, in text.
    List<String> values() {
      ByteBuffer row = ByteBuffer.wrap(body);
      List<String> out = new ArrayList<>();
      for (int n = row.getShort(); n > 0; n--) {
        byte[] value = new byte[Math.max(0, row.getInt())];
        row.get(value);
        out.add(new String(value, StandardCharsets.UTF_8));
      }
      return out;
    }

    @Override
    public String toString() {
      return switch (tag) {
        case 'E', 'N' -> tag + " " + field('C') + " " + field('M');
        case 'D' -> "D " + values();
        case 'C' -> "C " + new String(body, 0, body.length - 1, StandardCharsets.UTF_8);
        case 'Z' -> "Z " + (char) body[0];
        default -> tag + " " + HexFormat.of().formatHex(body);
      };
    }
  }

  private RawPg(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 65_536));
  }

  /// Connected, with nothing said yet.
  static RawPg connect(int port) throws IOException {
    return new RawPg(port);
  }

  /// Logged in as the application, and told that the server is ready.
  static RawPg open(int port, String... options) throws IOException, LoginRefused {
    return open(port, null, options);
  }

  /// As above, in a later version of protocol 3.
  static RawPg open(int port, int minor, String... options) throws IOException, LoginRefused {
    return open(port, minor, null, options);
  }

  private static RawPg open(int port, @Nullable ScramKeys known, String... options)
      throws IOException, LoginRefused {
    return open(port, 0, known, options);
  }

  private static RawPg open(int port, int minor, @Nullable ScramKeys known, String... options)
      throws IOException, LoginRefused {
    RawPg client = new RawPg(port);
    String[] all = Arrays.copyOf(new String[] {"user", "app", "database", "shop"}, 4);
    String[] both = Arrays.copyOf(all, 4 + options.length);
    System.arraycopy(options, 0, both, 4, options.length);
    client.send(Say.startup(minor, both));
    client.logIn(known);
    return client;
  }

  /// Derives its keys once for each gateway: that is what takes long in a login.
  static RawPg open(Gateway gateway, String... options) throws IOException, LoginRefused {
    ScramKeys known = KEYS.get(gateway);
    RawPg client = open(gateway.address().port(), known, options);
    KEYS.put(gateway, client.keys);
    return client;
  }

  /// Without a gateway between; as quick.
  static RawPg direct() throws IOException, LoginRefused {
    RawPg client = open(Backstage.serverPort(), serversOwn);
    serversOwn = client.keys;
    return client;
  }

  private void logIn(@Nullable ScramKeys known) throws IOException, LoginRefused {
    List<String> offered = List.of("SCRAM-SHA-256");
    ScramClient scram =
        known == null
            ? ScramClient.withPassword("", Backstage.PASSWORD, offered, null, RANDOM)
            : ScramClient.withKeys("", known, offered, null, RANDOM);
    while (true) {
      Said said = read();
      byte[] body = said.body();
      switch (said.tag()) {
        case 'R' -> {
          byte[] rest = Arrays.copyOfRange(body, 4, body.length);
          switch (ByteBuffer.wrap(body).getInt()) {
            case 10 -> send(Say.sasl(scram.mechanism(), scram.first()));
            case 11 -> send(Say.message('p', scram.last(rest)));
            case 12 -> keys = scram.verify(rest);
            default -> {}
          }
        }
        case 'K' -> {
          pid = ByteBuffer.wrap(body).getInt();
          key = Arrays.copyOfRange(body, 4, body.length);
        }
        case 'Z' -> {
          return;
        }
        case 'E' -> throw new IOException("refused: " + said);
        default -> {}
      }
    }
  }

  int pid() {
    return pid;
  }

  byte[] key() {
    return key.clone();
  }

  void send(byte[]... messages) throws IOException {
    socket.getOutputStream().write(Say.all(messages));
  }

  Said read() throws IOException {
    char tag = (char) in.readUnsignedByte();
    int length = in.readInt() - 4;
    if (length < 0 || length > MAX_MESSAGE) {
      throw new EOFException("a message of " + length + " octets is the end of all understanding");
    }
    byte[] body = new byte[length];
    in.readFully(body);
    return new Said(tag, body);
  }

  /// Everything up to as many ReadyForQuery, or to the end of the connection, which shows as `!`.
  List<Said> answers(int ready) throws IOException {
    List<Said> out = new ArrayList<>();
    int left = ready;
    try {
      while (left > 0) {
        Said said = read();
        out.add(said);
        left -= said.tag() == 'Z' ? 1 : 0;
      }
    } catch (EOFException | SocketException e) {
      out.add(new Said('!', new byte[0]));
    }
    return out;
  }

  /// Passes over everything up to as many ReadyForQuery.
  void skips(int ready) throws IOException {
    for (int left = ready; left > 0; ) {
      int tag = in.readUnsignedByte();
      in.skipNBytes(in.readInt() - 4);
      left -= tag == 'Z' ? 1 : 0;
    }
  }

  /// Reads until an answer of that kind.
  Said await(char tag) throws IOException {
    Said said = read();
    while (said.tag() != tag) {
      said = read();
    }
    return said;
  }

  List<Said> ask(byte[]... messages) throws IOException {
    send(messages);
    return answers(1);
  }

  /// Says no more, and goes on listening.
  void endOfWords() throws IOException {
    socket.shutdownOutput();
  }

  /// Gone without a word; what it has not read makes that a reset.
  void vanish() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
