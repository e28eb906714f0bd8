package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.freshet.base.HostPort;
import dev.freshet.testkit.FreePort;
import dev.freshet.testkit.RawClient;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `freshet check` and `GET /status` tell whether an app's statements come with the trace of their
/// request, and what to set where they don't.
@Timeout(120)
class TraceCheckTest {
  @TempDir private Path folder;
  private static EmbeddedPostgres server;
  private final HostPort gateway = new HostPort("127.0.0.1", FreePort.find());
  private final HostPort admin = new HostPort("127.0.0.1", FreePort.find());
  private HttpServer app;
  private String config;
  private Path file;

  @BeforeAll
  static void startServer() throws IOException {
    server = EmbeddedPostgres.builder().setServerConfig("wal_level", "logical").start();
  }

  @AfterAll
  static void stopServer() throws IOException {
    server.close();
  }

  /// Each path is another way for an app to be.
  @BeforeEach
  void start() throws IOException {
    app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    app.createContext("/comment", e -> answer(e, "app", "select 1 /*traceparent='%s'*/"));
    app.createContext("/name", e -> answer(e, null, "select 2"));
    app.createContext("/own", e -> answer(e, "own", "select 3 /*traceparent='%s'*/"));
    app.createContext("/bare", e -> answer(e, "bare", "select 'secret', 4"));
    app.createContext("/none", e -> say(e, "nothing read"));
    app.start();
    config =
        """
        listen: 127.0.0.1:0
        admin: %s
        origin: http://127.0.0.1:%d
        gateway: { listen: '%s' }
        database: postgresql://postgres:x@127.0.0.1:%d/postgres?sslmode=disable
        routes: [{ match: /**, cache: rows, share: public }]
        """
            .formatted(admin, app.getAddress().getPort(), gateway, server.getPort());
    file = Files.writeString(folder.resolve("freshet.yaml"), config);
  }

  @AfterEach
  void stop() {
    app.stop(0);
  }

  /// @param name of the connection; null for the trace
  private void answer(HttpExchange exchange, @Nullable String name, String sql) throws IOException {
    String sent = exchange.getRequestHeaders().getFirst("traceparent");
    String own = "00-" + "ab".repeat(16) + "-" + "cd".repeat(8) + "-00";
    String trace = "own".equals(name) || sent == null ? own : sent;
    String url =
        "jdbc:postgresql://%s/postgres?user=postgres&password=x&ApplicationName=%s"
            .formatted(gateway, name == null ? trace : name);
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql.formatted(trace))) {
      exchange.getResponseHeaders().set("X-Powered-By", "Express");
      say(exchange, "read " + rows.next());
    } catch (SQLException e) {
      say(exchange, String.valueOf(e.getMessage()));
    }
  }

  private static void say(HttpExchange exchange, String text) throws IOException {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, octets.length);
    exchange.getResponseBody().write(octets);
    exchange.close();
  }

  private String check(String... paths) {
    String[] all = new String[paths.length + 3];
    all[0] = "check";
    all[1] = "--config";
    all[2] = file.toString();
    System.arraycopy(paths, 0, all, 3, paths.length);
    Shell shell = Shell.run(all);
    assertThat(shell.err()).isEmpty();
    assertThat(shell.code()).as(shell.out()).isZero();
    return shell.out();
  }

  /// Each page is asked for twice.
  @Test
  void whereNothingRunsTheAppIsGivenAGatewayForAsLongAsTheCheckLasts() {
    assertThat(check("/comment", "/name").lines())
        .contains(
            "ok   traces, app app: 2 statements, all with the trace of a request (2 by comment)",
            "ok   traces, user postgres: 2 statements, all with the trace of a request"
                + " (2 by application_name)",
            "ok   traces, route /**: 4 statements (2 by comment, 2 by application_name)");
  }

  @Test
  void saysWhatToSetWhereNoTraceArrives() {
    assertThat(check("/bare", "/own"))
        .contains(
            "note traces, app bare: 2 statements, none with the trace of a request; without:"
                + " select ?, ?\n"
                + "    Node: NODE_OPTIONS=\"--require .../integrations/node/freshet.cjs\"\n"
                + "    where it never makes pages: `rows: { jobs: ['bare'] }`",
            "note traces, app own: 2 of 2 statements under a trace that no request was sent with")
        .doesNotContain("PHP", "secret");
  }

  @Test
  void saysSoWhereTheAppDoesNotUseTheGateway() {
    assertThat(check("/none"))
        .contains(
            "note traces: no statement came to the gateway for this check, at " + gateway,
            "let the app connect to " + gateway + " instead of PostgreSQL's own address");
  }

  @Test
  void whoeverRunsIsAskedWhatItHasSeen() throws InterruptedException {
    Settings settings = Reading.read(config);
    try (Wiring running = Wiring.start(settings, () -> settings);
        RawClient visitor = RawClient.to(running.edge().addresses().getFirst().port());
        RawClient operator = RawClient.to(admin.port())) {
      visitor.send("GET /comment HTTP/1.1\r\nHost: shop\r\n\r\n").response();
      visitor.send("GET /bare HTTP/1.1\r\nHost: shop\r\n\r\n").response();
      assertThat(check("/none"))
          .contains(
              "ok   traces, app app: 1 statement, all with the trace of a request (1 by comment)",
              "note traces, app bare: 1 statement, none with the trace of a request",
              "ok   traces, route /**: 1 statement (1 by comment)");
      assertThat(operator.send("GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").response().text())
          .contains("\"traces\"", "\"byComment\" : 1", "\"lastWithout\" : \"select ?, ?\"");
      assertThat(
              operator.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").response().text())
          .contains(
              "freshet_gateway_traces_total{way=\"comment\"} 1",
              "freshet_gateway_traces_total{way=\"none\"} 1");
    }
  }
}
