package dev.freshet.app;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.changes.ChangeFeed;
import dev.freshet.changes.FeedSnapshot;
import dev.freshet.gateway.Gateway;
import dev.freshet.testkit.FreePort;
import dev.freshet.testkit.RawClient;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The program follows the log of the database it is given, and `check` says what that takes.
@Timeout(120)
class FollowingTest {
  private static EmbeddedPostgres server;
  private final PlainApp app = new PlainApp();

  @BeforeAll
  static void start() throws IOException, SQLException {
    server =
        EmbeddedPostgres.builder()
            .setServerConfig("wal_level", "logical")
            .setServerConfig("synchronous_commit", "on")
            .start();
    try (Connection c = server.getPostgresDatabase().getConnection();
        Statement s = c.createStatement()) {
      s.execute("create table stock (id int primary key)");
      s.execute("create table log (line text)");
      s.execute("create database followed");
      s.execute("create database later");
    }
    try (Connection c = server.getDatabase("postgres", "later").getConnection();
        Statement s = c.createStatement()) {
      s.execute("create table counts (id int primary key, n int)");
      s.execute("insert into counts values (1, 0)");
    }
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  private static String get(String target) {
    return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  }

  private static String database(String name) {
    return "postgresql://postgres:x@127.0.0.1:"
        + server.getPort()
        + "/"
        + name
        + "?sslmode=disable";
  }

  @Test
  void checkSaysWhatIsMissingAndPreparesItWhenAsked() {
    app.page("/", "hello", "Cache-Control: max-age=60");
    Shell before =
        Shell.run("check", "--origin", app.url(), "--database", database("postgres"), "/");
    assertThat(before.out().lines())
        .contains(
            "ok   change feed: can follow 1 of 2 tables",
            "note change feed: the publication is not complete; `freshet run` mends it where the"
                + " user may")
        .anyMatch(line -> line.contains("ALTER PUBLICATION freshet ADD TABLE ONLY public.stock"))
        .anyMatch(line -> line.startsWith("note table public.log: no primary key"));
    assertThat(before.code()).isZero();
    Shell prepared =
        Shell.run(
            "check", "--origin", app.url(), "--database", database("postgres"), "--prepare", "/");
    assertThat(prepared.out().lines())
        .contains("ran  ALTER PUBLICATION freshet ADD TABLE ONLY public.stock")
        .noneMatch(line -> line.contains("not complete"));
    Shell alone = Shell.run("check", "--origin", app.url(), "--full", "/");
    assertThat(alone.code()).isEqualTo(2);
    assertThat(alone.err()).contains("give --prepare too");
    app.close();
  }

  @Test
  void runFollowsTheLogAndTheStatusSaysSo() throws InterruptedException {
    Settings settings =
        Reading.read(
            "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: "
                + app.url()
                + "\ngateway: { listen: '127.0.0.1:0' }\ndatabase: "
                + database("followed")
                + "\nroutes: [{ match: /**, cache: rows, share: public }]\n");
    try (Wiring running = Wiring.start(settings, () -> settings)) {
      ChangeFeed changes = Objects.requireNonNull(running.changes());
      assertThat(changes.await(FeedSnapshot.State.ATTACHED, Duration.ofSeconds(30))).isTrue();
      try (RawClient operator = RawClient.to(running.console().address().port())) {
        assertThat(operator.send(get("/status")).response().text())
            .contains("\"state\" : \"ATTACHED\"");
        assertThat(operator.send(get("/metrics")).response().text())
            .contains("freshet_changes_attached 1");
      }
    }
    app.close();
  }

  /// With a gateway already there, in whose sessions things are under way, or with nothing.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aReloadMayBeginToFollow(boolean hasGateway)
      throws IOException, InterruptedException, SQLException {
    int port = FreePort.find();
    String jdbc = "jdbc:postgresql://127.0.0.1:" + port + "/later?user=postgres&password=x";
    CountingApp counting = new CountingApp(jdbc);
    String before =
        "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: http://127.0.0.1:"
            + counting.port()
            + "\n";
    String gateway =
        "gateway: { listen: '127.0.0.1:" + port + "' }\ndatabase: " + database("later") + "\n";
    AtomicReference<String> file = new AtomicReference<>(hasGateway ? before + gateway : before);
    try (counting;
        Wiring running = Wiring.start(Reading.read(file.get()), () -> Reading.read(file.get()));
        RawClient client = RawClient.to(running.edge().addresses().getFirst().port());
        RawClient operator = RawClient.to(running.console().address().port())) {
      if (hasGateway) {
        client.get("/");
        assertThat(client.get("/").field("Cache-Status")).doesNotContain("hit");
      }
      assertThat(running.changes()).isNull();
      assertThat(client.get("/.freshet/live.js").text()).doesNotContain("subscribe");

      file.set(before + gateway + "routes: [{ match: /**, cache: rows, share: public }]\n");
      running.reload();
      ChangeFeed changes = Objects.requireNonNull(running.changes());
      assertThat(changes.await(FeedSnapshot.State.ATTACHED, Duration.ofSeconds(30))).isTrue();
      await(() -> client.get("/").field("Cache-Status").contains("; hit"), "a hit");
      int hits = 0;
      for (int i = 0; i < 20; i++) {
        String written = client.ask("POST", "/", "Content-Length: 0").text();
        assertThat(client.get("/").text()).isEqualTo(written);
        hits += client.get("/").field("Cache-Status").contains("; hit") ? 1 : 0;
      }
      assertThat(hits).isPositive();
      assertThat(client.get("/.freshet/live.js").text()).contains("subscribe");
      assertThat(operator.send(get("/status")).response().text())
          .contains("\"state\" : \"ATTACHED\"", "\"live\"");
    }
    app.close();
  }

  /// Nobody has asked them for what later ones are asked for.
  @Test
  void serverConnectionsThatAReloadMadeBeforeItFollowsAreMadeAnew() {
    AtomicReference<String> early = new AtomicReference<>("");
    String before = "listen: 127.0.0.1:0\norigin: " + app.url() + "\n";
    try (OpeningLater program =
        new OpeningLater(Reading.read(before), gateway -> early.set(served(gateway)))) {
      program.reload(Reading.read(before + FOLLOWED.formatted(0, database("followed"))));
      assertThat(program.isFollowing()).isTrue();
      assertThat(early.get()).isNotEmpty();
      assertThat(served(program.gateway())).isNotEqualTo(early.get());
    }
    app.close();
  }

  @Test
  void aReloadThatCannotBeginToFollowLeavesNoGatewayOpen() {
    int port = FreePort.find();
    String before = "listen: 127.0.0.1:0\norigin: " + app.url() + "\n";
    Settings wanted = Reading.read(before + FOLLOWED.formatted(port, database("followed")));
    try (OpeningLater program = new OpeningLater(Reading.read(before), gateway -> {})) {
      // The feed counts under this name, and can't begin.
      program.meters.gauge("freshet_changes_rows_total", "taken", Map.of(), () -> 0);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> program.reload(wanted)).isInstanceOf(ClassCastException.class);
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port))
            .isInstanceOf(IOException.class);
      }
    }
    app.close();
  }

  private static final String FOLLOWED =
      """
      gateway: { listen: '127.0.0.1:%d' }
      database: %s
      routes: [{ match: /**, cache: rows, share: public }]
      """;

  /// The server's process behind the gateway.
  private static String served(Gateway gateway) {
    String jdbc = "jdbc:postgresql://" + gateway.address() + "/followed?user=postgres&password=x";
    try (Connection c = DriverManager.getConnection(jdbc);
        Statement s = c.createStatement();
        ResultSet row = s.executeQuery("select pg_backend_pid()")) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
