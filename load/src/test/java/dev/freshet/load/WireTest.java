package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Time;
import dev.freshet.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An HTTP/1.1 connection, read by read.
class WireTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Round round =
      new Round(
          new Phase("p", new Phase.Shape.Pause(), Duration.ZERO, Duration.ofDays(1)),
          0,
          1,
          0,
          Time.system().nanos(),
          new CountDownLatch(1));
  private final Aim aim = Aim.at(URI.create("http://127.0.0.1:1"));
  private final Dialler dialler =
      new Dialler(aim, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), false);
  private final Lane lane =
      new Lane(
          channel.eventLoop(),
          dialler,
          Visits.of(Call.get("/")),
          new Marks(),
          Time.system(),
          aim,
          1,
          0);
  private final Pool pool = new Pool(lane, dialler, 1, 1);
  private final Session session = new Session(round, pool, false, () -> null);
  private final Wire wire = new Wire(pool, channel);

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void send() {
    channel.pipeline().addLast(wire);
    lane.start(round);
    session.begin(Call.get("/a"), lane.now());
    lane.send(wire, session);
  }

  private static ByteBuf octets(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private Figures figures() {
    return round.of("/a");
  }

  @Test
  void anAnswerCountsWhenTheSocketHasNothingMore() {
    send();
    channel.writeOneInbound(octets(OK.substring(0, 30)));
    channel.writeOneInbound(octets(OK.substring(30)));
    assertThat(figures().count()).isZero();
    channel.flushInbound();
    assertThat(figures().statuses()).isEqualTo(Map.of(200, 1L));
    assertThat(figures().failures()).isZero();
    assertThat(wire.isOpen()).isTrue();
  }

  /// The next request would otherwise be sent in between, and have them as its answer.
  @Test
  void octetsInALaterReadBehindAnAnswerAreNoAnswer() {
    send();
    channel.writeInbound(octets(OK), octets(OK));
    assertThat(figures().statuses()).isEmpty();
    assertThat(figures().errors()).isEqualTo(Map.of("protocol", 1L));
    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void octetsOnAnIdleConnectionAreAnErrorToo() {
    send();
    channel.writeInbound(octets(OK));
    channel.writeInbound(octets("x"));
    assertThat(figures().statuses()).isEqualTo(Map.of(200, 1L));
    assertThat(figures().errors()).isEqualTo(Map.of("protocol", 1L));
    assertThat(figures().failures()).isEqualTo(1);
    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void anAnswerWithTheEndRightBehindItCounts() {
    send();
    channel.writeOneInbound(octets(OK));
    channel.pipeline().fireChannelInactive();
    assertThat(figures().statuses()).isEqualTo(Map.of(200, 1L));
    assertThat(figures().failures()).isZero();
  }

  @Test
  void aFullJarStillTakesNewValues() {
    for (int i = 0; i < 60; i++) {
      session.keep(Fields.of("Set-Cookie", "c" + i + "=old"));
    }
    session.keep(Fields.of("Set-Cookie", "c0=new"));
    assertThat(session.cookies()).startsWith("c0=new; c1=old").doesNotContain("c50=");
  }
}
