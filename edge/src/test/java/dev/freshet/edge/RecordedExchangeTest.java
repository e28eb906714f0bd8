package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.recording.Line;
import dev.freshet.recording.Lines;
import dev.freshet.recording.Recorder;
import dev.freshet.recording.Recording;
import dev.freshet.recording.RecordingOrder;
import dev.freshet.testkit.RawClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a recorder is told of an edge's traffic, and that the traffic does not notice.
// What goes over the wire ends its lines with CR LF; JUnit ends a test that is interrupted.
@SuppressWarnings({"StringConcatToTextBlock", "InterruptedExceptionSwallowed"})
@Timeout(60)
class RecordedExchangeTest {
  private static final String KEPT = "Cache-Control: max-age=600";
  private final Shopfront shop = new Shopfront();
  @TempDir private Path folder;
  private Recorder recorder;

  @BeforeEach
  void begin() {
    RecordingOrder order = RecordingOrder.of(folder.resolve("t.frec"));
    recorder = Recorder.start(order, new Rolls(3).bytes(32), shop.time, "test", () -> {});
    shop.edge.record(recorder);
  }

  @AfterEach
  void close() {
    recorder.close();
    shop.close();
  }

  private List<Line> lines() throws Exception {
    shop.edge.record(null);
    recorder.stop();
    List<Line> out = new ArrayList<>();
    try (Lines lines = Recording.open(folder.resolve("t.frec")).lines()) {
      for (Line line = lines.next(); line != null; line = lines.next()) {
        out.add(line);
      }
    }
    return out;
  }

  private Map<Integer, String> sessions() throws Exception {
    Map<Integer, String> out = new TreeMap<>();
    for (Line line : lines()) {
      if (line instanceof Line.Asked asked) {
        out.merge(asked.session(), asked.target(), (a, b) -> a + ' ' + b);
      }
    }
    return out;
  }

  @Test
  void tellsOfMissesAndHitsWithTheirAnswers() throws Exception {
    shop.page("/a", "content", KEPT);
    shop.client().get("/a");
    assertThat(shop.client().get("/a").text()).isEqualTo("content");
    List<Line.Answered> answers = new ArrayList<>();
    for (Line line : lines()) {
      if (line instanceof Line.Answered answered) {
        answers.add(answered);
      }
    }
    assertThat(answers).extracting(Line.Answered::isHit).containsExactly(false, true);
    assertThat(answers).allMatch(answer -> answer.status() == 200 && answer.octets() == 7);
  }

  @Test
  void pipelinedRequestsAreOneAfterTheOther() throws Exception {
    shop.page("/a", "content", KEPT);
    RawClient client = shop.client();
    client.get("/a");
    client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    client.response();
    client.response();
    StringBuilder order = new StringBuilder();
    for (Line line : lines()) {
      order.append(
          switch (line) {
            case Line.Asked asked -> "q" + asked.number();
            case Line.Answered answered -> "a" + answered.number();
            case Line.Ended _, Line.Out _, Line.Over _ -> "";
          });
    }
    assertThat(order.toString()).isEqualTo("q1a1q2a2q3a3");
  }

  @Test
  void aVisitorIsFollowedThroughHisCookies() throws Exception {
    shop.page("/in", "in", "Set-Cookie: theme=dark", "Set-Cookie: sid=one; Path=/");
    shop.page("/again", "again", "Set-Cookie: sid=two");
    shop.page("/b", "b", "Cache-Control: no-store");
    shop.client().get("/in", "User-Agent: x");
    shop.client().get("/b", "Cookie: theme=dark; sid=one");
    shop.client().get("/again", "Cookie: sid=one");
    shop.client().get("/b", "Cookie: sid=two");
    shop.client().get("/b", "User-Agent: x");
    shop.client().get("/b", "Authorization: Bearer x");
    assertThat(sessions()).isEqualTo(Map.of(1, "/in /b /again /b", 2, "/b", 3, "/b"));
  }

  @Test
  void contentsPassWholeAndAreRecordedWhereTheyCanBeMasked() throws Exception {
    shop.act(
        "/form",
        (peer, head) -> {
          int length = Integer.parseInt(head.replaceAll("(?s).*Content-Length: (\\d+).*", "$1"));
          String content = peer.content(length);
          String answer = content.length() + " " + content.hashCode();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + answer.length() + "\r\n\r\n" + answer);
        });
    String large = "a=" + "1".repeat(100_000);
    List<String> contents = List.of("page=7&name=jane", large, "{\"page\": 7}");
    List<String> types =
        List.of(
            "application/x-www-form-urlencoded", "application/x-www-form-urlencoded", "image/png");
    for (int i = 0; i < contents.size(); i++) {
      String content = contents.get(i);
      RawClient client = shop.client();
      client.send(
          "POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: "
              + types.get(i)
              + "\r\nContent-Length: "
              + content.length()
              + "\r\n\r\n"
              + content);
      assertThat(client.response().text()).isEqualTo(content.length() + " " + content.hashCode());
    }
    List<String> recorded = new ArrayList<>();
    for (Line line : lines()) {
      if (line instanceof Line.Asked asked && asked.content() != null) {
        recorded.add(String.valueOf(asked.content().text()));
      }
    }
    assertThat(recorded).hasSize(3);
    assertThat(recorded.get(0)).matches("page=7&name=[a-z]{4}").doesNotContain("jane");
    assertThat(recorded.subList(1, 3)).containsExactly("null", "null");
    assertThat(recorder.status().contentsLeft()).isEqualTo(2);
  }
}
