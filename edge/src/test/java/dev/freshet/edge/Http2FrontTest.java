package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.testkit.Eventually;
import dev.freshet.testkit.ScriptedOrigin;
import dev.freshet.testkit.SelfSigned;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// HTTP/2 and TLS towards clients, with the JDK's client on the other side.
@SuppressWarnings({"StringConcatToTextBlock", "InterruptedExceptionSwallowed"})
@Timeout(60)
class Http2FrontTest {
  private static SelfSigned keys;
  private ScriptedOrigin origin;
  private final Meters meters = new Meters();
  private Edge edge;
  private HttpClient client;
  private String base;

  @BeforeAll
  static void makeKeys(@TempDir Path folder) {
    keys = SelfSigned.in(folder);
  }

  @BeforeEach
  void open() {
    origin =
        ScriptedOrigin.start(peer -> {
          while (true) {
            String head = peer.head();
            if (head.isEmpty()) {
              return;
            }
            int at = head.toLowerCase(Locale.ROOT).indexOf("content-length: ");
            String sent =
                at < 0
                    ? "x".repeat(100_000)
                    : peer.content(
                        Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at))));
            String extra = at < 0 ? "Cache-Control: max-age=60\r\nETag: \"e\"\r\n" : "";
            peer.send("HTTP/1.1 200 OK\r\n" + extra + "Content-Length: " + sent.length());
            peer.send("\r\nX-Seen: " + (head.contains("a=1; b=2") ? "joined" : "-") + "\r\n\r\n");
            if (!head.startsWith("HEAD")) {
              peer.send(sent);
            }
          }
        });
    FrontConfig plain = FrontConfig.defaults(new HostPort("127.0.0.1", 0));
    FrontConfig front =
        new FrontConfig(
            plain.listen(),
            new FrontConfig.Tls(keys.certificate(), keys.key()),
            plain.maxConnections(),
            plain.maxHead(),
            plain.maxTarget(),
            plain.maxFields(),
            plain.maxContent(),
            plain.headTimeout(),
            plain.idleTimeout(),
            plain.contentTimeout(),
            plain.contentRate(),
            plain.writeTimeout(),
            plain.maxStreams());
    edge =
        Edge.start(
            EdgeConfig.defaults(
                front, OriginConfig.defaults(List.of(OriginUrl.parse(origin.url())))),
            Time.system(),
            meters);
    client =
        HttpClient.newBuilder().sslContext(keys.trust()).version(HttpClient.Version.HTTP_2).build();
    base = "https://127.0.0.1:" + edge.addresses().getFirst().port();
  }

  @AfterEach
  void close() {
    client.close();
    edge.close();
    origin.close();
  }

  private HttpResponse<String> get(String target, String... lines) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + target));
    if (lines.length > 0) {
      request.headers(lines);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void servesMissesAndHitsOverHttp2() throws Exception {
    HttpResponse<String> miss = get("/a");
    HttpResponse<String> hit = get("/a");
    assertThat(hit.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(miss.body()).hasSize(100_000);
    assertThat(hit.body()).hasSize(100_000);
    assertThat(hit.headers().firstValue("cache-status").orElse("")).contains("freshet; hit");
    assertThat(get("/a", "If-None-Match", "\"e\"").statusCode()).isEqualTo(304);
    assertThat(origin.heads()).hasSize(1);
    assertThat(origin.heads().getFirst()).contains("X-Forwarded-Proto: https");
  }

  @Test
  void carriesManyStreamsAtOnce() throws Exception {
    get("/a");
    List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/" + i % 20)).build();
      all.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
    }
    for (CompletableFuture<HttpResponse<String>> one : all) {
      assertThat(one.get(30, TimeUnit.SECONDS).body()).hasSize(100_000);
    }
  }

  @Test
  void takesUploadsLargerThanAWindow() throws Exception {
    String content = "abcdefghij".repeat(300_000);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + "/up"))
            .POST(HttpRequest.BodyPublishers.ofString(content))
            .build();
    HttpResponse<String> echoed = client.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(echoed.body()).isEqualTo(content);
  }

  @Test
  void answersHeadWithoutContentAndJoinsCookieCrumbs() throws Exception {
    HttpRequest head =
        HttpRequest.newBuilder(URI.create(base + "/h"))
            .method("HEAD", HttpRequest.BodyPublishers.noBody())
            .build();
    HttpResponse<String> answer = client.send(head, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(get("/c", "Cookie", "a=1", "Cookie", "b=2").headers().firstValue("x-seen"))
        .contains("joined");
  }

  /// Else as many as there are ports could each hold a socket and a handshake.
  @Test
  void whoHasNotShakenHandsYetCountsAsAClient() throws Exception {
    edge.reload(withConnections(2));
    int port = edge.addresses().getFirst().port();
    try (Socket one = new Socket(InetAddress.getLoopbackAddress(), port);
        Socket two = new Socket(InetAddress.getLoopbackAddress(), port);
        Socket three = new Socket(InetAddress.getLoopbackAddress(), port)) {
      assertThat(List.of(one, two, three)).allMatch(Socket::isConnected);
      Eventually.await(() -> turnedAway() == 1, "one to be turned away");
    }
    Eventually.await(() -> isServed("/a"), "room for the next");
  }

  private boolean isServed(String target) {
    try {
      return get(target).statusCode() == 200;
    } catch (Exception e) {
      return false;
    }
  }

  private double turnedAway() {
    return meters.all().stream()
        .filter(m -> m.id().name().equals("freshet_edge_refused_total"))
        .mapToDouble(m -> m instanceof Meters.Counter c ? c.sum() : 0)
        .sum();
  }

  private EdgeConfig withConnections(int most) {
    EdgeConfig now = edge.config();
    FrontConfig front = now.fronts().getFirst();
    FrontConfig few =
        new FrontConfig(
            front.listen(),
            front.tls(),
            most,
            front.maxHead(),
            front.maxTarget(),
            front.maxFields(),
            front.maxContent(),
            front.headTimeout(),
            front.idleTimeout(),
            front.contentTimeout(),
            front.contentRate(),
            front.writeTimeout(),
            front.maxStreams());
    return now.withFronts(List.of(few));
  }

  @Test
  void drainsWithAGoodbye() throws Exception {
    get("/a");
    edge.drain(Duration.ofSeconds(5));
    assertThatThrownBy(() -> get("/b")).isInstanceOf(IOException.class);
  }

  @Test
  void saysWhichCertificateCantBeRead() {
    FrontConfig.Tls missing = new FrontConfig.Tls(keys.key().resolveSibling("no.pem"), keys.key());
    assertThatThrownBy(() -> new TlsContext(missing))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("tls.certificate");
    FrontConfig.Tls swapped = new FrontConfig.Tls(keys.key(), keys.certificate());
    assertThatThrownBy(() -> new TlsContext(swapped))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("PEM chain");
  }
}
