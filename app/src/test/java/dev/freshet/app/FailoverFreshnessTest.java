package dev.freshet.app;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.HostPort;
import dev.freshet.changes.FeedSnapshot;
import dev.freshet.freshness.Freshness;
import dev.freshet.testkit.FreePort;
import dev.freshet.testkit.PrimaryAndStandby;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The database fails over under the whole program: nothing that was made before is taken for new.
@Timeout(120)
class FailoverFreshnessTest {
  private static final long SEED = 11;

  @TempDir private Path folder;
  private PrimaryAndStandby pair;

  @BeforeEach
  void start() throws IOException, SQLException {
    pair =
        PrimaryAndStandby.start(
            folder,
            List.of(
                "create table item (id int primary key, grp int, version bigint)",
                "insert into item values (1, 0, 1), (2, 0, 1)"));
  }

  private static void run(Connection c, String sql) throws SQLException {
    try (Statement s = c.createStatement()) {
      s.execute(sql);
    }
  }

  private static boolean isReadOnly(PrimaryAndStandby servers) {
    try (Connection c = servers.onPrimary("postgres");
        Statement s = c.createStatement();
        ResultSet row = s.executeQuery("show default_transaction_read_only")) {
      return row.next() && row.getString(1).equals("on");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /// Freshet, and an app behind its gateway.
  private record Node(Wiring freshet, Freshness freshness, CheckedApp app, HttpClient client)
      implements AutoCloseable {
    static Node open(PrimaryAndStandby pair, String target) throws IOException {
      int port = FreePort.find();
      Settings settings =
          Reading.read(
              """
              origin: http://127.0.0.1:%d
              listen: 127.0.0.1:0
              admin: 127.0.0.1:0
              database: postgresql://postgres:postgres@%s,%s/postgres?target_session_attrs=%s
              gateway: { listen: '127.0.0.1:0', pool: { size: 6 } }
              routes: [{ match: /**, cache: rows, share: public }]
              """
                  .formatted(port, pair.primary(), pair.standby(), target));
      Freshness freshness = new Freshness();
      Wiring freshet = Wiring.start(settings, () -> settings, freshness);
      return new Node(
          freshet,
          freshness,
          new CheckedApp(gateway(freshet), port, SEED),
          HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
    }

    static String gateway(Wiring freshet) {
      return "jdbc:postgresql://"
          + Objects.requireNonNull(freshet.gateway()).address()
          + "/postgres?user=postgres&password=postgres&sslmode=disable";
    }

    boolean follows(HostPort server) {
      FeedSnapshot now = Objects.requireNonNull(freshet.changes()).snapshot();
      return now.state() == FeedSnapshot.State.ATTACHED
          && now.database().contains("@" + server + "/");
    }

    CompletableFuture<HttpResponse<String>> asks(String path) {
      URI uri = URI.create("http://" + freshet.edge().addresses().getFirst() + path);
      return client.sendAsync(
          HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) {
      return asks(path).join();
    }

    /// Asks until the answer comes from memory, and gives it.
    String fromMemory(String path) {
      AtomicReference<String> body = new AtomicReference<>("");
      await(
          () -> {
            HttpResponse<String> answer = get(path);
            body.set(answer.body().strip());
            return isHit(answer);
          },
          path + " is stored");
      return body.get();
    }

    static boolean isHit(HttpResponse<String> answer) {
      return answer.headers().firstValue("Cache-Status").orElse("").contains("; hit");
    }

    @Override
    public void close() throws SQLException {
      app.close();
      freshet.close();
      client.close();
    }
  }

  @Test
  void vouchesForNothingUntilTheNewPrimaryIsFollowed()
      throws IOException, SQLException, ExecutionException, InterruptedException {
    try (PrimaryAndStandby servers = pair;
        Node node = Node.open(servers, "primary")) {
      await(() -> node.follows(servers.primary()), "the primary is followed");
      assertThat(node.fromMemory("/rows/item/1")).isEqualTo("1 1 0");
      assertThat(node.fromMemory("/rows/item/2")).isEqualTo("2 1 0");

      servers.stopPrimary();
      await(() -> !node.freshness().isAttached(), "the feed is lost");
      CompletableFuture<HttpResponse<String>> during = node.asks("/rows/item/1");
      servers.promote();
      try (Connection next = servers.onStandby("postgres")) {
        run(next, "update item set version = 9 where id = 2");
        HttpResponse<String> answer = during.get();
        assertThat(answer.body().strip()).isEqualTo("1 1 0");
        assertThat(Node.isHit(answer)).isFalse();
        HttpResponse<String> changed = node.get("/rows/item/2");
        assertThat(changed.body().strip()).isEqualTo("2 9 0");
        assertThat(Node.isHit(changed)).isFalse();

        await(() -> node.follows(servers.standby()), "the new primary is followed");
        assertThat(node.fromMemory("/rows/item/2")).isEqualTo("2 9 0");
        run(next, "update item set version = 10 where id = 2");
        assertThat(node.freshness().passed().get()).isTrue();
        assertThat(node.get("/rows/item/2").body().strip()).isEqualTo("2 10 0");
      }
    }
  }

  /// Both take themselves for the primary, and the old one comes first: what counts is which one
  /// the app works on.
  @Test
  void followsTheServerThatTheGatewayUses()
      throws IOException, SQLException, ExecutionException, InterruptedException {
    try (PrimaryAndStandby servers = pair;
        Node node = Node.open(servers, "read-write");
        Connection old = servers.onPrimary("postgres")) {
      await(() -> node.follows(servers.primary()), "the primary is followed");
      assertThat(node.fromMemory("/rows/item/2")).isEqualTo("2 1 0");
      servers.promote();
      run(old, "alter system set default_transaction_read_only = on");
      run(old, "select pg_reload_conf()");
      await(() -> isReadOnly(servers), "new sessions are read-only");
      run(
          old,
          // A connection to the server may bear the name of the client that had it last.
          "select pg_terminate_backend(pid, 20000) from pg_stat_activity"
              + " where backend_type = 'client backend' and pid <> pg_backend_pid()"
              + " and application_name not like 'freshet %'");
      try (Connection next = servers.onStandby("postgres")) {
        run(next, "update item set version = 9 where id = 2");
        try (Connection c = DriverManager.getConnection(Node.gateway(node.freshet()))) {
          run(c, "select 1");
        }
        assertThat(node.follows(servers.primary())).isFalse();
        assertThat(node.get("/rows/item/2").body().strip()).isEqualTo("2 9 0");
        await(() -> node.follows(servers.standby()), "the new primary is followed");
        assertThat(node.fromMemory("/rows/item/2")).isEqualTo("2 9 0");
        run(next, "update item set version = 10 where id = 2");
        assertThat(node.freshness().passed().get()).isTrue();
        assertThat(node.get("/rows/item/2").body().strip()).isEqualTo("2 10 0");
      }
    }
  }
}
