package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Doubt;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Learned;
import dev.freshet.freshness.Trail;
import dev.freshet.freshness.Trails;
import dev.freshet.sql.Catalog;
import dev.freshet.testkit.OldPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Servers before PostgreSQL 18 don't say where a session looks for tables: it is asked.
class OldSearchPathTest {
  private final Freshness freshness = new Freshness(1 << 10);
  private final Trails trails = new Trails(freshness, Time.system());
  private final Random random = new Random(1);

  @Test
  void whatIsReadIsKnownUntilASessionLooksElsewhere(@TempDir Path folder)
      throws IOException, InterruptedException, SQLException {
    Optional<Path> programs = OldPostgres.programs();
    assumeThat(programs).as("a PostgreSQL below /usr/lib/postgresql").isPresent();
    freshness.feed().attach(1, 100, () -> CompletableFuture.completedFuture(100L));
    try (OldPostgres server = OldPostgres.start(programs.orElseThrow(), folder)) {
      Catalog catalog;
      try (Connection c = open(server.address())) {
        run(c, "create table old_items (id int primary key)");
        run(c, "create publication old for table old_items");
        catalog = Catalogs.read(c, "old");
      }
      DatabaseUrl url =
          DatabaseUrl.parse(
              "postgresql://postgres:x@" + server.address() + "/postgres?sslmode=disable");
      Watch watch =
          new Watch(
              () -> true,
              trails,
              () -> "postgres",
              () -> catalog,
              table -> true,
              () -> {},
              host -> {},
              Set::of);
      try (Gateway gateway =
              Gateway.start(
                  GatewayConfig.of(new HostPort("127.0.0.1", 0), url),
                  Time.system(),
                  new Meters(),
                  trace -> null,
                  watch);
          Connection c = open(gateway.address())) {
        assertThat(learned(c))
            .isInstanceOfSatisfying(
                Learned.From.class,
                from ->
                    assertThat(from.evidence().dependencies())
                        .singleElement()
                        .matches(d ->
                            d instanceof Dependency.Columns(Dependency.Whole of, _, _, _)
                                && of instanceof Dependency.Rows(_, _, String v)
                                && v.equals("7")));
        run(c, "set search_path to elsewhere, public");
        assertThat(learned(c))
            .matches(l -> l instanceof Learned.Nothing(Doubt d, _) && d == Doubt.NOT_ANALYSABLE);
      }
    }
  }

  private Learned learned(Connection c) throws SQLException {
    Trail trail = trails.open(null, "/**", random);
    String comment = " /*traceparent='" + trail.id().traceparent(7, false) + "'*/";
    run(c, "select id from old_items where id = 7" + comment);
    return trail.close().join();
  }

  private static void run(Connection c, String sql) throws SQLException {
    try (Statement s = c.createStatement()) {
      s.execute(sql);
    }
  }

  private static Connection open(HostPort at) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + at + "/postgres?user=postgres&password=x");
  }
}
