package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.http.Fields;
import dev.freshet.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// One connection over which content comes, or is left in the socket.
final class SlowUploadTest {
  private final FakeTime time = new FakeTime(1_795_000_000_000L);
  private final FrontConfig config = FrontConfig.defaults(new HostPort("127.0.0.1", 0));
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private @Nullable Client client;

  SlowUploadTest() {
    Http1Connection connection =
        new Http1Connection(
            config,
            false,
            (head, length, asking) -> {
              client = asking;
              return new NotedContent();
            },
            new LoopConnections(channel.eventLoop(), time),
            new FrontFigures(time, new Meters()),
            pipeline -> {});
    channel.pipeline().addLast(connection);
    channel.freezeTime();
    send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\nabc");
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void send(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
  }

  private Client client() {
    Client asking = client;
    if (asking == null) {
      throw new AssertionError("the request was not handed over");
    }
    return asking;
  }

  /// Lets time pass, and the loop look at the deadlines.
  private void pass(Duration by) {
    time.advance(by);
    channel.advanceTimeBy(1, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  private String answered() {
    ByteBuf out = channel.readOutbound();
    if (out == null) {
      return "";
    }
    String text = out.toString(StandardCharsets.US_ASCII);
    out.release();
    return text;
  }

  @Test
  void whoStopsSendingIsToldSo() {
    pass(config.contentTimeout().plusSeconds(1));
    assertThat(answered()).startsWith("HTTP/1.1 408 ");
  }

  @Test
  void whoSendsAnOctetNowAndThenIsToldSo() {
    pass(config.contentTimeout().minusSeconds(1));
    send("d");
    assertThat(answered()).isEmpty();
    pass(config.contentTimeout().minusSeconds(1));
    assertThat(answered()).startsWith("HTTP/1.1 408 ");
  }

  @Test
  void whoseLineIsSlowButSteadyIsNotLate() {
    int most = Math.toIntExact(2 * config.contentTimeout().toSeconds());
    for (int i = 0; i < most; i++) {
      pass(Duration.ofSeconds(1));
      send("x".repeat(Math.toIntExact(config.contentRate().bytes())));
      assertThat(answered()).isEmpty();
    }
  }

  /// As in a call that streams both ways, which may last for hours.
  @Test
  void whoIsBeingAnsweredMaySendAsSlowlyAsHeLikes() {
    client().head(new ResponseHead(200, new Fields(0)), -1);
    for (int i = 0; i < 10; i++) {
      pass(config.contentTimeout().minusSeconds(1));
      send("x");
      assertThat(answered()).doesNotContain(" 408 ");
    }
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void whoseContentIsLeftInTheSocketIsNotLate() {
    pass(Duration.ofSeconds(1));
    client().pauseContent(true);
    for (int i = 0; i < 3; i++) {
      pass(config.contentTimeout().plusSeconds(1));
      assertThat(answered()).isEmpty();
    }
    client().pauseContent(false);
    pass(config.contentTimeout().minusSeconds(1));
    assertThat(answered()).isEmpty();
    pass(config.contentTimeout());
    assertThat(answered()).startsWith("HTTP/1.1 408 ");
  }
}
