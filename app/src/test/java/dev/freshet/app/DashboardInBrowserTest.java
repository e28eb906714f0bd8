package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.changes.FeedSnapshot;
import dev.freshet.testkit.Chromium;
import dev.freshet.testkit.RawClient;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The console's page in a real browser, before the whole program: what happened is on it, and its
/// policy and script agree.
@Timeout(120)
// A missing room fails it.
@SuppressWarnings("NullAway")
class DashboardInBrowserTest {
  @TempDir private Path profile;

  @Test
  void showsRoutesPoolsStatementsAndHowFreshItIs()
      throws IOException, InterruptedException, SQLException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    try (EmbeddedPostgres server =
            EmbeddedPostgres.builder().setServerConfig("wal_level", "logical").start();
        PlainApp app = new PlainApp()) {
      app.page("/menu", "soup", "Content-Type: text/plain", "Cache-Control: max-age=60");
      Settings settings =
          Reading.read(
              """
              listen: 127.0.0.1:0
              admin: 127.0.0.1:0
              origin: %s
              gateway: { listen: '127.0.0.1:0' }
              database: postgresql://postgres:x@127.0.0.1:%d/postgres?sslmode=disable
              routes: [{ match: /menu, ttl: 1m }, { match: /**, cache: rows }]
              """
                  .formatted(app.url(), server.getPort()));
      try (Wiring freshet = Wiring.start(settings, () -> settings)) {
        assertThat(
                freshet
                    .following()
                    .feed()
                    .await(FeedSnapshot.State.ATTACHED, Duration.ofSeconds(20)))
            .isTrue();
        ask(freshet);
        String page =
            Chromium.dom(
                program.orElseThrow(),
                profile,
                "http://" + freshet.console().address() + "/",
                3_000);
        assertThat(page)
            .contains(">/menu<", ">postgres, postgres<", "attached to", "&lt;b&gt;")
            .containsPattern(">0 of \\d+, 0 waiting<")
            .doesNotContain(">loading ...<", ">no answer from Freshet");
        assertThat(Files.readString(profile.resolve("chromium.log"))).doesNotContain("CONSOLE");
      }
    }
  }

  private static void ask(Wiring freshet) throws SQLException {
    int port = freshet.edge().addresses().getFirst().port();
    try (RawClient client = RawClient.to(port)) {
      client.send("GET /menu HTTP/1.1\r\nHost: menu.example\r\n\r\n").response();
    }
    String url =
        "jdbc:postgresql://" + freshet.gateway().address() + "/postgres?user=postgres&password=x";
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      // Names are text on the page, whatever is in them.
      statement.execute("select 1 as \"<b>\"");
    }
  }
}
