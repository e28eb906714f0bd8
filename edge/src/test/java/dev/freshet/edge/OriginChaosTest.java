package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.base.Time;
import dev.freshet.http.RequestHead;
import dev.freshet.testkit.ScriptedOrigin;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Origins that misbehave in every way at once, and what must hold nevertheless.
final class OriginChaosTest {
  private static final long SEED = 20261123;
  private static final int REQUESTS = 3_000;
  private final OriginsFixture edge = new OriginsFixture();

  @AfterEach
  void close() {
    edge.close();
  }

  private static String bodyOf(String path) {
    return (path + "|").repeat(path.length() * 20);
  }

  /// Answers with what belongs to the path, or breaks in some way.
  private static void play(ScriptedOrigin.Peer peer, Rolls rolls) throws IOException {
    String head = peer.head();
    while (!head.isEmpty()) {
      String body = bodyOf(head.split(" ", 3)[1]);
      String length = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n";
      String half = body.substring(0, body.length() / 2);
      switch (rolls.between(0, 30)) {
        case 0 -> {
          return;
        }
        case 1 -> {
          peer.reset();
          return;
        }
        case 2 -> {
          peer.send(length + half);
          return;
        }
        case 3 -> {
          peer.send(length + half);
          peer.reset();
          return;
        }
        case 4 -> {
          peer.send("HTTP/1.1 200 OK\r\n\r\n" + body);
          return;
        }
        case 5 -> {
          peer.send(length + body + "a tail");
          peer.awaitEnd();
          return;
        }
        case 6 -> peer.send("HTTP/1.1 nonsense\r\n\r\n");
        case 7 -> peer.send("HTTP/1.1 103 Early Hints\r\n\r\n" + length + body);
        case 8 -> {
          peer.send(length.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n") + body);
          return;
        }
        case 9, 10, 11, 12, 13, 14 -> {
          String rest = body.substring(half.length());
          peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
          peer.send(Integer.toHexString(half.length()) + "\r\n" + half + "\r\n");
          peer.send(Integer.toHexString(rest.length()) + "\r\n" + rest + "\r\n0\r\n\r\n");
        }
        default -> peer.send(length + body);
      }
      head = peer.head();
    }
  }

  @Test
  void everyRequestEndsOnceWithItsOwnAnswerOrAFailureAndNothingIsLeft() {
    try (ScriptedOrigin a = ScriptedOrigin.start(p -> play(p, new Rolls(SEED + p.index())));
        ScriptedOrigin b = ScriptedOrigin.start(p -> play(p, new Rolls(SEED - p.index())))) {
      OriginConfig.Pool pool =
          new OriginConfig.Pool(12, 1_000, Duration.ofSeconds(50), Duration.ofSeconds(60), 1);
      OriginConfig config = OriginsFixture.with(OriginsFixture.config(a, b), pool);
      Origins origins = edge.open(config, Time.system());
      Rolls rolls = new Rolls(SEED);
      Deque<Asker> askers = new ArrayDeque<>();
      int good = 0;
      int lost = 0;
      for (int i = 0; i < REQUESTS; i++) {
        EventLoop loop = rolls.chance(0.5) ? edge.loop : edge.otherLoop;
        String method = rolls.chance(0.8) ? "GET" : "POST";
        RequestHead head = Asker.request(method, "/" + rolls.text(rolls.between(1, 12), ""));
        Asker asker = Asker.ask(origins, loop, head, 0).contentEnd();
        if (rolls.chance(0.05)) {
          asker.cancel();
        } else {
          askers.add(asker);
        }
        while (askers.size() > 40 || (i == REQUESTS - 1 && !askers.isEmpty())) {
          Asker oldest = askers.removeFirst();
          if (oldest.isLost()) {
            lost++;
          } else {
            good++;
            assertThat(oldest.whole()).as("seed %d", SEED).isEqualTo(bodyOf(oldest.target()));
          }
        }
      }
      assertThat(good).isGreaterThan(REQUESTS / 2);
      assertThat(lost).isPositive();
      origins.closeGracefully();
      edge.awaitThat(() -> edge.gauge("freshet_origin_connections") == 0);
      assertThat(edge.gauge("freshet_origin_requests_active")).isZero();
    }
  }
}
