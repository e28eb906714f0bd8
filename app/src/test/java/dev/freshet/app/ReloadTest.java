package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.freshet.base.Trouble;
import dev.freshet.testkit.Eventually;
import dev.freshet.testkit.FreePort;
import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A new configuration takes effect as a whole or not at all, and nobody's connection ends.
@Timeout(180)
@SuppressWarnings("StringConcatToTextBlock")
class ReloadTest {
  private static final String ADDRESSES = "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\n";
  private static final String RELOAD =
      "POST /reload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
          + "Content-Length: 0\r\n\r\n";
  @TempDir private Path folder;
  private final PlainApp app = new PlainApp().page("/a", "a").page("/b", "b");
  private final PlainApp other = new PlainApp().page("/b", "from the other");

  @AfterEach
  void close() {
    app.close();
    other.close();
  }

  private String text(PlainApp origin, String rest) {
    return ADDRESSES + "origin: " + origin.url() + "\n" + rest;
  }

  private static Wiring wired(AtomicReference<String> file) {
    return Wiring.start(Reading.read(file.get()), () -> Reading.read(file.get()));
  }

  private static RawClient client(Wiring running) {
    return RawClient.to(running.edge().addresses().getFirst().port());
  }

  private static RawClient operator(Wiring running) {
    return RawClient.to(running.console().address().port());
  }

  @Test
  void appliesANewFileOnSighupOrRefusesItWhole() throws IOException, InterruptedException {
    assumeThat(Program.isIgnored("HUP")).as("who started the tests ignores SIGHUP").isFalse();
    Path file = folder.resolve("freshet.yaml");
    Files.writeString(file, text(app, ""));
    try (Program run = Program.start(folder, "run")) {
      int port = run.port("serving");
      run.line("rules");
      try (RawClient client = RawClient.to(port)) {
        client.get("/a");
        assertThat(client.get("/a").field("Cache-Status")).doesNotContain("hit");

        Files.writeString(file, text(app, "routes: [{match: /a, ttl: 1h}]\n"));
        run.signal("HUP").line("the configuration was read again");
        client.get("/a");
        assertThat(client.get("/a").field("Cache-Status")).startsWith("freshet; hit");

        Files.writeString(file, text(other, "routes: [{match: /a, tlt: 1h}]\n"));
        run.signal("HUP").line("the new configuration was refused, the old one stays");
        assertThat(run.line("freshet.yaml:4"))
            .contains("routes[0].tlt: is not a key; did you mean `ttl`?");
        assertThat(client.get("/a").field("Cache-Status")).startsWith("freshet; hit");
        assertThat(client.get("/b").text()).isEqualTo("b");
        assertThat(other.wasLeftAlone()).isTrue();
      }
    }
  }

  @Test
  void appliesANewFileOnPostOrSaysWhyNot() {
    AtomicReference<String> file = new AtomicReference<>(text(app, ""));
    try (Wiring running = wired(file);
        RawClient client = client(running);
        RawClient operator = operator(running)) {
      assertThat(client.get("/b").text()).isEqualTo("b");

      file.set(text(other, "colour: red\n"));
      RawClient.Response refused = operator.send(RELOAD).response();
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.text())
          .contains("refused as a whole", "freshet.yaml:4 colour", "is not a key");
      assertThat(client.get("/b").text()).isEqualTo("b");

      file.set(text(other, ""));
      RawClient.Response applied = operator.send(RELOAD).response();
      assertThat(applied.status()).isEqualTo(200);
      assertThat(applied.text()).contains("\"reloaded\" : true");
      assertThat(client.get("/b").text()).isEqualTo("from the other");
    }
  }

  /// The whole program under load: origins and rules change while everybody asks, on old
  /// connections and on new ones.
  @Test
  void nobodyNoticesWhileTheyAsk()
      throws InterruptedException, ExecutionException, TimeoutException {
    other.page("/a", "a of the other");
    AtomicReference<String> file = new AtomicReference<>(text(app, ""));
    AtomicInteger answered = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    try (Wiring running = wired(file);
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(clients.submit(() -> askUntil(over, running, answered)));
      }
      for (int i = 0; i < 20; i++) {
        String rules = i % 3 == 0 ? "" : "routes: [{match: /a, ttl: 1h}]\n";
        file.set(text(i % 2 == 0 ? other : app, rules));
        running.reload();
        int before = answered.get();
        Eventually.await(
            () -> answered.get() >= before + 20 || all.stream().anyMatch(Future::isDone),
            "answers after a reload");
      }
      over.set(true);
      for (Future<?> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    }
  }

  private static void askUntil(AtomicBoolean over, Wiring running, AtomicInteger answered) {
    while (!over.get()) {
      try (RawClient client = client(running)) {
        for (int i = 0; i < 20; i++) {
          RawClient.Response answer = client.get(i % 2 == 0 ? "/a" : "/b");
          assertThat(answer.status()).isEqualTo(200);
          answered.incrementAndGet();
        }
      }
    }
  }

  @Test
  void keepsWhatIsStored() {
    String rules = "routes: [{match: /**, ttl: 1h}]\n";
    AtomicReference<String> file = new AtomicReference<>(text(app, rules));
    try (Wiring running = wired(file);
        RawClient client = client(running)) {
      client.get("/b");
      file.set(text(other, rules));
      running.reload();
      RawClient.Response kept = client.get("/b");
      assertThat(kept.text()).isEqualTo("b");
      assertThat(kept.field("Cache-Status")).startsWith("freshet; hit");
    }
  }

  @Test
  void appliesLimitsToConnectionsToCome() {
    AtomicReference<String> file = new AtomicReference<>(text(app, ""));
    String target = "/" + "x".repeat(1_000);
    try (Wiring running = wired(file);
        RawClient before = client(running)) {
      assertThat(before.get(target).status()).isEqualTo(404);
      file.set(text(app, "limits: {target: 512}\n"));
      running.reload();
      try (RawClient after = client(running)) {
        assertThat(after.get(target).status()).isEqualTo(414);
      }
      assertThat(before.get(target).status()).isEqualTo(404);
    }
  }

  /// The text is sound; only the start finds what it names to be missing.
  @Test
  void refusesAFileThatNamesWhatIsNotThere() {
    AtomicReference<String> file = new AtomicReference<>(text(app, ""));
    try (Wiring running = wired(file);
        RawClient client = client(running);
        RawClient operator = operator(running)) {
      file.set(
          ADDRESSES
              + "origin: {urls: https://127.0.0.1:9, tls: {authorities: none.pem}}\n"
              + "limits: {target: 512}\n");
      RawClient.Response refused = operator.send(RELOAD).response();
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.text()).contains("origin.tls.authorities");
      assertThatThrownBy(running::reload).isInstanceOf(Trouble.Found.class);
      assertThat(client.get("/b").text()).isEqualTo("b");
      try (RawClient later = client(running)) {
        assertThat(later.get("/" + "x".repeat(1_000)).status()).isEqualTo(404);
      }
    }
  }

  @Test
  void readsOneFileAfterTheOther() throws InterruptedException {
    Settings settings = Reading.read(text(app, ""));
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CyclicBarrier together = new CyclicBarrier(2);
    try (Wiring running =
        Wiring.start(
            settings,
            () -> {
              most.accumulateAndGet(inside.incrementAndGet(), Math::max);
              try {
                // Two at a time would meet here at once; one alone gives up.
                together.await(300, TimeUnit.MILLISECONDS);
              } catch (TimeoutException | BrokenBarrierException e) {
                // Alone, as it should be.
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              inside.decrementAndGet();
              return settings;
            })) {
      Thread signal = Thread.ofVirtual().start(running::reload);
      try (RawClient operator = operator(running)) {
        assertThat(operator.send(RELOAD).response().status()).isEqualTo(200);
      }
      signal.join();
    }
    assertThat(most).hasValue(1);
  }

  @Test
  void refusesAWrongGatewayBeforeTheEdgeIsTouched() {
    String database = "database: postgresql://app:x@127.0.0.1:1/shop?sslmode=disable\n";
    String gateway = "gateway: {listen: '127.0.0.1:0'";
    String before = text(app, database + gateway + "}\n");
    AtomicReference<String> file = new AtomicReference<>(before);
    try (Wiring running = wired(file);
        RawClient client = client(running);
        RawClient operator = operator(running)) {
      file.set(
          text(other, database + gateway + ", tls: {certificate: none.pem, key: none.key}}\n"));
      RawClient.Response refused = operator.send(RELOAD).response();
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.text()).contains("certificate and key can't be used");
      assertThat(client.get("/b").text()).isEqualTo("b");
      assertThat(operator.send(RELOAD.replace("reload", "pause")).response().text())
          .contains("\"paused\" : true", "\"stillInUse\" : 0");
      assertThat(operator.send(RELOAD.replace("reload", "resume")).response().text())
          .contains("\"paused\" : false");
    }
  }

  private static final String DATABASE =
      "database: postgresql://app:x@127.0.0.1:1/shop?sslmode=disable\n";

  @Test
  void opensAGatewayOrLeavesEverythingAndNeverClosesOne() throws IOException {
    int port = FreePort.find();
    String gateway = DATABASE + "gateway: {listen: '127.0.0.1:%d'}\n";
    AtomicReference<String> file = new AtomicReference<>(text(app, ""));
    try (Wiring running = wired(file);
        RawClient client = client(running);
        RawClient operator = operator(running)) {
      file.set(text(other, gateway.formatted(running.console().address().port())));
      assertThatThrownBy(running::reload)
          .isInstanceOf(Trouble.Found.class)
          .hasMessageContaining("can't be bound");
      file.set(
          text(app, gateway.formatted(port))
              .replace(app.url(), "{urls: https://127.0.0.1:9, tls: {authorities: none.pem}}"));
      assertThatThrownBy(running::reload)
          .isInstanceOf(Trouble.Found.class)
          .hasMessageContaining("origin.tls.authorities");
      assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port))
          .isInstanceOf(IOException.class);
      assertThat(client.get("/b").text()).isEqualTo("b");

      file.set(text(app, gateway.formatted(port)));
      running.reload();
      new Socket(InetAddress.getLoopbackAddress(), port).close();
      assertThat(operator.send(RELOAD.replace("reload", "pause")).response().text())
          .contains("\"paused\" : true");
      assertThat(client.get("/b").text()).isEqualTo("b");

      file.set(text(other, ""));
      assertThatThrownBy(running::reload)
          .isInstanceOf(Trouble.Found.class)
          .hasMessageContaining("a reload can't close the gateway");
      assertThat(client.get("/b").text()).isEqualTo("b");
    }
  }

  @Test
  void movesTheGatewayToAnotherAddressOrLeavesEverything() throws IOException {
    int first = FreePort.find();
    int second = FreePort.find();
    String gateway = DATABASE + "gateway: {listen: '127.0.0.1:%d'}\n";
    AtomicReference<String> file = new AtomicReference<>(text(app, gateway.formatted(first)));
    try (Wiring running = wired(file);
        RawClient client = client(running)) {
      file.set(text(other, gateway.formatted(running.console().address().port())));
      assertThatThrownBy(running::reload)
          .isInstanceOf(Trouble.Found.class)
          .hasMessageContaining("can't be bound");
      assertThat(client.get("/b").text()).isEqualTo("b");
      file.set(
          text(app, gateway.formatted(second))
              .replace(app.url(), "{urls: https://127.0.0.1:9, tls: {authorities: none.pem}}"));
      assertThatThrownBy(running::reload)
          .isInstanceOf(Trouble.Found.class)
          .hasMessageContaining("origin.tls.authorities");
      assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), second))
          .isInstanceOf(IOException.class);
      new Socket(InetAddress.getLoopbackAddress(), first).close();

      file.set(text(other, gateway.formatted(second)));
      running.reload();
      assertThat(client.get("/b").text()).isEqualTo("from the other");
      new Socket(InetAddress.getLoopbackAddress(), second).close();
      assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), first))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void refusesWhatAReloadCantChangeOfTheGateway() {
    String gateway = DATABASE + "gateway: {listen: '127.0.0.1:0'%s}\n";
    AtomicReference<String> file = new AtomicReference<>(text(app, gateway.formatted("")));
    try (Wiring running = wired(file)) {
      for (String key : new String[] {"statistics: 7", "cache: {comments: on}"}) {
        file.set(text(other, gateway.formatted(", " + key)));
        assertThatThrownBy(running::reload)
            .isInstanceOf(Trouble.Found.class)
            .hasMessageContaining("gateway." + key.substring(0, key.indexOf(':')))
            .hasMessageContaining("a reload can't change it");
      }
    }
    String rows = "routes: [{match: /**, cache: rows}]\n";
    file.set(text(app, gateway.formatted("") + rows));
    try (Wiring running = wired(file)) {
      file.set(text(other, gateway.formatted("").replace("/shop", "/elsewhere") + rows));
      assertThatThrownBy(running::reload)
          .isInstanceOf(Trouble.Found.class)
          .hasMessageContaining("a reload can't change which one");
      file.set(text(other, gateway.formatted("").replace("app:x@", "app:changed@") + rows));
      running.reload();
    }
  }
}
