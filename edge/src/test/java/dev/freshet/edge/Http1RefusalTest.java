package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RawClient;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever two parsers could read differently is refused before the origin hears of it (RFC 9112,
/// section 11.2).
@SuppressWarnings("StringConcatToTextBlock")
@Timeout(60)
class Http1RefusalTest {
  private final Shopfront shop = new Shopfront().page("/", "ok").page("/a", "a").page("/b", "b");

  @AfterEach
  void close() {
    shop.close();
  }

  /// `~` stands for CR LF, `^` for LF, `!` for CR, `\0` for NUL, `_` for a space at a line's start.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          400 | GET / HTTP/1.1~Host: a~Content-Length: 5~Transfer-Encoding: chunked~~0~~
          400 | GET / HTTP/1.1~Host: a~Content-Length: 5~Content-Length: 5~~hello
          400 | GET / HTTP/1.1~Host: a~Content-Length: 5~Content-Length: 6~~hello
          400 | GET / HTTP/1.1~Host: a~Content-Length: +5~~hello
          400 | GET / HTTP/1.1~Host: a~Content-Length: -1~~
          400 | GET / HTTP/1.1~Host: a~Content-Length: 5, 5~~hello
          400 | GET / HTTP/1.1~Host: a~Content-Length: 0x5~~hello
          400 | GET / HTTP/1.1~Host: a~Content-Length:~~
          400 | GET / HTTP/1.1~Host: a~Transfer-Encoding: xchunked~~0~~
          400 | GET / HTTP/1.1~Host: a~Transfer-Encoding: chunked, identity~~0~~
          501 | GET / HTTP/1.1~Host: a~Transfer-Encoding: gzip, chunked~~0~~
          501 | GET / HTTP/1.1~Host: a~Transfer-Encoding: chunked~Transfer-Encoding: chunked~~0~~
          400 | GET / HTTP/1.0~Host: a~Transfer-Encoding: chunked~~0~~
          400 | GET / HTTP/1.1~Host: a~Transfer-Encoding : chunked~~0~~
          400 | GET / HTTP/1.1~Host: a~X: 1~_folded~~
          400 | GET / HTTP/1.1~Host : a~~
          400 | GET / HTTP/1.1~_Host: a~~
          400 | GET / HTTP/1.1^Host: a^^~~
          400 | GET / HTTP/1.1~Host: a^X: 1~~
          400 | GET / HTTP/1.1~Host: a!X: 1~~
          400 | GET / HTTP/1.1~Host: a~X: a\\0b~~
          400 | GET / HTTP/1.1~Host: a~X(y: 1~~
          400 | GET / HTTP/1.1~Host: a~no colon~~
          400 | GET / HTTP/1.1~Host: a~: empty~~
          400 | GET / HTTP/1.1~~
          400 | GET / HTTP/1.1~Host: a~Host: a~~
          400 | GET / HTTP/1.1~Host: a b~~
          400 | GET / HTTP/1.1~Host: a/b~~
          400 | GET / HTTP/1.1~Host: user@a~~
          400 | GET / HTTP/1.1~Host: a:99999~~
          400 | GET / HTTP/1.1~Host: a:x~~
          400 | GET / HTTP/1.1~Host: ~~
          400 | GET http://b/ HTTP/1.1~Host: a~~
          400 | GET ftp://a/ HTTP/1.1~Host: a~~
          400 | GET a HTTP/1.1~Host: a~~
          400 | GET * HTTP/1.1~Host: a~~
          400 | GET /x#y HTTP/1.1~Host: a~~
          400 | GET  / HTTP/1.1~Host: a~~
          400 | GET /  HTTP/1.1~Host: a~~
          400 | GET /~Host: a~~
          400 | GET / HTTP/1.1 ~Host: a~~
          400 | GET / http/1.1~Host: a~~
          505 | GET / HTTP/2.0~Host: a~~
          505 | GET / HTTP/1.2~Host: a~~
          400 | G@T / HTTP/1.1~Host: a~~
          405 | CONNECT a:443 HTTP/1.1~Host: a~~
          405 | TRACE / HTTP/1.1~Host: a~~
          413 | POST / HTTP/1.1~Host: a~Content-Length: 99999999999~~
          """)
  void refusesAndClosesWithoutAskingTheOrigin(int status, String request) {
    String octets =
        request
            .replace("~", "\r\n")
            .replace('^', '\n')
            .replace('!', '\r')
            .replace("\\0", "\0")
            .replace("\n_", "\n ");
    RawClient client = shop.client().send(octets);
    RawClient.Response response = client.response();
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.field("Connection")).isEqualTo("close");
    assertThat(client.isClosed()).isTrue();
    assertThat(shop.origin.heads()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "g\r\n",
        "-1\r\n",
        "1 \n",
        "ffffffffffffffffff\r\n",
        "5;\u0001\r\n",
        "5\r\nhelloX"
      })
  void refusesBrokenChunks(String chunks) {
    shop.page("/up", "ok");
    RawClient client = shop.client();
    client.send("POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
    assertThat(client.response("POST").status()).isEqualTo(400);
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void refusesHeadsBeyondTheirBounds() {
    String many = "X: 1\r\n".repeat(200);
    String longTarget = "/" + "x".repeat(9_000);
    String longHead = "X: " + "y".repeat(40_000);
    assertThat(
            shop.client().send("GET / HTTP/1.1\r\nHost: a\r\n" + many + "\r\n").response().status())
        .isEqualTo(431);
    assertThat(
            shop.client()
                .send("GET " + longTarget + " HTTP/1.1\r\nHost: a\r\n\r\n")
                .response()
                .status())
        .isEqualTo(414);
    assertThat(shop.client().send("GET / HTTP/1.1\r\nHost: a\r\n" + longHead).response().status())
        .isEqualTo(431);
  }

  @Test
  void answersPipelinedRequestsInOrder() {
    RawClient client = shop.client();
    client.send(
        "GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"
            + "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assertThat(client.response().text()).isEqualTo("a");
    assertThat(client.response().text()).isEqualTo("b");
    assertThat(client.response().text()).isEqualTo("a");
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void readsARequestThatComesOctetByOctet() {
    RawClient client = shop.client();
    String request = "GET /a HTTP/1.1\r\nHost: a\r\nX-Long: value with spaces\r\n\r\n";
    for (int i = 0; i < request.length(); i++) {
      client.send(request.substring(i, i + 1));
    }
    assertThat(client.response().text()).isEqualTo("a");
    assertThat(client.get("/b").text()).isEqualTo("b");
  }

  @Test
  void speaksToHttp10Clients() {
    RawClient client = shop.client().send("GET /a HTTP/1.0\r\nHost: a\r\n\r\n");
    assertThat(client.response().text()).isEqualTo("a");
    assertThat(client.isClosed()).isTrue();
    shop.raw(
        "/c", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n");
    RawClient old = shop.client().send("GET /c HTTP/1.0\r\nHost: a\r\n\r\n");
    RawClient.Response whole = old.response();
    assertThat(whole.text()).isEqualTo("abc");
    assertThat(whole.field("Transfer-Encoding")).isEmpty();
  }

  @Test
  void endsConnectionsThatDawdle() throws InterruptedException {
    RawClient slow = shop.client().send("GET / HTTP/1.1\r\nHo");
    RawClient idle = shop.client();
    idle.get("/a");
    Thread advance =
        Thread.ofVirtual()
            .start(() -> {
              while (!Thread.currentThread().isInterrupted()) {
                shop.time.advance(Duration.ofSeconds(1));
                Thread.onSpinWait();
              }
            });
    assertThat(slow.response().status()).isEqualTo(408);
    assertThat(idle.isClosed()).isTrue();
    advance.interrupt();
    advance.join();
  }
}
