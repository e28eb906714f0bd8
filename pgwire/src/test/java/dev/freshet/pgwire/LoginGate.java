package dev.freshet.pgwire;

import dev.freshet.pgwire.LoginWire.Message;
import dev.freshet.pgwire.ScramServer.Outcome;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The least a pooler is: it checks each client by itself, logs in to the server as that client
/// without knowing the password, and passes on what they say to each other.
final class LoginGate implements Closeable {
  private static final SecureRandom RANDOM = new SecureRandom();
  private final ServerSocket listener;
  private final int server;
  private final @Nullable LoginCertificate certificate;
  private final Function<String, @Nullable Secret> users;
  private final ScramDecoys decoys = ScramDecoys.random(RANDOM);
  private final ConcurrentLinkedQueue<String> mechanisms = new ConcurrentLinkedQueue<>();
  private final CopyOnWriteArrayList<Throwable> faults = new CopyOnWriteArrayList<>();

  LoginGate(
      int server, @Nullable LoginCertificate certificate, Function<String, @Nullable Secret> users)
      throws IOException {
    this.server = server;
    this.certificate = certificate;
    this.users = users;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /// What clients have chosen, in order.
  List<String> mechanisms() {
    return List.copyOf(mechanisms);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        LoginWire client = new LoginWire(listener.accept());
        Thread.ofVirtual().start(() -> attend(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void attend(LoginWire plain) {
    try (plain) {
      LoginWire client = plain;
      ByteBuffer startup = client.readUntyped();
      byte[] hash = null;
      while (startup.getInt(0) != LoginWire.VERSION_3) {
        if (startup.getInt(0) == LoginWire.SSL_REQUEST && certificate != null) {
          hash = CertificateHash.of(certificate.certificate());
          client = client.secured(certificate.server());
        } else {
          client.declineTls();
        }
        startup = client.readUntyped();
      }
      startup.getInt();
      List<String> parameters = new Message(' ', startup).strings();
      String user = parameters.get(parameters.indexOf("user") + 1);
      try {
        Secret secret = users.apply(user);
        if (secret instanceof Md5Verifier md5) {
          checkMd5(client, md5);
        } else {
          ScramKeys keys = check(client, decoys.verifier(user, secret), hash);
          join(client, user, keys);
        }
      } catch (LoginRefused e) {
        client.fail(e.sqlState(), e.getMessage());
      }
    } catch (IOException e) {
      // The client, or the server, has gone.
      return;
    } catch (RuntimeException | AssertionError e) {
      faults.add(e);
    }
  }

  private ScramKeys check(LoginWire client, ScramVerifier verifier, byte @Nullable [] hash)
      throws IOException, LoginRefused {
    String offer = String.join("\0", ScramServer.mechanisms(hash)) + "\0\0";
    client.ask(LoginWire.SASL, offer.getBytes(StandardCharsets.US_ASCII));
    Message initial = client.read();
    String mechanism = initial.string();
    mechanisms.add(mechanism);
    initial.body().getInt();
    ScramServer scram = ScramServer.begin(mechanism, verifier, hash, RANDOM);
    client.ask(LoginWire.SASL_CONTINUE, scram.first(initial.rest()));
    return switch (scram.last(client.read().rest())) {
      case Outcome.Denied denied -> throw LoginRefused.password("password authentication failed");
      case Outcome.Granted granted -> {
        client.ask(LoginWire.SASL_FINAL, granted.message());
        yield granted.keys();
      }
    };
  }

  private static void checkMd5(LoginWire client, Md5Verifier md5) throws IOException, LoginRefused {
    byte[] salt = new byte[Md5Auth.SALT];
    RANDOM.nextBytes(salt);
    client.ask(LoginWire.MD5, salt);
    byte[] response = client.read().string().getBytes(StandardCharsets.UTF_8);
    if (!Md5Auth.isRight(md5, salt, response)) {
      throw LoginRefused.password("password authentication failed");
    }
    throw LoginRefused.unproven("the right password");
  }

  private void join(LoginWire client, String user, ScramKeys keys)
      throws IOException, LoginRefused {
    try (LoginWire upstream = LoginWire.open(server)) {
      upstream.startup(user);
      Logins.scram(
          upstream,
          upstream.read(),
          (offered, hash) -> ScramClient.withKeys("", keys, offered, hash, RANDOM));
      client.ask(LoginWire.OK, new byte[0]);
      Thread back = Thread.ofVirtual().start(() -> copy(upstream.in(), client.out()));
      copy(client.in(), upstream.out());
      upstream.hangUp();
      back.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void copy(InputStream from, OutputStream to) {
    try {
      byte[] buffer = new byte[8192];
      for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
        to.write(buffer, 0, n);
        to.flush();
      }
    } catch (IOException e) {
      // One of them has hung up, which ends the conversation.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    if (!faults.isEmpty()) {
      throw new AssertionError("the gate failed", faults.getFirst());
    }
  }
}
