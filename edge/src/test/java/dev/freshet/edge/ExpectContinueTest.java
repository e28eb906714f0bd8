package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RawClient.Response;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `Expect: 100-continue` (RFC 9110, section 10.1.1): the origin decides whether content comes, and
/// nobody waits for the other in vain.
// What goes over the wire ends its lines with CR LF.
@SuppressWarnings("StringConcatToTextBlock")
@Timeout(60)
class ExpectContinueTest {
  private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final Shopfront shop = new Shopfront();
  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    shop.close();
  }

  private RawHttp2 second() {
    return RawHttp2.to(shop.edge.addresses().getFirst().port());
  }

  private RawClient asking(String version) {
    return shop.client()
        .send(
            "POST /up HTTP/"
                + version
                + "\r\nHost: shop.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  }

  private String seen() throws InterruptedException {
    return String.valueOf(seen.poll(10, TimeUnit.SECONDS));
  }

  private void originContinues() {
    shop.act(
        "/up",
        (peer, head) -> {
          seen.add(head);
          peer.send(CONTINUE);
          seen.add(peer.content(5));
          peer.send(OK);
        });
  }

  private void originRefuses(int status) {
    shop.act(
        "/up",
        (peer, head) -> {
          peer.send("HTTP/1.1 " + status + " No\r\nContent-Length: 3\r\n\r\nnot");
          // It would read on if more came.
          seen.add("rest:" + peer.content(5));
        });
  }

  @Test
  void relaysTheQuestionAndTheAnswer() throws InterruptedException {
    originContinues();
    RawClient client = asking("1.1");
    assertThat(client.octets(CONTINUE.length())).isEqualTo(CONTINUE);
    assertThat(seen()).contains("\r\nExpect: 100-continue\r\n");
    client.send("hello");
    assertThat(client.response("POST").text()).isEqualTo("ok");
    assertThat(seen()).isEqualTo("hello");
  }

  @Test
  void relaysTheQuestionAndTheAnswerOverHttp2() throws InterruptedException {
    originContinues();
    try (RawHttp2 client = second()) {
      client.post(1, "/up", "expect", "100-continue", "content-length", "5");
      while (client.of(1).interims.isEmpty()) {
        assertThat(client.next()).isNotNull();
      }
      assertThat(client.of(1).interims).containsExactly(100);
      assertThat(seen()).containsIgnoringCase("\r\nExpect: 100-continue\r\n");
      assertThat(client.data(1, "hello", true).answer(1).text()).isEqualTo("ok");
      assertThat(seen()).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {417, 401, 413, 307})
  void relaysARefusalAndSaysThatItCloses(int status) throws InterruptedException {
    originRefuses(status);
    RawClient client = asking("1.1");
    Response response = client.response("POST");
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.text()).isEqualTo("not");
    assertThat(response.interims()).isEmpty();
    assertThat(response.field("Connection")).isEqualTo("close");
    assertThat(client.isClosed()).isTrue();
    assertThat(seen()).isEqualTo("rest:");
  }

  @Test
  void aRefusalCostsHttp2NoMoreThanItsStream() throws InterruptedException {
    originRefuses(417);
    shop.page("/a", "a");
    try (RawHttp2 client = second()) {
      client.post(1, "/up", "expect", "100-continue", "content-length", "5");
      assertThat(client.answer(1).status).isEqualTo(417);
      assertThat(client.of(1).text()).isEqualTo("not");
      assertThat(seen()).isEqualTo("rest:");
      assertThat(client.get(3, "/a").answer(3).text()).isEqualTo("a");
      assertThat(client.of(1).reset).isEqualTo(RawHttp2.NO_ERROR);
    }
  }

  @Test
  void isNotStuckWhenTheOriginDoesNotKnowTheQuestion() throws InterruptedException {
    shop.act(
        "/up",
        (peer, head) -> {
          seen.add(peer.content(5));
          peer.send(OK);
        });
    // A client may go ahead without an answer.
    RawClient client = asking("1.1").send("hello");
    Response response = client.response("POST");
    assertThat(response.text()).isEqualTo("ok");
    assertThat(response.field("Connection")).isEmpty();
    assertThat(seen()).isEqualTo("hello");
  }

  @Test
  void givesUpAnOriginThatNeverAnswersTheQuestion() throws InterruptedException {
    shop.act(
        "/up",
        (peer, head) -> {
          seen.add(head);
          peer.awaitEnd();
        });
    RawClient client = asking("1.1");
    assertThat(seen()).contains("Expect");
    shop.time.advance(Duration.ofSeconds(61));
    Response response = client.response("POST");
    assertThat(response.status()).isIn(408, 504);
    assertThat(response.field("Connection")).isEqualTo("close");
  }

  @Test
  void sendsNoInterimResponseToOldClients() throws InterruptedException {
    originContinues();
    RawClient client = asking("1.0").send("hello");
    Response response = client.response("POST");
    assertThat(response.text()).isEqualTo("ok");
    assertThat(response.interims()).isEmpty();
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void answersAtOnceFromTheCacheWhenThereIsNoContent() {
    shop.page("/a", "a", "Cache-Control: max-age=60");
    shop.get("/a");
    Response hit = shop.get("/a", "Expect: 100-continue");
    assertThat(hit.text()).isEqualTo("a");
    assertThat(shop.asked("/a")).isEqualTo(1);
  }
}
