package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.freshness.Doubt;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Learned;
import dev.freshet.freshness.Trail;
import dev.freshet.freshness.Trails;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A visitor who leaves while the app asks for one row after the other for him: what it goes on to
/// ask is his, though its driver has it prepared, and puts nobody else's answer in doubt.
class GivenUpTripTest {
  private final Freshness freshness = new Freshness(1 << 10);
  private final Trails trails = new Trails(freshness, Time.system());
  private final Random random = new Random(1);

  @Test
  void whatTheAppStillAsksForWhoIsGoneConcernsNobody() throws SQLException {
    assertThat(doubtAfter(Trail::giveUp)).isEqualTo(Doubt.NOTHING_SEEN);
  }

  /// It may be held by an app that works for another with it.
  @Test
  void whatIsAskedAfterTheAnswerMayConcernAnybody() throws SQLException {
    assertThat(doubtAfter(Trail::drop)).isEqualTo(Doubt.UNTRACED_STATEMENT);
  }

  private interface End {
    void of(Trail trail);
  }

  /// What another's answer is in doubt for.
  private Doubt doubtAfter(End end) throws SQLException {
    freshness.feed().attach(1, 100, () -> CompletableFuture.completedFuture(100L));
    try (Gateway gateway = start();
        Connection c = Backstage.connect(gateway)) {
      Trail trail = trails.open(null, "/**", random);
      String comment = " /*traceparent='" + trail.id().traceparent(7, false) + "'*/";
      try (PreparedStatement asked = c.prepareStatement("select ?::int" + comment)) {
        for (int i = 1; i <= 9; i++) {
          asked.setInt(1, i);
          asked.executeQuery().close();
        }
        end.of(trail);
        Trail next = trails.open(null, "/**", random);
        asked.executeQuery().close();
        Learned learned = next.close().orTimeout(20, TimeUnit.SECONDS).join();
        assertThat(learned).isInstanceOf(Learned.Nothing.class);
        return ((Learned.Nothing) learned).doubt();
      }
    }
  }

  private Gateway start() {
    return Gateway.start(
        Backstage.config(
            Backstage.url(), Backstage.pool(2, PoolMode.TRANSACTION, Duration.ofSeconds(10))),
        Time.system(),
        new Meters(),
        trace -> null,
        new Watch(
            () -> true,
            trails,
            () -> "shop",
            () -> null,
            table -> true,
            () -> {},
            host -> {},
            () -> Set.of()));
  }
}
