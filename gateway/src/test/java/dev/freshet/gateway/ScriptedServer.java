package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Something that lets everybody in as PostgreSQL does, and then answers each query with whatever
/// its script says.
final class ScriptedServer implements AutoCloseable {
  private final ServerSocket listening;
  private final BiFunction<Integer, String, Answer> script;
  private int connections;
  private byte[] cancelKey = {0, 0, 0, 7};
  private Function<byte[], byte[]> objects = greeting -> new byte[0];

  /// What each connection has begun with.
  final List<byte[]> greetings = new CopyOnWriteArrayList<>();

  /// Said to the first connection as soon as it is in; then it is closed.
  private byte[] farewell = new byte[0];

  /// @param isLast whether it hangs up afterwards
  @SuppressWarnings("ArrayRecordComponent")
  record Answer(byte[] octets, boolean isLast) {}

  /// @param script from the connection's number and the text of a query to the answer
  ScriptedServer(BiFunction<Integer, String, Answer> script) throws IOException {
    this.script = script;
    listening = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /// Lets the first connection in and ends it at once, as an administrator may.
  ScriptedServer endingTheFirst(byte[] words) {
    farewell = words.clone();
    return this;
  }

  /// What it says first to who begins with that; an error ends the connection.
  ScriptedServer objecting(Function<byte[], byte[]> objection) {
    objects = objection;
    return this;
  }

  /// The key that it gives for cancel requests.
  ScriptedServer withKey(byte[] key) {
    cancelKey = key.clone();
    return this;
  }

  private byte[] keyData(int number) {
    return ByteBuffer.allocate(4 + cancelKey.length).putInt(number + 1).put(cancelKey).array();
  }

  DatabaseUrl url() {
    return new DatabaseUrl(
        new HostPort("127.0.0.1", listening.getLocalPort()),
        "shop",
        "app",
        Backstage.PASSWORD,
        DatabaseUrl.SslMode.DISABLE);
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listening.accept();
        int number = connections++;
        Thread.ofVirtual().start(() -> serve(socket, number));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket socket, int number) {
    try (socket) {
      socket.setTcpNoDelay(true);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      byte[] greeting = new byte[in.readInt() - 4];
      in.readFully(greeting);
      greetings.add(greeting);
      byte[] objection = objects.apply(greeting);
      out.write(objection);
      if (objection.length > 0 && objection[0] == 'E') {
        return;
      }
      out.write(
          Say.all(
              Say.message('R', new byte[4]),
              Say.message('S', "server_version\0" + "18.0\0"),
              Say.message('S', "client_encoding\0UTF8\0"),
              Say.message('K', keyData(number)),
              Say.message('Z', "I"),
              number == 0 ? farewell : new byte[0]));
      while (number > 0 || farewell.length == 0) {
        int tag = in.read();
        if (tag < 0) {
          return;
        }
        byte[] body = new byte[in.readInt() - 4];
        in.readFully(body);
        if (tag == 'Q') {
          String sql = new String(body, 0, body.length - 1, StandardCharsets.UTF_8);
          Answer answer = script.apply(number, sql);
          out.write(answer.octets());
          if (answer.isLast()) {
            return;
          }
        } else if (tag == 'S') {
          out.write(Say.message('Z', "I"));
        }
      }
    } catch (IOException e) {
      // The gateway hung up.
    }
  }

  /// Honest: the query's own text.
  static Answer echo(String sql) {
    return new Answer(row(sql), false);
  }

  /// One row of one column, and the end of the query.
  static byte[] row(String value) {
    return Say.all(description(), data(value), Say.message('C', "SELECT 1\0"), ready());
  }

  static byte[] description() {
    byte[] column = "mark\0".getBytes(StandardCharsets.UTF_8);
    return Say.message(
        'T',
        ByteBuffer.allocate(2 + column.length + 18)
            .putShort((short) 1)
            .put(column)
            .putInt(0)
            .putShort((short) 0)
            .putInt(25)
            .putShort((short) -1)
            .putInt(-1)
            .putShort((short) 0)
            .array());
  }

  static byte[] data(String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    return Say.message(
        'D',
        ByteBuffer.allocate(6 + text.length)
            .putShort((short) 1)
            .putInt(text.length)
            .put(text)
            .array());
  }

  static byte[] ready() {
    return Say.message('Z', "I");
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
