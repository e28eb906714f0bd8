package dev.freshet.app;

import dev.freshet.pgwire.BackendMessages;
import dev.freshet.pgwire.Tag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// What the gateway is trained on: lets everybody in as PostgreSQL does, and answers whatever it is
/// asked with the same row.
final class TrainingDatabase implements AutoCloseable {
  private static final List<String> COLUMNS = List.of("id", "name", "price");
  private static final List<String> ROW = List.of("17", "a dish of the day", "12.50");

  private final ServerSocket listening;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  TrainingDatabase() throws IOException {
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    while (true) {
      try {
        Socket socket = listening.accept();
        threads.execute(() -> new Session(socket).serve());
      } catch (IOException e) {
        return;
      }
    }
  }

  /// Its clients have gone by then.
  @Override
  public void close() throws IOException {
    listening.close();
    threads.close();
  }

  private static final class Session {
    private final Socket socket;
    private final ByteBuf out = Unpooled.buffer(4_096);
    private byte status = 'I';
    private final Map<String, String> prepared = new HashMap<>();

    /// Bound last, or prepared.
    private String named = "";

    Session(Socket socket) {
      this.socket = socket;
    }

    void serve() {
      try (socket) {
        socket.setTcpNoDelay(true);
        DataInputStream in =
            new DataInputStream(new BufferedInputStream(socket.getInputStream(), 65_536));
        in.skipNBytes(in.readInt() - 4);
        welcome();
        send();
        for (int tag = in.read(); tag >= 0 && tag != Tag.TERMINATE; tag = in.read()) {
          byte[] body = new byte[in.readInt() - 4];
          in.readFully(body);
          hears((byte) tag, body);
        }
      } catch (IOException e) {
        // The gateway has hung up.
      }
    }

    private void welcome() {
      BackendMessages.authenticationOk(out);
      BackendMessages.parameterStatus(out, "server_version", "18.0");
      BackendMessages.parameterStatus(out, "server_encoding", "UTF8");
      BackendMessages.parameterStatus(out, "client_encoding", "UTF8");
      BackendMessages.parameterStatus(out, "DateStyle", "ISO, MDY");
      BackendMessages.parameterStatus(out, "TimeZone", "UTC");
      BackendMessages.parameterStatus(out, "integer_datetimes", "on");
      BackendMessages.parameterStatus(out, "standard_conforming_strings", "on");
      BackendMessages.parameterStatus(out, "search_path", "public");
      BackendMessages.backendKeyData(out, 1, new byte[4]);
      BackendMessages.readyForQuery(out, status);
    }

    private void hears(byte tag, byte[] body) throws IOException {
      switch (tag) {
        case Tag.QUERY -> {
          String sql = string(body, 0);
          if (isRead(sql)) {
            BackendMessages.rowDescription(out, COLUMNS);
          }
          runs(sql);
          ready();
        }
        case Tag.PARSE -> {
          String name = string(body, 0);
          named = string(body, name.length() + 1);
          prepared.put(name, named);
          BackendMessages.bare(out, Tag.PARSE_COMPLETE);
        }
        case Tag.BIND -> {
          named = prepared.getOrDefault(string(body, string(body, 0).length() + 1), "");
          BackendMessages.bare(out, Tag.BIND_COMPLETE);
        }
        case Tag.DESCRIBE -> describes(body[0]);
        case Tag.EXECUTE -> runs(named);
        case Tag.CLOSE -> BackendMessages.bare(out, Tag.CLOSE_COMPLETE);
        case Tag.SYNC -> ready();
        default -> send();
      }
    }

    private void describes(byte kind) {
      if (kind == 'S') {
        out.writeByte(Tag.PARAMETER_DESCRIPTION).writeInt(6).writeShort(0);
      }
      if (isRead(named)) {
        BackendMessages.rowDescription(out, COLUMNS);
      } else {
        BackendMessages.bare(out, Tag.NO_DATA);
      }
    }

    private static boolean isRead(String sql) {
      return sql.startsWith("select") || sql.startsWith("SHOW");
    }

    private void runs(String sql) {
      String verb = sql.split("\\W", 2)[0].toUpperCase(Locale.ROOT);
      switch (verb) {
        case "SELECT", "SHOW" -> {
          BackendMessages.dataRow(out, ROW);
          BackendMessages.commandComplete(out, "SELECT 1");
        }
        case "UPDATE" -> BackendMessages.commandComplete(out, "UPDATE 1");
        default -> {
          status = verb.equals("BEGIN") ? (byte) 'T' : verb.equals("SET") ? status : (byte) 'I';
          BackendMessages.commandComplete(out, verb);
        }
      }
    }

    private void ready() throws IOException {
      BackendMessages.readyForQuery(out, status);
      send();
    }

    private void send() throws IOException {
      out.readBytes(socket.getOutputStream(), out.readableBytes());
      out.clear();
    }

    private static String string(byte[] body, int from) {
      int end = from;
      while (body[end] != 0) {
        end++;
      }
      return new String(body, from, end - from, StandardCharsets.UTF_8);
    }
  }
}
