package dev.freshet.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.HostPort;
import dev.freshet.testkit.RawClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// With a token whoever has it gets in from anywhere, and nobody else from nowhere.
@Timeout(60)
class TokenTest {
  private static final String TOKEN = "k7Fq-92_LmXw~41z";
  private static final String HOST = "Host: freshet.internal:8090";
  private final Desk desk = new Desk(new HostPort("0.0.0.0", 0), TOKEN);

  @AfterEach
  void close() {
    desk.close();
  }

  private Desk.Reply reload(String... lines) {
    return desk.send("POST", "/reload", List.of(lines), new byte[0]);
  }

  private void isRefused(Desk.Reply reply) {
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.field("WWW-Authenticate")).startsWith("Bearer");
    assertThat(reply.text()).doesNotContain(TOKEN);
    assertThat(desk.reloads).hasValue(0);
  }

  @Test
  void whoeverHasItGetsInUnderAnyName() {
    Desk.Reply reply = reload(HOST, "Authorization: Bearer " + TOKEN);
    assertThat(reply.status()).isEqualTo(200);
    assertThat(desk.reloads).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/status", "/metrics", "/routes", "/purge", "/reload", "/nothing"})
  void nothingIsToldWithoutIt(String target) {
    for (String method : List.of("GET", "HEAD", "POST", "OPTIONS", "PUT")) {
      Desk.Reply reply = desk.send(method, target, List.of("Host: 127.0.0.1"), new byte[0]);
      isRefused(reply);
    }
  }

  @Test
  void beingOnThisMachineIsNotEnough() {
    isRefused(reload("Host: " + desk.address(), "Content-Type: application/json"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        "Basic " + TOKEN,
        "Basic azdGcS05Ml9MbVh3fjQxeg==",
        "Basic azdGcS05Ml9MbVh3fjQxejo=",
        "Basic *",
        "Bearer  " + TOKEN,
        "Bearer " + TOKEN + "," + TOKEN,
        "Bearer null",
        "Bearer *"
      })
  void noOtherFormWillDo(String authorization) {
    isRefused(reload(HOST, "Authorization: " + authorization));
  }

  @Test
  void everyCharacterOfItCounts() {
    try (RawClient client = desk.client()) {
      for (int i = 0; i < TOKEN.length(); i++) {
        String other = TOKEN.charAt(i) == 'x' ? "y" : "x";
        refused(client, TOKEN.substring(0, i) + other + TOKEN.substring(i + 1));
        refused(client, TOKEN.substring(0, i));
        refused(client, TOKEN.substring(i + 1));
      }
      refused(client, TOKEN + "x");
      refused(client, TOKEN + TOKEN);
      refused(client, TOKEN.toLowerCase(Locale.ROOT));
      refused(client, TOKEN.toUpperCase(Locale.ROOT));
    }
  }

  /// As a browser sends it that was asked for a name and a password.
  private Desk.Reply asPassword(String method, String target, String... more) {
    String pair = "anybody:" + TOKEN;
    String basic = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    List<String> lines = new ArrayList<>(List.of(HOST, "Authorization: Basic " + basic));
    lines.addAll(List.of(more));
    return desk.send(method, target, lines, new byte[0]);
  }

  @Test
  void browsersCanGiveItAsAPassword() {
    assertThat(asPassword("GET", "/").text()).startsWith("<!doctype html>");
    String json = "Content-Type: application/json";
    for (String scheme : List.of("http://", "https://")) {
      String own = "Origin: " + scheme + "freshet.internal:8090";
      assertThat(asPassword("POST", "/reload", json, own).status()).isEqualTo(200);
    }
    assertThat(desk.reloads).hasValue(2);
  }

  /// Browsers send a password that they know with whatever any page asks for.
  @Test
  void otherSitesPagesCannotUseAPasswordThatABrowserKeeps() {
    String json = "Content-Type: application/json";
    assertThat(asPassword("POST", "/reload", json, "Origin: http://evil.example").status())
        .isEqualTo(403);
    assertThat(asPassword("POST", "/reload", json, "Origin: null").status()).isEqualTo(403);
    assertThat(asPassword("GET", "/status", "Sec-Fetch-Site: cross-site").status()).isEqualTo(403);
    assertThat(asPassword("POST", "/reload").status()).isEqualTo(415);
    assertThat(asPassword("POST", "/reload", "Content-Type: text/plain").status()).isEqualTo(415);
    assertThat(desk.reloads).hasValue(0);
  }

  private void refused(RawClient client, String token) {
    List<String> lines = List.of(HOST, "Authorization: Bearer " + token);
    isRefused(Desk.send(client, "POST", "/reload", lines, new byte[0]));
  }
}
