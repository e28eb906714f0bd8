package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.freshet.testkit.FreePort;
import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `freshet run`: serves, refuses to start half, and ends without cutting anybody off.
@Timeout(180)
class RunCommandTest {
  @TempDir private Path folder;
  private final PlainApp app = new PlainApp();

  @AfterEach
  void close() {
    app.close();
  }

  private Program start() {
    return Program.start(
        folder, "run", "-o", app.url(), "-l", "127.0.0.1:0", "--admin", "127.0.0.1:0");
  }

  private static ServerSocket somebody() throws IOException {
    return new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  private static boolean isOpen(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (ConnectException e) {
      return false;
    }
  }

  @Test
  void warmsUpWithoutAFault() {
    Shell warm = Shell.run("warm-up", "--millis", "300");
    assertThat(warm.err()).isEmpty();
    assertThat(warm.code()).isZero();
  }

  @Test
  void servesFromTheCacheWithOneLineAndNoFile() throws InterruptedException {
    app.page("/a", "hello", "Cache-Control: max-age=600");
    try (Program run = start()) {
      int port = run.port("serving  http://127.0.0.1:");
      assertThat(run.line("origin")).endsWith(app.url());
      int admin = run.port("admin    http://127.0.0.1:");
      try (RawClient client = RawClient.to(port);
          RawClient operator = RawClient.to(admin)) {
        assertThat(client.get("/a").field("Cache-Status")).contains("fwd=uri-miss", "stored");
        RawClient.Response again = client.get("/a");
        assertThat(again.text()).isEqualTo("hello");
        assertThat(again.field("Cache-Status")).startsWith("freshet; hit");
        assertThat(app.asked("/a")).isEqualTo(1);
        operator.send("GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        assertThat(operator.response().text()).contains("\"uptimeSeconds\"", app.url());
      }
    }
  }

  /// No AOT cache holds what is told apart here, and each of it would make a start long.
  @Test
  void servesItsFirstPageWithoutWhatNoCacheOfClassesHolds()
      throws IOException, InterruptedException {
    app.page("/a", "hello", "Cache-Control: max-age=600");
    Path loaded = folder.resolve("loaded.txt");
    String told = "-Xlog:class+load:file=" + loaded;
    String[] words = {"run", "-o", app.url(), "-l", "127.0.0.1:0", "--admin=127.0.0.1:0"};
    try (Program run = Program.start(folder, List.of(told), words);
        RawClient client = RawClient.to(run.port("serving"))) {
      run.line("rules");
      assertThat(client.get("/a").text()).isEqualTo("hello");
      assertThat(client.get("/a").text()).isEqualTo("hello");
      assertThat(Files.readAllLines(loaded))
          .anyMatch(line -> line.contains(" dev.freshet.edge.Appraisal "))
          .noneMatch(line -> line.contains(" picocli."))
          .noneMatch(line -> line.matches(".* dev\\.freshet\\S*TypeSwitch.*"));
    }
  }

  /// Else a mistyped port shows only to visitors.
  @Test
  void saysThatTheAppDoesNotAnswerYet() throws InterruptedException {
    String gone = app.url();
    app.close();
    try (Program run = start()) {
      assertThat(run.line("origin")).endsWith(gone + " does not answer yet (Connection refused)");
    }
  }

  @Test
  void readsFreshetYamlWhereItStandsAndFlagsWin() throws IOException, InterruptedException {
    app.page("/a", "hello");
    Files.writeString(
        folder.resolve("freshet.yaml"),
        """
        listen: 127.0.0.1:0
        admin: 127.0.0.1:0
        origin: http://127.0.0.1:9
        routes: [{match: /a, ttl: 1h}]
        """);
    try (Program run = Program.start(folder, "run", "--origin", app.url());
        RawClient client = RawClient.to(run.port("serving"))) {
      assertThat(run.line("rules")).endsWith("1");
      assertThat(client.get("/a").text()).isEqualTo("hello");
      assertThat(client.get("/a").field("Cache-Status")).startsWith("freshet; hit");
    }
  }

  /// Rows are followed by themselves once there is a database; till then the site is served.
  @Test
  void aDatabaseThatDoesNotAnswerIsOneLineAndNoReasonNotToServe()
      throws IOException, InterruptedException {
    app.page("/a", "hello");
    int port = FreePort.find();
    Files.writeString(
        folder.resolve("freshet.yaml"),
        """
        listen: 127.0.0.1:%d
        admin: 127.0.0.1:0
        gateway: { listen: '127.0.0.1:0' }
        database: postgresql://app:secret@127.0.0.1:1/shop
        routes: [{ match: /**, cache: rows }]
        """
            .formatted(port));
    try (Program run = Program.start(folder, "run", "-o", app.url())) {
      assertThat(run.line("can't be followed"))
          .matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.+-]+ WARNING freshet.changes: database .*")
          .contains("postgresql://app@127.0.0.1:1/shop", "refused", "tries again")
          .doesNotContain("secret");
      while (!isOpen(port)) {
        Thread.onSpinWait();
      }
      try (RawClient client = RawClient.to(port)) {
        assertThat(client.get("/a").text()).isEqualTo("hello");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void letsRequestsFinishWhenToldToStopAndEndsWell(String signal)
      throws IOException, InterruptedException {
    assumeThat(Program.isIgnored(signal))
        .as("who started the tests ignores SIG" + signal)
        .isFalse();
    CountDownLatch go = new CountDownLatch(1);
    app.heldPage("/slow", "all of it", go).page("/a", "a");
    try (Program run = start()) {
      int port = run.port("serving");
      run.line("rules");
      try (RawClient slow = RawClient.to(port);
          RawClient idle = RawClient.to(port)) {
        idle.get("/a");
        slow.send("GET /slow HTTP/1.1\r\nHost: shop.test\r\n\r\n");
        while (app.asked("/slow") == 0) {
          Thread.onSpinWait();
        }
        run.signal(signal);
        assertThat(idle.isClosed()).as("who waits for nothing is sent away").isTrue();
        while (isOpen(port)) {
          Thread.onSpinWait();
        }
        assertThat(run.isAlive()).isTrue();
        go.countDown();
        assertThat(slow.response().text()).isEqualTo("all of it");
        assertThat(run.exitCode()).isZero();
      }
    } finally {
      go.countDown();
    }
  }

  @Test
  void givesRequestsNoMoreTimeThanDrainSays() throws IOException, InterruptedException {
    CountDownLatch go = new CountDownLatch(1);
    app.heldPage("/slow", "never", go);
    Files.writeString(folder.resolve("freshet.yaml"), "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\n");
    try (Program run = Program.start(folder, "run", "-o", app.url(), "--drain", "0s")) {
      int port = run.port("serving");
      run.line("rules");
      try (RawClient slow = RawClient.to(port)) {
        slow.send("GET /slow HTTP/1.1\r\nHost: shop.test\r\n\r\n");
        while (app.asked("/slow") == 0) {
          Thread.onSpinWait();
        }
        run.signal("TERM");
        assertThat(run.exitCode()).isZero();
        assertThat(slow.isClosed()).isTrue();
      }
    } finally {
      go.countDown();
    }
  }

  /// Both addresses are taken: who tried to bind one would complain of it.
  @Test
  void refusesAWrongFileBeforeItTouchesAnAddress() throws IOException {
    Path file = folder.resolve("wrong.yaml");
    try (ServerSocket listen = somebody();
        ServerSocket admin = somebody()) {
      Files.writeString(
          file,
          """
          listen: 127.0.0.1:%d
          admin: 127.0.0.1:%d
          origin: %s
          cache: {memory: lots}
          colour: red
          """
              .formatted(listen.getLocalPort(), admin.getLocalPort(), app.url()));
      Shell run = Shell.run("run", "--config", file.toString());
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.out()).isEmpty();
      assertThat(run.err().lines())
          .containsExactly(
              "freshet: wrong.yaml:4 cache.memory: 'lots' is not a size; write it like 256MB;"
                  + " correct the value",
              "freshet: wrong.yaml:5 colour: is not a key; known here: listen, admin, token,"
                  + " cache, redis, database, gateway, changes, tls, limits, origin, store,"
                  + " compression, optimize, routes, rows, live, service-worker, openapi,"
                  + " ignore-parameters, session-cookies, trust-forwarded, loops");
      assertThat(app.wasLeftAlone()).isTrue();
    }
  }

  @Test
  void startsNothingWhenOneOfItsAddressesIsTaken() throws IOException {
    int free;
    try (ServerSocket socket = somebody()) {
      free = socket.getLocalPort();
    }
    try (ServerSocket taken = somebody()) {
      String busy = "127.0.0.1:" + taken.getLocalPort();
      Shell noListen =
          Shell.run("run", "-o", app.url(), "-l", busy, "--admin", "127.0.0.1:" + free);
      assertThat(noListen.code()).isEqualTo(2);
      assertThat(noListen.err())
          .startsWith("freshet: listen " + busy + ": the address can't be bound")
          .contains("stop what uses it, or choose another with --listen");
      assertThat(isOpen(free)).isFalse();
      Shell noAdmin = Shell.run("run", "-o", app.url(), "-l", "127.0.0.1:" + free, "--admin", busy);
      assertThat(noAdmin.code()).isEqualTo(2);
      assertThat(noAdmin.err())
          .startsWith("freshet: admin " + busy + ": the address can't be bound")
          .contains("stop what uses it, or choose another with --admin");
      assertThat(isOpen(free)).isFalse();
    }
  }

  @Test
  void refusesACertificateThatIsNotThere() {
    Shell run =
        Shell.run(
            "run",
            "-o",
            app.url(),
            "-l",
            "127.0.0.1:0",
            "--admin",
            "127.0.0.1:0",
            "--tls-certificate",
            folder.resolve("none.pem").toString(),
            "--tls-key",
            folder.resolve("none.key").toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("tls.certificate: ", "none.pem can't be read; correct the path");
  }

  @Test
  void refusesMoreMemoryThanThereIs() {
    Shell run = Shell.run("run", "-o", app.url(), "-l", "127.0.0.1:0", "--memory", "900TB");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("cache.memory 900TB: the program may use", "FRESHET_OPTS");
  }

  @Test
  void refusesAFileThatIsNotThereAndAFlagThatIsNoTime() {
    Shell noFile = Shell.run("run", "-o", app.url(), "-c", folder.resolve("no.yaml").toString());
    assertThat(noFile.code()).isEqualTo(2);
    assertThat(noFile.err()).contains("no.yaml: there is no such file; correct --config");
    Shell noTime = Shell.run("run", "-o", app.url(), "--drain", "soon");
    assertThat(noTime.code()).isEqualTo(2);
    assertThat(noTime.err()).contains("--drain: 'soon' is not a duration");
  }

  @Test
  void saysHowItIsUsedWhenTheCommandIsUnknown() {
    assertThat(Shell.run("serve").code()).isEqualTo(2);
    assertThat(Shell.run("run", "--colour").code()).isEqualTo(2);
    Shell bare = Shell.run();
    assertThat(bare.code()).isZero();
    assertThat(bare.out()).contains("freshet run --origin", "check", "purge", "demo");
    // What stands there of a command is its description's first line: one sentence that fits.
    assertThat(bare.out().lines().filter(line -> line.matches("  [a-z]+ {2,}[A-Z].*")))
        .hasSizeGreaterThan(10)
        .allMatch(line -> line.endsWith(".") && line.length() <= 80);
    assertThat(Shell.run("run", "--help").out()).contains("lazy pictures", "`optimize: off`");
    assertThat(Shell.run("--version").out()).startsWith("freshet ").contains("Java");
  }
}
