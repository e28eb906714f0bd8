package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Content over HTTP/2 for an app that does not take it: it stays with the client, who gets his
/// turn in the end.
@Timeout(60)
class Http2UploadTest {
  private static final int WINDOW = 65_535;
  private static final int FRAME = 16_384;
  private static final int STREAMS = 128;

  /// What is held of a request that waits for its turn, and a frame more.
  private static final int HELD = (64 << 10) + FRAME;

  private final CountDownLatch hold = new CountDownLatch(1);
  private final Map<Integer, Integer> sent = new HashMap<>();

  /// The app is asked one at a time, so that whoever comes second is not read.
  private final Shopfront shop =
      Shopfront.told(c ->
          Shopfront.with(
              c,
              OriginsFixture.with(
                  c.origin(),
                  new OriginConfig.Admission(
                      true, 1, Duration.ofMinutes(1), 1_000, List.of("/ahead")))));

  private final RawHttp2 client;

  Http2UploadTest() {
    shop.page("/up", "ok").page("/ahead", "ok");
    shop.act(
        "/held",
        (peer, head) -> {
          hold.await();
          peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlate");
        });
    client = RawHttp2.to(shop.edge.addresses().getFirst().port());
    client.get(1, "/held");
    await(() -> shop.asked("/held") == 1, "the app's one turn to be taken");
  }

  @AfterEach
  void close() {
    hold.countDown();
    client.close();
    shop.close();
  }

  private int sentInAll() {
    return sent.values().stream().mapToInt(n -> n).sum();
  }

  /// Sends what may be sent, until no more may.
  private int sendAllThatMayBe(int stream, int most) {
    int mine = sent.computeIfAbsent(stream, s -> 0);
    client.settled();
    int next = next(stream, mine, most);
    while (next > 0) {
      client.send(RawHttp2.DATA, 0, stream, new byte[next]);
      mine += next;
      sent.put(stream, mine);
      client.settled();
      next = next(stream, mine, most);
    }
    return mine;
  }

  /// Goes on sending as the window comes back, until all is sent.
  private void sendAll(int stream, int most) {
    await(
        () -> sendAllThatMayBe(stream, most) == most || client.of(stream).isOver(),
        "the window to come back for stream " + stream);
    assertThat(client.of(stream).isOver()).as("stream %d", stream).isFalse();
  }

  private int next(int stream, int mine, int most) {
    long left = Math.min(client.given(stream) - mine, client.given(0) - sentInAll());
    return (int) Math.min(Math.min(FRAME, most - mine), left);
  }

  @Test
  void whatTheAppDoesNotTakeStaysWithTheClientBeyondItsWindow() {
    int length = 1_000_000;
    client.post(3, "/up", "content-length", Integer.toString(length));
    int stopped = sendAllThatMayBe(3, length);
    assertThat(stopped).isBetween(WINDOW, WINDOW + HELD);
    assertThat(client.of(3).isOver()).isFalse();
    hold.countDown();
    sendAll(3, length);
    assertThat(client.send(RawHttp2.DATA, RawHttp2.END_STREAM, 3, new byte[0]).answer(3).text())
        .isEqualTo("ok");
  }

  @Test
  void contentThatNobodyReadsHoldsUpNoOther() {
    int length = 1_000_000;
    for (int stream = 3; stream < 2 * STREAMS - 1; stream += 2) {
      client.post(stream, "/up", "content-length", Integer.toString(length));
      assertThat(sendAllThatMayBe(stream, length)).isLessThanOrEqualTo(WINDOW + HELD);
    }
    int last = 2 * STREAMS - 1;
    client.post(last, "/ahead", "content-length", Integer.toString(length));
    sendAll(last, length);
    client.send(RawHttp2.DATA, RawHttp2.END_STREAM, last, new byte[0]);
    assertThat(client.answer(last).text()).isEqualTo("ok");
  }
}
