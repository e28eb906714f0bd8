package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Who is about to be given another's answer when his patience ends, is given that and no other
/// behind it.
// JUnit ends a test that is interrupted.
@SuppressWarnings("InterruptedExceptionSwallowed")
@Timeout(60)
class LostPatienceTest {
  private static final String HEAD =
      "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final CountDownLatch firstAnswers = new CountDownLatch(1);
  private final CountDownLatch firstEnds = new CountDownLatch(1);
  private final HeldLoop loop = new HeldLoop();
  private final Shopfront shop =
      Shopfront.told(loop.database(), c -> Shopfront.waiting(c, Duration.ZERO));

  @AfterEach
  void close() {
    firstAnswers.countDown();
    firstEnds.countDown();
    loop.release();
    shop.close();
  }

  @Test
  void nobodyIsGivenTwoAnswersInOne() {
    shop.act(
        "/slow",
        (peer, head) -> {
          if (shop.asked("/slow") == 1) {
            HeldLoop.await(firstAnswers);
            peer.send(HEAD + "2\r\nol\r\n");
            HeldLoop.await(firstEnds);
            peer.send("1\r\nd\r\n0\r\n\r\n");
          } else {
            peer.send(HEAD + "3\r\nnew\r\n0\r\n\r\n");
          }
        });
    shop.page("/other", "x", "Cache-Control: no-store");
    try (RawHttp2 first = loop.beside(null, shop)) {
      Thread firsts = loop.last();
      first.get(3, "/slow");
      await(() -> shop.asked("/slow") == 1, "the first trip to begin");
      try (RawHttp2 others = loop.beside(firsts, shop)) {
        loop.holdLast();
        // Both wait for the first trip before the loop looks for whom it is time. The one whose
        // patience ends first holds it up, while the other has been given the answer already.
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(get(3));
        both.writeBytes(get(5));
        others.octets(both.toByteArray());
        await(loop::holds, "the first to lose patience");
        firstAnswers.countDown();
        assertThat(first.text(3, 2)).isEqualTo("ol");
        loop.release();
        assertThat(others.answer(3).text()).isEqualTo("new");
        firstEnds.countDown();
        assertThat(others.answer(5).text()).isEqualTo("old");
        assertThat(first.answer(3).text()).isEqualTo("old");
      }
    }
  }

  private static byte[] get(int stream) {
    int flags = RawHttp2.END_STREAM | RawHttp2.END_HEADERS;
    return RawHttp2.frame(RawHttp2.HEADERS, flags, stream, RawHttp2.request("GET", "/slow"));
  }
}
