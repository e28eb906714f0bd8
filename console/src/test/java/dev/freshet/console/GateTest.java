package dev.freshet.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.HostPort;
import dev.freshet.base.Trouble;
import dev.freshet.testkit.RawClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Without a token only this machine's programs get in, and no page that a browser here shows.
@Timeout(60)
class GateTest {
  private static final byte[] ALL = "{\"all\":true}".getBytes(StandardCharsets.UTF_8);
  private static final String JSON = "Content-Type: application/json";
  private final Desk desk = new Desk();

  @AfterEach
  void close() {
    desk.close();
  }

  private Desk.Reply get(String... lines) {
    return desk.send("GET", "/status", List.of(lines), new byte[0]);
  }

  private Desk.Reply purge(String... lines) {
    return desk.send("POST", "/purge", List.of(lines), ALL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.0.0.1:8090",
        "localhost",
        "localhost:1",
        "LOCALHOST:8090",
        "127.9.9.9:8090",
        "[::1]:8090",
        "[0:0:0:0:0:0:0:1]:8090"
      })
  void answersToTheNamesOfThisMachine(String host) {
    assertThat(get("Host: " + host).status()).isEqualTo(200);
  }

  /// DNS rebinding: a page's own name is made to point here, and its requests are same-origin.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:8090",
        "localhost.evil.example:8090",
        "127.0.0.1.evil.example:8090",
        "127.evil.example",
        "evil.example:127",
        "[::1].evil.example",
        "[::1",
        "localhost@evil.example",
        "localhost:8090@evil.example",
        "evil.example, localhost",
        "0.0.0.0:8090",
        "192.168.0.1:8090",
        "127.0.0.1:99999",
        "127.0.0.1:",
        ":8090",
        ""
      })
  void answersToNoOtherName(String host) {
    Desk.Reply reply = purge("Host: " + host, JSON);
    assertThat(reply.status()).isEqualTo(421);
    assertThat(reply.error()).contains("its own name only");
    assertThat(get("Host: " + host).status()).isEqualTo(421);
    assertThat(desk.orders).isEmpty();
  }

  @Test
  void answersNobodyWhoNamesNoHost() {
    assertThat(get().status()).isIn(400, 421);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://evil.example",
        "https://evil.example",
        "null",
        "",
        "http://localhost",
        "http://localhost:3000",
        "http://127.0.0.1:1",
        "http://127.0.0.1.evil.example"
      })
  void refusesRequestsOfOtherSitesPages(String origin) {
    Desk.Reply reply = purge(desk.host(), "Origin: " + origin, JSON);
    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.error()).contains("other sites");
    assertThat(get(desk.host(), "Origin: " + origin).status()).isEqualTo(403);
    assertThat(desk.orders).isEmpty();
  }

  /// A picture or a script of another site's page comes without `Origin`.
  @Test
  void noPageOfAnotherSiteMayAskWithinItself() {
    for (String site : List.of("cross-site", "same-site")) {
      String from = "Sec-Fetch-Site: " + site;
      for (String kind : List.of("image", "script", "iframe", "empty")) {
        assertThat(get(desk.host(), from, "Sec-Fetch-Dest: " + kind).status()).isEqualTo(403);
      }
      assertThat(get(desk.host(), from).status()).isEqualTo(403);
      assertThat(get(desk.host(), from, "Sec-Fetch-Dest: document").status()).isEqualTo(200);
    }
    for (String site : List.of("same-origin", "none")) {
      Desk.Reply own = get(desk.host(), "Sec-Fetch-Site: " + site, "Sec-Fetch-Dest: empty");
      assertThat(own.status()).isEqualTo(200);
      assertThat(own.field("Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
    }
  }

  @Test
  void refusesItsOwnSchemeInSecureDisguise() {
    assertThat(purge(desk.host(), "Origin: https://" + desk.address(), JSON).status())
        .isEqualTo(403);
  }

  @Test
  void itsOwnPageMayAsk() {
    assertThat(purge(desk.host(), "Origin: http://" + desk.address(), JSON).status())
        .isEqualTo(200);
    assertThat(desk.orders).hasSize(1);
  }

  @Test
  void permitsNoSiteToReadItsAnswers() {
    List<String> preflight =
        List.of(
            desk.host(),
            "Origin: http://evil.example",
            "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: content-type");
    Desk.Reply reply = desk.send("OPTIONS", "/purge", preflight, new byte[0]);
    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.field("Access-Control-Allow-Origin")).isEmpty();
    assertThat(reply.field("Access-Control-Allow-Headers")).isEmpty();
    assertThat(desk.get("/status").field("Access-Control-Allow-Origin")).isEmpty();
  }

  /// A form can be sent from any page without asking first; it can't have this content type.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
        "text/plain; application/json",
        "application/jsonp",
        "application/json-seq",
        "application",
        ""
      })
  void takesNoOtherContentThanJson(String type) {
    Desk.Reply reply = purge(desk.host(), "Content-Type: " + type);
    assertThat(reply.status()).isEqualTo(415);
    assertThat(reply.error()).contains("application/json");
    assertThat(desk.orders).isEmpty();
  }

  @Test
  void takesNoContentThatDoesNotSayWhatItIs() {
    assertThat(purge(desk.host()).status()).isEqualTo(415);
    assertThat(desk.ask("POST", "/reload").status()).isEqualTo(415);
    assertThat(desk.orders).isEmpty();
    assertThat(desk.reloads).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"application/json", "Application/JSON", "application/json; charset=utf-8"})
  void takesJsonHoweverItIsWritten(String type) {
    assertThat(purge(desk.host(), "Content-Type: " + type).status()).isEqualTo(200);
  }

  @Test
  void theContentOfARefusedRequestIsNotReadAsAnother() {
    String inner = "POST /reload HTTP/1.1\r\n" + desk.host() + "\r\n" + JSON + "\r\n\r\n";
    byte[] content = inner.getBytes(StandardCharsets.US_ASCII);
    try (RawClient client = desk.client()) {
      Desk.Reply refused =
          Desk.send(client, "POST", "/purge", List.of("Host: evil.example", JSON), content);
      assertThat(refused.status()).isEqualTo(421);
      Desk.Reply next = Desk.send(client, "GET", "/status", List.of(desk.host()), new byte[0]);
      assertThat(next.json().path("version").asText()).isEqualTo("1");
    }
    assertThat(desk.reloads).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "127.0.0.1.evil.example"})
  void isNotOpenedBeyondLoopbackWithoutAToken(String host) {
    assertThatThrownBy(() -> new Desk(new HostPort(host, 0), null))
        .isInstanceOfSatisfying(
            Trouble.Found.class,
            found ->
                assertThat(found.troubles())
                    .singleElement()
                    .satisfies(trouble -> {
                      assertThat(trouble.place()).isEqualTo("admin " + host + ":0");
                      assertThat(trouble.cause()).contains("token");
                    }));
  }
}
