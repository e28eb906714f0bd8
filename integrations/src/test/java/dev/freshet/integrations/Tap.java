package dev.freshet.integrations;

import dev.freshet.base.HostPort;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// Stands between an app and the gateway, passes on every octet, and notes each statement before it
/// does: when the app has answered, all it asked is noted.
final class Tap implements Closeable {
  private static final int SSL_REQUEST = 80877103;
  private static final int GSS_REQUEST = 80877104;
  private final HostPort gateway;
  private final ServerSocket listening;
  private final List<Heard> heard = new CopyOnWriteArrayList<>();

  private Tap(HostPort gateway) throws IOException {
    this.gateway = gateway;
    this.listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  static Tap before(HostPort gateway) {
    try {
      return new Tap(gateway);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return listening.getLocalPort();
  }

  List<Heard> heard() {
    return List.copyOf(heard);
  }

  void forget() {
    heard.clear();
  }

  private void accept() {
    try {
      while (true) {
        Socket app = listening.accept();
        Thread.ofVirtual().start(() -> new Conversation(app).run());
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// One connection of the app's.
  private final class Conversation {
    private final Socket app;
    private final Map<String, String> statements = new HashMap<>();
    private final Map<String, Heard> portals = new HashMap<>();
    private volatile String application = "";

    Conversation(Socket app) {
      this.app = app;
    }

    void run() {
      try (app;
          Socket server = new Socket(gateway.host(), gateway.port())) {
        app.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        Thread.ofVirtual().start(() -> answers(server));
        questions(server);
      } catch (IOException e) {
        // Either side has gone; the other learns it from its socket.
      }
    }

    private void questions(Socket server) throws IOException {
      DataInputStream in = octets(app);
      OutputStream out = server.getOutputStream();
      startup(in, out);
      while (true) {
        int kind = in.read();
        if (kind < 0) {
          return;
        }
        byte[] body = in.readNBytes(in.readInt() - 4);
        note((char) kind, ByteBuffer.wrap(body));
        send(out, kind, body);
      }
    }

    private void startup(DataInputStream in, OutputStream out) throws IOException {
      while (true) {
        byte[] body = in.readNBytes(in.readInt() - 4);
        ByteBuffer read = ByteBuffer.wrap(body);
        int code = read.getInt();
        if (code == SSL_REQUEST || code == GSS_REQUEST) {
          app.getOutputStream().write('N');
          continue;
        }
        for (String key = text(read); !key.isEmpty(); key = text(read)) {
          String value = text(read);
          application = key.equals("application_name") ? value : application;
        }
        send(out, -1, body);
        return;
      }
    }

    private void answers(Socket server) {
      try {
        DataInputStream in = octets(server);
        OutputStream out = app.getOutputStream();
        while (true) {
          int kind = in.read();
          if (kind < 0) {
            app.close();
            return;
          }
          byte[] body = in.readNBytes(in.readInt() - 4);
          ByteBuffer read = ByteBuffer.wrap(body);
          if (kind == 'S' && text(read).equals("application_name")) {
            application = text(read);
          }
          send(out, kind, body);
        }
      } catch (IOException e) {
        // As above.
      }
    }

    private void note(char kind, ByteBuffer body) {
      switch (kind) {
        case 'Q' -> heard.add(new Heard(text(body), List.of(), "", application));
        case 'P' -> statements.put(text(body), text(body));
        case 'B' -> bind(body);
        case 'E' -> {
          Heard portal = portals.get(text(body));
          if (portal != null) {
            heard.add(portal);
          }
        }
        default -> {}
      }
    }

    private void bind(ByteBuffer body) {
      String portal = text(body);
      String statement = text(body);
      int formats = body.getShort();
      body.position(body.position() + 2 * formats);
      List<String> parameters = new ArrayList<>();
      for (int left = body.getShort(); left > 0; left--) {
        int length = body.getInt();
        if (length >= 0) {
          byte[] value = new byte[length];
          body.get(value);
          parameters.add(new String(value, StandardCharsets.UTF_8));
        }
      }
      String sql = statements.getOrDefault(statement, "");
      portals.put(portal, new Heard(sql, parameters, statement, application));
    }

    private static DataInputStream octets(Socket from) throws IOException {
      return new DataInputStream(new BufferedInputStream(from.getInputStream()));
    }

    private static String text(ByteBuffer body) {
      ByteBuffer octets = body.slice();
      while (body.get() != 0) {
        // To the closing zero octet.
      }
      octets.limit(octets.remaining() - body.remaining() - 1);
      return StandardCharsets.UTF_8.decode(octets).toString();
    }

    private static void send(OutputStream to, int kind, byte[] body) throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream(5 + body.length);
      DataOutputStream message = new DataOutputStream(out);
      if (kind >= 0) {
        message.write(kind);
      }
      message.writeInt(body.length + 4);
      message.write(body);
      out.writeTo(to);
    }
  }
}
