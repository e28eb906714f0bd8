package dev.freshet.pgwire;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// A raw socket that speaks as much of the protocol as a login and one query need.
final class LoginWire implements Closeable {
  static final int SSL_REQUEST = 80877103;
  static final int VERSION_3 = 196608;
  static final int OK = 0;
  static final int MD5 = 5;
  static final int SASL = 10;
  static final int SASL_CONTINUE = 11;
  static final int SASL_FINAL = 12;

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  LoginWire(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(20_000);
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(socket.getOutputStream());
  }

  /// One message; the body lacks type and length.
  record Message(char type, ByteBuffer body) {

    byte[] rest() {
      byte[] octets = new byte[body.remaining()];
      body.get(octets);
      return octets;
    }

    String string() {
      ByteArrayOutputStream octets = new ByteArrayOutputStream();
      for (byte b = body.get(); b != 0; b = body.get()) {
        octets.write(b);
      }
      return octets.toString(StandardCharsets.UTF_8);
    }

    /// Until the empty one.
    List<String> strings() {
      List<String> all = new ArrayList<>();
      for (String one = string(); !one.isEmpty(); one = string()) {
        all.add(one);
      }
      return all;
    }
  }

  static LoginWire open(int port) throws IOException {
    return new LoginWire(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /// Trusts any certificate: it is SCRAM that has to notice a wrong one.
  static LoginWire openTls(int port) throws IOException {
    LoginWire plain = open(port);
    plain.out.writeInt(8);
    plain.out.writeInt(SSL_REQUEST);
    if (plain.in.read() != 'S') {
      throw new IOException("the server has no TLS");
    }
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustsAny()}, new SecureRandom());
      SSLSocket tls =
          (SSLSocket)
              context.getSocketFactory().createSocket(plain.socket, "127.0.0.1", port, true);
      tls.startHandshake();
      return new LoginWire(tls);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  byte @Nullable [] certificateHash() throws IOException {
    return socket instanceof SSLSocket tls
        ? CertificateHash.of((X509Certificate) tls.getSession().getPeerCertificates()[0])
        : null;
  }

  void startup(String user) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (String text : List.of("user", user, "database", "postgres")) {
      body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
      body.write(0);
    }
    body.write(0);
    out.writeInt(8 + body.size());
    out.writeInt(VERSION_3);
    out.write(body.toByteArray());
    out.flush();
  }

  /// What a client sends before anything has a type; its first four octets say what it is.
  ByteBuffer readUntyped() throws IOException {
    return ByteBuffer.wrap(in.readNBytes(in.readInt() - 4));
  }

  Message read() throws IOException {
    char type = (char) in.readUnsignedByte();
    return new Message(type, ByteBuffer.wrap(in.readNBytes(in.readInt() - 4)));
  }

  void write(char type, byte[] body) throws IOException {
    ByteBuffer message = ByteBuffer.allocate(5 + body.length);
    message.put((byte) type).putInt(4 + body.length).put(body);
    out.write(message.array());
    out.flush();
  }

  /// An authentication request of the server's.
  void ask(int code, byte[] rest) throws IOException {
    write('R', ByteBuffer.allocate(4 + rest.length).putInt(code).put(rest).array());
  }

  void fail(String sqlState, String message) throws IOException {
    String fields = "SFATAL\0VFATAL\0C" + sqlState + "\0M" + message + "\0\0";
    write('E', fields.getBytes(StandardCharsets.UTF_8));
  }

  /// The code of the next authentication request, before the rest of its body.
  ///
  /// @throws ServerRefused when it is an error instead
  static int code(Message message) throws ServerRefused {
    if (message.type() == 'E') {
      String sqlState =
          message.strings().stream().filter(f -> f.startsWith("C")).findFirst().orElse("C");
      throw new ServerRefused(sqlState.substring(1));
    }
    return message.body().getInt();
  }

  /// Sends the first message of a SASL login.
  void respondFirst(String mechanism, byte[] first) throws IOException {
    byte[] name = mechanism.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer body = ByteBuffer.allocate(name.length + 5 + first.length);
    write('p', body.put(name).put((byte) 0).putInt(first.length).put(first).array());
  }

  /// The first column of the first row.
  String query(String sql) throws IOException {
    write('Q', (sql + "\0").getBytes(StandardCharsets.UTF_8));
    String value = "";
    for (Message message = read(); ; message = read()) {
      if (message.type() == 'D') {
        message.body().getShort();
        message.body().getInt();
        value = new String(message.rest(), StandardCharsets.UTF_8);
      }
      if (message.type() == 'Z' && !value.isEmpty()) {
        return value;
      }
    }
  }

  /// The sockets' octets, when the login is over.
  DataInputStream in() {
    return in;
  }

  DataOutputStream out() {
    return out;
  }

  /// The same connection, with TLS from here on.
  LoginWire secured(SSLContext context) throws IOException {
    out.write('S');
    out.flush();
    return new LoginWire(context.getSocketFactory().createSocket(socket, null, true));
  }

  void declineTls() throws IOException {
    out.write('N');
    out.flush();
  }

  /// Says that nothing more will come.
  void hangUp() throws IOException {
    socket.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /// The server ended the login with an error.
  static final class ServerRefused extends IOException {
    private static final long serialVersionUID = 1L;
    private final String sqlState;

    ServerRefused(String sqlState) {
      super("the server refused: " + sqlState);
      this.sqlState = sqlState;
    }

    String sqlState() {
      return sqlState;
    }
  }

  private static final class TrustsAny implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
