package dev.freshet.app;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.Time;
import dev.freshet.changes.FeedSnapshot;
import dev.freshet.load.Aim;
import dev.freshet.load.Generator;
import dev.freshet.load.Measured;
import dev.freshet.load.Phase;
import dev.freshet.load.Scenario;
import dev.freshet.load.Watch;
import dev.freshet.shop.Shop;
import dev.freshet.testkit.FreePort;
import dev.freshet.testkit.RedisServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The whole program between a browser, the shop and a real PostgreSQL: what is stored is what the
/// database says, with no lifetime anywhere.
// JUnit ends a test that is interrupted, and a missing room fails it.
@SuppressWarnings({"InterruptedExceptionSwallowed", "NullAway"})
class ExactFreshnessTest {
  private static final String RULES =
      """
      rows: { visitor-tables: [sessions, cart_items, page_views] }
      routes:
        - match: /api/**
          cache: rows
          share: public
      """;
  private static final String EDITOR =
      "Basic "
          + Base64.getEncoder()
              .encodeToString("admin@shop.example:letmein".getBytes(StandardCharsets.UTF_8));

  private static final Pattern NEXT = Pattern.compile("<([^>]*)>; rel=\"next\"");

  @TempDir private static Path data;
  private static EmbeddedPostgres postgres;
  private static Shop seeded;
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeAll
  static void start() throws IOException, InterruptedException, SQLException {
    postgres =
        EmbeddedPostgres.builder()
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("wal_level", "logical")
            .setServerConfig("max_connections", "100")
            .start();
    seeded = openShop(url(postgres.getPort()), 0);
  }

  @AfterAll
  static void stop() throws IOException {
    seeded.close();
    postgres.close();
    CLIENT.close();
  }

  private static String url(int port) {
    return "postgresql://postgres:postgres@127.0.0.1:" + port + "/postgres";
  }

  private static Shop openShop(String url, int port)
      throws SQLException, IOException, InterruptedException {
    return Shop.open(
        url,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
        data,
        0.01,
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
  }

  /// Freshet and a shop behind its gateway.
  private record Node(Wiring freshet, Shop shop) implements AutoCloseable {
    static Node open(String more) throws IOException, InterruptedException, SQLException {
      return open(RULES, more);
    }

    static Node open(String rules, String more)
        throws IOException, InterruptedException, SQLException {
      return open(rules, more, "{ listen: '127.0.0.1:0' }");
    }

    static Node open(String rules, String more, String gateway)
        throws IOException, InterruptedException, SQLException {
      int port = FreePort.find();
      Settings settings =
          Reading.read(
              "origin: http://127.0.0.1:%d\n".formatted(port)
                  + "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\n"
                  + "gateway: %s\n".formatted(gateway)
                  + "database: %s\n".formatted(url(postgres.getPort()))
                  + rules
                  + more);
      Wiring freshet = Wiring.start(settings, () -> settings);
      Shop shop = openShop(url(Objects.requireNonNull(freshet.gateway()).address().port()), port);
      Following following = Objects.requireNonNull(freshet.following());
      assertThat(following.feed().await(FeedSnapshot.State.ATTACHED, Duration.ofSeconds(20)))
          .as("%s", following.feed().snapshot())
          .isTrue();
      return new Node(freshet, shop);
    }

    HttpResponse<String> ask(String method, String path, String body) {
      try {
        HttpRequest.Builder request =
            HttpRequest.newBuilder(
                    URI.create("http://" + freshet.edge().addresses().getFirst() + path))
                .timeout(Duration.ofSeconds(30));
        HttpRequest.BodyPublisher content =
            body.isEmpty()
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body);
        if (!body.isEmpty()) {
          request.header("Content-Type", "application/json").header("Authorization", EDITOR);
        }
        return CLIENT.send(
            request.method(method, content).build(), HttpResponse.BodyHandlers.ofString());
      } catch (IOException e) {
        throw new IllegalStateException("no answer", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }

    HttpResponse<String> get(String path) {
      return ask("GET", path, "");
    }

    /// What the admin port says of it.
    String why(String path) throws IOException, InterruptedException {
      String url = "http://" + freshet.edge().addresses().getFirst() + path;
      URI asked = URI.create("http://" + freshet.console().address() + "/why?url=" + url);
      return CLIENT
          .send(HttpRequest.newBuilder(asked).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }

    /// At another URL than the one that is written to: that is forgotten in any case.
    int price(int product) {
      return number(get("/api/products/" + product + "?of=it"), "priceCents");
    }

    void setPrice(int product, int cents) {
      String path = "/api/products/" + product;
      assertThat(ask("PUT", path, "{\"priceCents\":" + cents + "}").statusCode()).isEqualTo(200);
    }

    void setStock(int product, int stock) {
      String path = "/api/products/" + product;
      assertThat(ask("PUT", path, "{\"stock\":" + stock + "}").statusCode()).isEqualTo(200);
    }

    boolean isKept(String path) {
      String told = get(path).headers().firstValue("Cache-Status").orElse("");
      return told.startsWith("freshet; hit");
    }

    @Override
    public void close() {
      freshet.close();
      shop.close();
    }
  }

  private static int number(HttpResponse<String> response, String name) {
    try {
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      return new ObjectMapper().readTree(response.body()).path(name).asInt(-1);
    } catch (IOException e) {
      throw new IllegalStateException(response.body(), e);
    }
  }

  private static String status(HttpResponse<String> response) {
    return response.headers().firstValue("Cache-Status").orElse("");
  }

  private static void sql(String statement) throws SQLException {
    try (Connection direct =
            DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
        Statement run = direct.createStatement()) {
      run.execute(statement);
    }
  }

  private static void awaitHit(Node node, String path) {
    await(
        () -> status(node.get(path)).equals("freshet; hit"),
        path
            + " to be kept: "
            + status(node.get(path))
            + " "
            + node.freshet().edge().why("http://127.0.0.1" + path));
  }

  @Test
  void aRowChangedBehindEverybodysBackEndsWhatWasMadeFromItAndNothingElse()
      throws IOException, InterruptedException, SQLException {
    try (Node node = Node.open("")) {
      awaitHit(node, "/api/products/7");
      awaitHit(node, "/api/products/8");
      sql("update products set price_cents = 4711 where id = 7");
      await(() -> node.price(7) == 4711, "the new price");
      assertThat(status(node.get("/api/products/8"))).isEqualTo("freshet; hit");
    }
  }

  /// The walk goes on through a list whose rows change, and shows each as it is.
  @Test
  void listsLeaveInPagesThatAreAsFreshAsTheWhole()
      throws IOException, InterruptedException, SQLException {
    String rules =
        RULES.replace(
            "  - match: /api/**",
            "  - match: /api/products\n    paginate: { size: 40 }\n"
                + "    cache: rows\n    share: public\n  - match: /api/**");
    try (Node node = Node.open(rules, "")) {
      String whole =
          CLIENT
              .send(
                  HttpRequest.newBuilder(
                          URI.create("http://127.0.0.1:" + seeded.port() + "/api/products"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      await(
          () -> status(node.get("/api/products")).startsWith("freshet; hit"),
          "the list to be kept");
      HttpResponse<String> page = node.get("/api/products");
      List<JsonNode> seen = new ArrayList<>();
      while (true) {
        assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
        assertThat(page.body().length()).isLessThan(100_000);
        new ObjectMapper().readTree(page.body()).forEach(seen::add);
        Matcher next = NEXT.matcher(page.headers().firstValue("Link").orElse(""));
        if (!next.find()) {
          break;
        }
        page = node.get(next.group(1));
      }
      assertThat(seen).hasSizeGreaterThan(100);
      JsonNode told = new ObjectMapper().readTree(node.get("/.freshet/openapi.json").body());
      assertThat(told.at("/paths/~1api~1products/get/parameters").toString())
          .contains("\"name\":\"cursor\"");
      assertThat(told.at("/paths/~1api~1categories/get").has("parameters")).isFalse();
      assertThat(new ObjectMapper().valueToTree(seen).toString())
          .isEqualTo(new ObjectMapper().readTree(whole).toString());
      int last = seen.getLast().path("id").asInt();
      sql("update products set price_cents = 4242 where id = " + last);
      String end = page.request().uri().toString();
      String path = end.substring(end.indexOf("/api"));
      await(
          () ->
              node.get(path).body().contains("\"id\":" + last + ",")
                  && node.get(path).body().contains("\"priceCents\":4242"),
          "the new price on the last page");
    }
  }

  /// By whatever way it is changed, and from the first answer on.
  @Test
  void whoFollowsAUrlIsToldWhenItsRowChanges() throws Exception {
    try (Node node = Node.open("")) {
      BlockingQueue<String> heard = new LinkedBlockingQueue<>();
      WebSocket.Listener ear =
          new WebSocket.Listener() {
            @Override
            public @Nullable CompletionStage<?> onText(
                WebSocket socket, CharSequence data, boolean last) {
              heard.add(data.toString());
              socket.request(1);
              return null;
            }
          };
      WebSocket socket =
          CLIENT
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create(
                      "ws://" + node.freshet().edge().addresses().getFirst() + "/.freshet/live"),
                  ear)
              .get(20, TimeUnit.SECONDS);
      socket.sendText("{\"subscribe\":[\"/api/products/12\"],\"as\":\"body\"}", true);
      assertThat(heard.poll(20, TimeUnit.SECONDS)).contains("\"event\":\"subscribed\"");
      sql("update products set price_cents = 4711 where id = 12");
      assertThat(heard.poll(20, TimeUnit.SECONDS))
          .contains("\"event\":\"body\"", "\"priceCents\":4711");
      node.setPrice(12, 815);
      assertThat(heard.poll(20, TimeUnit.SECONDS)).contains("\"priceCents\":815");
      socket.sendText("{\"subscribe\":[\"/\"]}", true);
      assertThat(heard.poll(20, TimeUnit.SECONDS)).contains("not-row-fresh", "freshet; fwd=");
      assertThat(node.get("/.freshet/live.js").body()).contains("freshet.live = live");
      socket.abort();
    }
  }

  /// Runs until a follower has been told of a change.
  @Test
  void theProgramsOwnScenarioTimesWhatFollowersAreTold()
      throws IOException, InterruptedException, SQLException {
    try (Node node = Node.open("")) {
      awaitHit(node, "/api/products/42");
      awaitHit(node, "/api/products/43");
      String url = "http://" + node.freshet().edge().addresses().getFirst();
      Scenario live = Objects.requireNonNull(LoadFiles.named(List.of("live", url)).scenario());
      Aim aim = Aim.at(URI.create(url)).with(1, 10, Duration.ofMinutes(1));
      Phase phase = Phase.constantRate(40, Duration.ZERO, Duration.ofDays(1));
      try (Generator generator = Generator.open(aim, live.acts(1), Time.system())) {
        Measured measured = generator.run(phase, new UntilTold(generator));
        assertThat(measured.total().errors()).isEmpty();
        assertThat(measured.total().channels().delay().getTotalCount()).isPositive();
        assertThat(measured.steps()).containsKeys("WebSocket", "event stream", "change stock");
      }
    }
  }

  private record UntilTold(Generator generator) implements Watch {
    @Override
    public void second(Phase phase, Measured.Second second) {
      Measured.Live live = second.live();
      if (live != null && live.delayP95() > 0) {
        generator.stop();
      }
    }
  }

  @Test
  void whoHasTheAnswerToHisWriteIsNeverShownTheStateBefore()
      throws IOException, InterruptedException, SQLException {
    try (Node node = Node.open("")) {
      for (int i = 1; i <= 60; i++) {
        node.price(9);
        node.setPrice(9, 1_000 + i);
        assertThat(node.price(9)).isEqualTo(1_000 + i);
      }
    }
  }

  /// Without a feed the app answers; with a new one nothing before counts.
  @Test
  void neitherIsHeWhenTheFeedIsKilledAgainAndAgain()
      throws IOException, InterruptedException, SQLException {
    try (Node node = Node.open("")) {
      AtomicBoolean over = new AtomicBoolean();
      Thread killer =
          Thread.ofVirtual()
              .start(() -> {
                while (!over.get()) {
                  try {
                    sql("select pg_terminate_backend(pid) from pg_stat_replication");
                  } catch (SQLException e) {
                    throw new IllegalStateException(e);
                  }
                  LockSupport.parkNanos(50_000_000);
                }
              });
      try {
        for (int i = 1; i <= 60; i++) {
          node.price(10);
          node.setPrice(10, 2_000 + i);
          assertThat(node.price(10)).isEqualTo(2_000 + i);
        }
      } finally {
        over.set(true);
        killer.join();
      }
      awaitHit(node, "/api/products/10?of=it");
    }
  }

  /// The shop makes a row for the session of each visitor who brings none.
  @Test
  void proposesTheTableThatKeepsTheBooksOfVisitors()
      throws IOException, InterruptedException, SQLException {
    String rules = RULES.substring(RULES.indexOf("routes:"));
    try (Node node = Node.open(rules, "")) {
      Following following = Objects.requireNonNull(node.freshet().following());
      await(
          () -> {
            node.get("/api/products/7");
            return following.suspects().stream().anyMatch(each -> each.table().equals("sessions"));
          },
          "sessions to be proposed: " + following.suspects());
      assertThat(following.suspects())
          .allMatch(each -> each.written() * 2 > each.requests())
          .allMatch(each -> each.remedy().startsWith("rows: { visitor-tables: ["));
      assertThat(status(node.get("/api/products/7"))).contains("wrote");
      assertThat(node.why("/api/products/7"))
          .contains(
              "\"reason\" : \"wrote\"",
              "\"detail\" : \"sessions\"",
              "\"visitorTables\" : [ {",
              "\"sessions\"");
    }
  }

  /// The shop reads whole rows of what was also bought and shows no stock of it. Results come from
  /// the gateway's memory in the second round.
  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void aColumnThatIsReadAndNotShownEndsNoPage(String results)
      throws IOException, InterruptedException, SQLException {
    identity("full");
    String gateway = "{ listen: '127.0.0.1:0', cache: { rows: " + results + " } }";
    try (Node node = Node.open(DemoSettings.YAML, "", gateway)) {
      // What statements look at is known from their second execution on.
      node.get("/product/3");
      node.get("/product/5");
      node.get("/product/1?again");
      String page = node.get("/product/1").body();
      Matcher also = Pattern.compile("Also bought.*?/product/(\\d+)", Pattern.DOTALL).matcher(page);
      assertThat(also.find()).as(page).isTrue();
      int beside = Integer.parseInt(also.group(1));
      assertThat(node.isKept("/product/1")).as(node.why("/product/1")).isTrue();
      node.setStock(beside, 301);
      assertThat(node.isKept("/product/1")).as(node.why("/product/1")).isTrue();
      node.setStock(1, 302);
      assertThat(node.get("/product/1").body()).contains("302 in stock");
      node.setPrice(beside, 98_765);
      assertThat(node.get("/product/1").body()).contains("$987.65");
    } finally {
      identity("default");
    }
  }

  private static void identity(String which) throws SQLException {
    try (Connection direct =
            DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
        Statement alter = direct.createStatement()) {
      alter.execute("alter table products replica identity " + which);
    }
  }

  @Test
  void nodesShareWhatTheyKeepAndEachHearsOfChangesByItself()
      throws IOException, InterruptedException, SQLException {
    Assumptions.assumeTrue(
        RedisServer.program().isPresent(), "skipped: there is no redis-server on the PATH");
    try (RedisServer redis = RedisServer.start();
        Node one = Node.open("redis: { url: '" + redis.url() + "', budget: 2s }\n");
        Node two = Node.open("redis: { url: '" + redis.url() + "', budget: 2s }\n")) {
      for (int i = 1; i <= 10; i++) {
        int cents = 3_000 + i;
        one.setPrice(11, cents);
        assertThat(one.price(11)).isEqualTo(cents);
        await(() -> two.price(11) == cents, "the other node's feed");
        one.price(11);
      }
    }
  }

  @Test
  void saysWhyOnTheAdminPort() throws IOException, InterruptedException, SQLException {
    try (Node node = Node.open("")) {
      awaitHit(node, "/api/products/12");
      assertThat(node.why("/api/products/12"))
          .contains("products.id = 12", "\"live\"", "\"visitorTables\" : [ ]");
    }
  }
}
