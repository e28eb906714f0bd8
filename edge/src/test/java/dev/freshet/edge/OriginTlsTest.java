package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.edge.OriginConfig.Protocol;
import dev.freshet.edge.OriginConfig.Tls;
import dev.freshet.edge.UpstreamFailure.Kind;
import dev.freshet.http.RequestHead;
import dev.freshet.testkit.Http2TestOrigin;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OriginTlsTest {
  private OriginsFixture edge = new OriginsFixture();
  private TestKeys keys;

  @BeforeAll
  void makeKeys(@TempDir Path folder) {
    keys = new TestKeys(folder);
  }

  @AfterEach
  void close() {
    edge.close();
    edge = new OriginsFixture();
  }

  /// An HTTP/1.1 server over TLS that answers once a connection and may forget to say goodbye.
  private final class SecureServer implements AutoCloseable {
    private final ServerSocket listener;
    private final SSLContext context;

    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final String[] protocols;

    SecureServer(String response, boolean abrupt, String... protocols) {
      this.protocols = protocols;
      try {
        context = SSLContext.getInstance("TLS");
        context.init(keys.keys().getKeyManagers(), null, null);
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
      Thread.ofVirtual().start(() -> serve(response, abrupt));
    }

    private void serve(String response, boolean abrupt) {
      while (!listener.isClosed()) {
        try (Socket plain = listener.accept()) {
          SSLSocket socket =
              (SSLSocket) context.getSocketFactory().createSocket(plain, null, false);
          socket.setUseClientMode(false);
          SSLParameters parameters = socket.getSSLParameters();
          parameters.setApplicationProtocols(protocols);
          socket.setSSLParameters(parameters);
          byte[] in = new byte[4_096];
          int n = socket.getInputStream().read(in);
          seen.add(new String(in, 0, Math.max(0, n), StandardCharsets.ISO_8859_1));
          socket.getOutputStream().write(response.getBytes(StandardCharsets.ISO_8859_1));
          if (n > 0 && !abrupt) {
            socket.close();
          }
        } catch (IOException e) {
          // A client that does not trust us; the next one may.
        }
      }
    }

    String url() {
      return "https://127.0.0.1:" + listener.getLocalPort();
    }

    @Override
    public void close() {
      try {
        listener.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private Origins open(String url, Protocol protocol, Tls tls) {
    OriginConfig plain = OriginsFixture.config(url);
    return edge.open(OriginsFixture.with(plain, protocol, tls), Time.system());
  }

  private SslContext http2() {
    try {
      return SslContextBuilder.forServer(keys.keys())
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  ApplicationProtocolConfig.Protocol.ALPN,
                  ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                  ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                  ApplicationProtocolNames.HTTP_2))
          .build();
    } catch (SSLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void trustsTheAuthoritiesItIsTold() {
    String response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    try (SecureServer server = new SecureServer(response, false)) {
      Origins origins = open(server.url(), Protocol.AUTO, new Tls(keys.pem(), true));
      assertThat(Asker.get(origins, edge.loop, "/").whole()).isEqualTo("ok");
    }
  }

  @Test
  void trustsNobodyElse() {
    try (SecureServer server = new SecureServer("", false)) {
      Origins origins = open(server.url(), Protocol.AUTO, Tls.defaults());
      UpstreamFailure failure = Asker.get(origins, edge.loop, "/").failure();
      assertThat(failure.kind()).isEqualTo(Kind.CONNECT_REFUSED);
      assertThat(failure.message()).contains("TLS");
    }
  }

  @Test
  void trustsNoCertificateForAnotherName() {
    try (SecureServer server = new SecureServer("", false)) {
      String other = server.url().replace("127.0.0.1", "localhost");
      Origins origins = open(other, Protocol.AUTO, new Tls(keys.pem(), true));
      assertThat(Asker.get(origins, edge.loop, "/").failure().kind())
          .isEqualTo(Kind.CONNECT_REFUSED);
    }
  }

  @Test
  void trustsAnythingWhenToldSo() {
    String response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    try (SecureServer server = new SecureServer(response, false)) {
      String other = server.url().replace("127.0.0.1", "localhost");
      Origins origins = open(other, Protocol.HTTP1, new Tls(null, false));
      assertThat(Asker.get(origins, edge.loop, "/").whole()).isEqualTo("ok");
    }
  }

  @Test
  void takesTheEndOfTlsForTheEndOfContent() {
    try (SecureServer server = new SecureServer("HTTP/1.1 200 OK\r\n\r\nall of it", false)) {
      Origins origins = open(server.url(), Protocol.AUTO, new Tls(keys.pem(), true));
      assertThat(Asker.get(origins, edge.loop, "/").whole()).isEqualTo("all of it");
    }
  }

  @Test
  void neverTakesAnEndThatTlsDoesNotVouchForForTheEndOfContent() {
    try (SecureServer server = new SecureServer("HTTP/1.1 200 OK\r\n\r\nhalf of", true)) {
      Origins origins = open(server.url(), Protocol.AUTO, new Tls(keys.pem(), true));
      assertThat(Asker.get(origins, edge.loop, "/").failure().kind())
          .isEqualTo(Kind.CONNECTION_LOST);
    }
  }

  @Test
  void speaksHttp2WhereTheOriginOffersIt() {
    try (Http2TestOrigin origin =
        new Http2TestOrigin(http2(), 100, (stream, frame) -> stream.head("204", true))) {
      String url = "https://127.0.0.1:" + origin.port();
      Origins origins = open(url, Protocol.AUTO, new Tls(keys.pem(), true));
      Asker first = Asker.get(origins, edge.loop, "/");
      Asker second = Asker.get(origins, edge.loop, "/");
      assertThat(first.head().status()).isEqualTo(204);
      assertThat(second.head().status()).isEqualTo(204);
      assertThat(origin.connections()).isEqualTo(1);
      assertThat(origin.heads().getFirst().scheme()).hasToString("https");
    }
  }

  /// HTTP/2 has no offers to go on in another protocol: they need HTTP/1.1, where the origin would
  /// rather speak HTTP/2.
  @Test
  void asksOverHttp1ForAnotherProtocolAlsoWhereTheOriginOffersHttp2() {
    String response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    try (SecureServer server = new SecureServer(response, false, "h2", "http/1.1")) {
      Origins origins = open(server.url(), Protocol.AUTO, new Tls(keys.pem(), true));
      RequestHead head =
          Asker.request("GET", "/socket", "Connection", "Upgrade", "Upgrade", "websocket");
      assertThat(Asker.ask(origins, edge.loop, head, 0).whole()).isEqualTo("ok");
      assertThat(server.seen).first().asString().contains("GET /socket", "Upgrade: websocket");
    }
  }

  @Test
  void saysWhenAnOriginDoesNotOfferTheHttp2ItIsToldToSpeak() {
    try (SecureServer server = new SecureServer("", false)) {
      Origins origins = open(server.url(), Protocol.H2, new Tls(keys.pem(), true));
      assertThat(Asker.get(origins, edge.loop, "/").failure().message()).contains("HTTP/2");
    }
  }

  @Test
  void refusesAFileOfAuthoritiesThatIsNone() {
    Path nowhere = Path.of("nowhere.pem");
    assertThatThrownBy(() -> open("https://127.0.0.1:1", Protocol.AUTO, new Tls(nowhere, true)))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("origin.tls.authorities");
  }
}
