package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.ScriptedOrigin;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OriginBackPressureTest {
  private static final long GIGABYTE = 1L << 30;
  // What the kernel's socket buffers may hold, and a little of ours.
  private static final long HELD_MAX = 16L << 20;
  private final OriginsFixture edge = new OriginsFixture();

  @AfterEach
  void close() {
    edge.close();
  }

  @Test
  void aPausedAskerBlocksTheOriginsWritesWhateverTheLength() {
    AtomicLong blockedAt = new AtomicLong(-1);
    byte[] piece = new byte[64 << 10];
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + GIGABYTE + "\r\n\r\n");
          long sent = peer.sendUntilBlocked(piece, GIGABYTE, 300);
          blockedAt.set(sent);
          sent += peer.sendUntilBlocked(piece, GIGABYTE - sent, 10_000);
          assertThat(sent).isEqualTo(GIGABYTE);
          peer.awaitEnd();
        })) {
      Asker asker = Asker.getForgetting(edge.open(origin), edge.loop, "/");
      asker.pause(true);
      edge.awaitThat(() -> blockedAt.get() >= 0);
      assertThat(blockedAt.get() - asker.octets()).isLessThan(HELD_MAX);
      assertThat(asker.isOver()).isFalse();
      asker.pause(false);
      asker.trailers();
      assertThat(asker.octets()).isEqualTo(GIGABYTE);
    }
  }

  @Test
  void anOriginThatDoesNotReadMakesTheAskerPause() throws InterruptedException {
    CountDownLatch go = new CountDownLatch(1);
    int size = 64 << 10;
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          assertThat(go.await(20, TimeUnit.SECONDS)).isTrue();
          String end = peer.until("\r\n0\r\n\r\n");
          peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + (end.length() > size));
        })) {
      Asker asker = Asker.ask(edge.open(origin), edge.loop, Asker.request("POST", "/"), -1);
      String piece = "x".repeat(size);
      int sent = 0;
      while (asker.isWritable()) {
        asker.content(piece);
        edge.settle();
        sent += size;
        assertThat(sent).isLessThan((int) HELD_MAX);
      }
      go.countDown();
      asker.awaitWritable();
      asker.contentEnd();
      assertThat(asker.whole()).isEqualTo("true");
    }
  }

  @Test
  void contentIsHeldOnlyUpToItsLimitWhileThereIsNoConnection() {
    try (FullListener full = new FullListener()) {
      Origins origins = edge.open(OriginsFixture.config("http://127.0.0.1:" + full.port()));
      Asker asker = Asker.ask(origins, edge.loop, Asker.request("POST", "/"), -1);
      assertThat(asker.isWritable()).isTrue();
      asker.content("x".repeat(70 << 10));
      assertThat(asker.isWritable()).isFalse();
      asker.content("x".repeat(2 << 20));
      assertThat(asker.failure().kind()).isEqualTo(UpstreamFailure.Kind.OVERLOADED);
    }
  }
}
