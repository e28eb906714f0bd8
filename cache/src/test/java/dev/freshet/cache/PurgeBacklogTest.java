package dev.freshet.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// Purges while there is no Redis.
class PurgeBacklogTest {
  private static final int MOST = 10;

  @Test
  void onlySoManyAreRemembered() throws IOException {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    SecondTierConfig nobody =
        new SecondTierConfig("redis://127.0.0.1:" + port, Duration.ofMillis(10), MOST, null);
    try (Node node = Node.of(nobody)) {
      List<CompletableFuture<Noted>> told = new ArrayList<>();
      for (int i = 0; i < 10 * MOST; i++) {
        told.add(Objects.requireNonNull(node.cache.purge(new Purge.Url("k" + i, false)).second()));
      }
      assertThat(told.stream().filter(one -> !one.isDone()).count()).isLessThanOrEqualTo(MOST);
      assertThat(told.getFirst()).isCompletedExceptionally();
      assertThat(told.getLast()).isNotDone();
    }
  }
}
