package dev.freshet.gateway;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Time;
import dev.freshet.freshness.Doubt;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Learned;
import dev.freshet.freshness.Trail;
import dev.freshet.freshness.Trails;
import dev.freshet.sql.Catalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// An app that sweeps its visitors' tables now and then, for no request.
class HousekeepingTest {
  private static final String READS = "select name from kept_goods where id = 1";
  private static final String SWEEPS =
      "delete from kept_visits where seen_at < now() - interval '30 days'";

  private static final Random RANDOM = new Random(1);
  private static Trails trails;
  private static Gateway gateway;

  @BeforeAll
  static void start() throws SQLException {
    Catalog catalog;
    long visits;
    try (Connection c = Backstage.direct()) {
      Backstage.run(
          c,
          "drop table if exists kept_visits, kept_goods;"
              + " create table kept_visits (visitor int, seen_at timestamptz);"
              + " create table kept_goods (id int primary key, name text);"
              + " insert into kept_goods values (1, 'lamp');"
              + " drop publication if exists kept; create publication kept for table kept_goods");
      catalog = Catalogs.read(c, "kept");
      visits = Long.parseLong(Backstage.one(c, "select 'kept_visits'::regclass::oid::text"));
    }
    Freshness freshness = new Freshness(1 << 10);
    freshness.feed().attach(1, 100, () -> CompletableFuture.completedFuture(100L));
    trails = new Trails(freshness, Time.system());
    trails.bookkeeping(Set.of(visits));
    gateway = Watched.gateway(trails, () -> catalog);
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  /// What is learned of a request in the middle of which something is run for nobody.
  private static Learned learned(String meanwhile) {
    try (Connection c = Backstage.connect(gateway);
        Connection sweeper = Backstage.connect(gateway)) {
      Trail trail = trails.open(null, "/**", RANDOM);
      Backstage.one(c, READS + " /*traceparent='" + trail.id().traceparent(7, false) + "'*/");
      Backstage.run(sweeper, meanwhile);
      return trail.close().join();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatOnlyChangesVisitorsTablesPutsNobodyInDoubt() {
    await(() -> learned(SWEEPS) instanceof Learned.From, "the sweep to be known for what it is");
  }

  @Test
  void whatMayReadMoreDoes() {
    String reads = "delete from kept_visits where visitor in (select id from kept_goods)";
    learned(reads);
    String behind = "delete from kept_visits where visitor = 0";
    await(() -> learned(behind) instanceof Learned.From, "both to be known for what they are");
    assertThat(learned(reads))
        .matches(l -> l instanceof Learned.Nothing(Doubt d, _) && d == Doubt.UNTRACED_STATEMENT);
  }
}
