package dev.freshet.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventStreamTest {
  private final Stage stage = new Stage();

  @AfterEach
  void close() {
    stage.close();
  }

  private static int value(JsonNode json) {
    return json.path("body").path("value").asInt(-1);
  }

  @Test
  void tellsOfSeveralUrlsOnOneStream() throws IOException, InterruptedException {
    stage.write("a", "1");
    stage.write("b", "7");
    try (EventStream stream =
        new EventStream(stage.port(), "as=body&url=%2Frows%2Fa&url=/rows/b", null)) {
      assertThat(stream.response().headers().firstValue("Content-Type"))
          .hasValue("text/event-stream");
      assertThat(value(stream.next()) + value(stream.next())).isEqualTo(8);
      stage.write("b", "8");
      JsonNode changed = stream.next();
      assertThat(changed.path("url").asText()).isEqualTo("/rows/b");
      assertThat(value(changed)).isEqualTo(8);
    }
  }

  @Test
  void goesOnFromTheLastEventAlsoAfterARestart() throws IOException, InterruptedException {
    stage.write("a", "1");
    stage.write("b", "1");
    String query = "as=body&url=/rows/a&url=/rows/b";
    String last;
    try (EventStream stream = new EventStream(stage.port(), query, null)) {
      stream.next();
      stream.next();
      last = stream.lastId();
      stage.restart();
      assertThat(stream.next().isEmpty()).isTrue();
    }
    stage.write("b", "2");
    try (EventStream stream = new EventStream(stage.port(), query, last)) {
      JsonNode first = stream.next();
      JsonNode second = stream.next();
      JsonNode a = first.path("url").asText().equals("/rows/a") ? first : second;
      JsonNode b = first.equals(a) ? second : first;
      assertThat(a.path("event").asText()).isEqualTo("subscribed");
      assertThat(a.has("body")).isFalse();
      assertThat(value(b)).isEqualTo(2);
    }
  }

  @Test
  void isServedOverHttp2Too() throws IOException, InterruptedException {
    stage.write("a", "1");
    // The JDK's client offers h2c by upgrade only, which is not taken up: so by prior knowledge.
    try (RawClient client = RawClient.to(stage.port())) {
      client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      client.send(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
      client.send(H2.get(Live.CHANNEL + "?as=body&url=/rows/a"));
      assertThat(H2.until(client, "\"value\": 1")).contains("text/event-stream", "retry: ");
      stage.write("a", "2");
      assertThat(H2.until(client, "\"value\": 2")).contains("\"event\":\"body\"");
    }
  }

  @Test
  void theScriptIsServedWithAValidator() throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    URI uri = URI.create("http://127.0.0.1:" + stage.port() + Live.SCRIPT);
    HttpResponse<String> first =
        client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(first.body()).contains("freshet.live = live");
    assertThat(first.body().length()).isLessThan(10_000);
    String tag = first.headers().firstValue("ETag").orElseThrow();
    HttpResponse<String> second =
        client.send(
            HttpRequest.newBuilder(uri).header("If-None-Match", tag).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(second.statusCode()).isEqualTo(304);
  }
}
