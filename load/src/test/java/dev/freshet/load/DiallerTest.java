package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.testkit.SelfSigned;
import io.netty.channel.ChannelException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// TLS, to a server that signed its own certificate.
@Timeout(60)
class DiallerTest {
  @TempDir private static Path folder;
  private static HttpsServer server;

  @BeforeAll
  static void start() throws IOException, GeneralSecurityException {
    var _ = SelfSigned.in(folder);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(folder.resolve("self.p12"))) {
      keys.load(in, "changeit".toCharArray());
    }
    KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(keys, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    // It shakes hands where it answers: the second connection must not wait for the first's
    // request.
    server.setExecutor(Thread::startVirtualThread);
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  private Measured run(boolean isInsecure) throws InterruptedException {
    URI target = URI.create("https://127.0.0.1:" + server.getAddress().getPort());
    Aim aim = new Aim(target, 1, 2, Duration.ofSeconds(30), false, isInsecure);
    Phase phase = Phase.constantRate(50, Duration.ZERO, Duration.ofMillis(100));
    try (Generator generator = Generator.open(aim, Visits.of(Call.get("/")), Time.system())) {
      return generator.run(phase, Watch.none());
    }
  }

  @Test
  void anyCertificateWillDoWhereThatIsSaid() throws InterruptedException {
    Figures total = run(true).total();
    assertThat(total.statuses()).isEqualTo(Map.of(204, 5L));
    assertThat(total.failures()).isZero();
  }

  @Test
  void whatIsShortOnThisSideIsNotTheTargetsError() {
    String noPort = "connect(..) failed with error(-99): Cannot assign requested address";
    assertThat(Dialler.kind(new ConnectException(noPort))).isEqualTo(Dialler.NO_PORT);
    Throwable noFile = new IOException("newSocketStream(..) failed: Too many open files");
    assertThat(Dialler.kind(new ChannelException(noFile))).isEqualTo(Dialler.NO_DESCRIPTOR);
    assertThat(Dialler.kind(new ConnectException("Connection refused"))).isEqualTo("refused");
    Figures figures = new Figures();
    figures.lost(Dialler.NO_PORT);
    figures.lost("refused");
    assertThat(figures.ownFailures()).isEqualTo(1);
  }

  @Test
  void aCrawlTakesTheSameCertificates() throws InterruptedException {
    URI target = URI.create("https://127.0.0.1:" + server.getAddress().getPort());
    Aim careful = Aim.at(target);
    Aim insecure = new Aim(target, 1, 2, Duration.ofSeconds(30), false, true);
    assertThat(Crawl.of(insecure, insecure.address(), Time.system()).visits()).hasSize(1);
    assertThatThrownBy(() -> Crawl.of(careful, careful.address(), Time.system()))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("can't be fetched: TLS");
  }

  @Test
  void otherwiseOneThatNobodyVouchesForIsRefused() {
    assertThatThrownBy(() -> run(false))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("no connection could be opened (TLS)");
  }
}
