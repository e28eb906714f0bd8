package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.freshet.recording.Line;
import dev.freshet.recording.Lines;
import dev.freshet.recording.Recording;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Traffic of several clients through a real Freshet, recorded, and made again on the same.
@Timeout(120)
// JUnit ends a test that is interrupted.
@SuppressWarnings("InterruptedExceptionSwallowed")
class RecordedTrafficTest {
  private static final int CLIENTS = 4;
  private static final String PASSWORD = "Correct-Horse!";

  /// Nothing of this may be in the file.
  private static final List<String> SECRETS =
      List.of(PASSWORD, "jane", "example.com", "9f86d081884c7d65", "4111111111111111", "shelf42");

  @TempDir private Path folder;
  private final ObjectMapper json = new ObjectMapper();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger sessions = new AtomicInteger();

  /// What each session asked of the app, by its cookie.
  private final Map<String, List<String>> asked = new ConcurrentHashMap<>();

  private HttpServer app;
  private Wiring running;

  @BeforeEach
  void start() throws IOException {
    app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    app.setExecutor(threads);
    app.createContext("/", this::answer);
    app.start();
    Settings settings =
        Reading.read(
            "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: http://127.0.0.1:"
                + app.getAddress().getPort()
                + "\n");
    running = Wiring.start(settings, () -> settings);
  }

  @AfterEach
  void stop() {
    running.close();
    app.stop(0);
    threads.shutdownNow();
  }

  /// Gives each visitor a session at the door; a login opens the account.
  private void answer(HttpExchange exchange) throws IOException {
    String content = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String cookie = exchange.getRequestHeaders().getFirst("Cookie");
    String target = exchange.getRequestURI().toString();
    int status = 200;
    if (target.equals("/")) {
      cookie = "sid=session" + sessions.incrementAndGet();
      exchange.getResponseHeaders().set("Set-Cookie", cookie + "; Path=/");
    }
    String visitor = cookie == null ? "a stranger" : cookie;
    List<String> mine = asked.computeIfAbsent(visitor, key -> new CopyOnWriteArrayList<>());
    if (target.equals("/login")) {
      boolean isRight = content.contains("password=" + PASSWORD.replace("!", "%21"));
      status = isRight ? 303 : 401;
      mine.add(isRight ? "logged in" : "refused");
    } else {
      mine.add(exchange.getRequestMethod() + " " + target);
    }
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private String url() {
    return "http://127.0.0.1:" + running.edge().addresses().getFirst().port();
  }

  private String admin() {
    return running.console().address().toString();
  }

  private JsonNode order(String content) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> said =
          client.send(
              HttpRequest.newBuilder(URI.create("http://" + admin() + "/recording"))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(content))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(said.statusCode()).as(said.body()).isEqualTo(200);
      return json.readTree(said.body());
    }
  }

  private void visit(int number) throws IOException, InterruptedException {
    String agent = "browser " + number;
    try (HttpClient client = HttpClient.newHttpClient()) {
      String cookie =
          send(client, agent, "", "/", "").headers().firstValue("Set-Cookie").orElseThrow();
      String sid = cookie.substring(0, cookie.indexOf(';'));
      send(client, agent, sid, "/product/" + number, "");
      send(client, agent, sid, "/login", "email=jane%40example.com&password=Correct-Horse%21");
      send(client, agent, sid, "/account?page=2", "");
      send(client, agent, sid, "/users/jane/orders?card=4111111111111111&q=shelf42", "");
      send(client, agent, sid, "/reset/9f86d081884c7d65", "");
      send(client, agent, sid, "/cart/" + number, "item=7");
    }
  }

  private HttpResponse<String> send(
      HttpClient client, String agent, String cookie, String target, String form)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url() + target)).header("User-Agent", agent);
    if (!cookie.isEmpty()) {
      request.header("Cookie", cookie).header("Authorization", "Bearer 9f86d081884c7d65");
    }
    if (!form.isEmpty()) {
      request
          .header("Content-Type", "application/x-www-form-urlencoded")
          .POST(HttpRequest.BodyPublishers.ofString(form));
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private Path recorded() throws Exception {
    Path file = folder.resolve("traffic.frec");
    order("{\"file\": \"" + file + "\"}");
    List<Future<?>> visits = new ArrayList<>();
    for (int i = 1; i <= CLIENTS; i++) {
      int number = i;
      visits.add(
          threads.submit(() -> {
            visit(number);
            return null;
          }));
    }
    for (Future<?> visit : visits) {
      visit.get();
    }
    JsonNode ended = order("{\"stop\": true}");
    assertThat(ended.path("sessions").asInt()).isEqualTo(CLIENTS);
    assertThat(ended.path("requests").asInt()).isEqualTo(7 * CLIENTS);
    assertThat(ended.path("leftOut").asInt()).isZero();
    return file;
  }

  /// Each session's requests as one line, in no order among sessions.
  private Set<String> sequences() {
    Set<String> out = new TreeSet<>();
    asked.values().forEach(mine -> out.add(String.join(", ", mine)));
    asked.clear();
    return out;
  }

  private static Map<Integer, List<Line.Asked>> sessions(Path file) {
    Map<Integer, List<Line.Asked>> out = new TreeMap<>();
    try (Lines lines = Recording.open(file).lines()) {
      for (Line line = lines.next(); line != null; line = lines.next()) {
        if (line instanceof Line.Asked one) {
          out.computeIfAbsent(one.session(), key -> new ArrayList<>()).add(one);
        }
      }
    }
    return out;
  }

  @Test
  void sessionsAreMadeAgainInTheirOrderAndNoSecretIsInTheFile() throws Exception {
    Path file = recorded();
    Set<String> before = sequences();
    assertThat(before).hasSize(CLIENTS).allMatch(sequence -> sequence.contains("logged in"));
    Shell shown = Shell.run("record", "--show", file.toString());
    assertThat(shown.code()).isZero();
    assertThat(shown.out().lines()).hasSizeGreaterThan(14 * CLIENTS);
    assertThat(shown.out()).doesNotContain(SECRETS).contains("/product/3", "/account?page=2");

    Map<Integer, List<Line.Asked>> masked = sessions(file);
    Shell load =
        Shell.run(
            "load",
            "--from",
            file.toString(),
            url(),
            "--with-writes",
            "--set",
            "password=" + PASSWORD,
            "--repeat",
            "2",
            "--warm-up",
            "0s",
            "--timeout",
            "60s",
            "--report",
            folder.resolve("replay.html").toString(),
            "--json");
    assertThat(load.err()).contains("GET /product/{n}", "recorded", "replayed");
    assertThat(Files.readString(folder.resolve("replay.html")))
        .contains("Recorded beside replayed", "<td>GET /product/{n}<td>recorded");
    JsonNode replay = json.readTree(load.out()).path("replay");
    JsonNode all = replay.path("routes").path("all");
    assertThat(all.path("recorded").path("requests").asInt()).isEqualTo(2 * 7 * CLIENTS);
    assertThat(all.path("replayed").path("requests").asInt()).isEqualTo(2 * 7 * CLIENTS);
    assertThat(all.path("replayed").path("2xx")).isEqualTo(all.path("recorded").path("2xx"));
    assertThat(replay.path("masked").has("password")).isFalse();
    assertThat(replay.path("masked").path("email").asInt()).isEqualTo(2 * CLIENTS);

    // Twice as many sessions, each as one of the recorded ones, what is masked apart.
    List<String> again = new ArrayList<>();
    asked.values().forEach(mine -> again.add(String.join(", ", mine)));
    List<String> wanted = new ArrayList<>(wanted(masked));
    wanted.addAll(wanted(masked));
    assertThat(again).containsExactlyInAnyOrderElementsOf(wanted);
  }

  private static List<String> wanted(Map<Integer, List<Line.Asked>> recorded) {
    List<String> out = new ArrayList<>();
    for (List<Line.Asked> session : recorded.values()) {
      List<String> sequence = new ArrayList<>();
      for (Line.Asked one : session) {
        boolean isLogin = one.target().equals("/login");
        sequence.add(isLogin ? "logged in" : one.method() + ' ' + one.target());
      }
      out.add(String.join(", ", sequence));
    }
    return out;
  }

  @Test
  void writesAreLeftOutAndAMaskedLoginIsSaid() throws Exception {
    Path file = recorded();
    asked.clear();
    Shell browser = Shell.run("load", "--from", file.toString(), url(), "--browser");
    assertThat(browser.code()).isEqualTo(2);
    assertThat(browser.err()).startsWith("freshet: --browser: ");
    Shell reading =
        Shell.run("load", "--from", file.toString(), url(), "--warm-up", "0s", "--timeout", "60s");
    assertThat(reading.out()).contains("8 requests are left out: writes");
    assertThat(sequences()).allMatch(sequence -> !sequence.contains("POST"));

    Shell masked =
        Shell.run(
            "load",
            "--from",
            file.toString(),
            url(),
            "--warm-up",
            "0s",
            "--timeout",
            "60s",
            "--with-writes");
    assertThat(masked.out())
        .contains("masked values were sent", "nobody can be logged in by a masked password");
    assertThat(sequences()).allMatch(sequence -> sequence.contains("refused"));

    Path users = folder.resolve("users.csv");
    Files.writeString(users, "email,password\njane@example.com," + PASSWORD + "\n");
    Shell.run(
        "load",
        "--from",
        file.toString(),
        url(),
        "--warm-up",
        "0s",
        "--timeout",
        "60s",
        "--with-writes",
        "--login",
        users.toString());
    assertThat(sequences()).allMatch(sequence -> sequence.contains("logged in"));
  }

  /// Whole sessions, one request after the other, and none that writes.
  @Test
  void aRecordingCanBeTheLoadOfAStressTest() throws Exception {
    Path file = recorded();
    List<String> readings =
        wanted(sessions(file)).stream().map(RecordedTrafficTest::reading).toList();
    asked.clear();
    Shell ran =
        Shell.run(
            "stress",
            url(),
            "--scenario=" + file,
            "--from=20",
            "--most=20",
            "--step=400ms",
            "--within=10s",
            "--warm-up=0s",
            "--admin=" + admin(),
            "--json");
    JsonNode told = json.readTree(ran.out());
    assertThat(told.at("/steps/0/rate").asDouble()).as(ran.err()).isEqualTo(20);
    assertThat(told.at("/steps/0/readings").has("appLimit")).isTrue();
    // How much it keeps depends on what else the machine does.
    assertThat(ran.code()).isEqualTo(told.path("good").isObject() ? 0 : 1);
    // A visit ends with its step.
    assertThat(sequences())
        .isNotEmpty()
        .allMatch(sequence -> readings.stream().anyMatch(whole -> whole.startsWith(sequence)))
        .anyMatch(readings::contains);
  }

  private static String reading(String sequence) {
    return Arrays.stream(sequence.split(", "))
        .filter(each -> each.startsWith("GET"))
        .collect(Collectors.joining(", "));
  }

  private void ask(int times) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < times; i++) {
        assertThat(send(client, "browser", "", "/product/" + i, "").statusCode()).isEqualTo(200);
      }
    }
  }

  private boolean isOn() throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest ask =
          HttpRequest.newBuilder(URI.create("http://" + admin() + "/recording")).build();
      String said = client.send(ask, HttpResponse.BodyHandlers.ofString()).body();
      return json.readTree(said).path("isOn").asBoolean();
    }
  }

  @Test
  void theCommandFollowsARecordingToItsEnd() throws Exception {
    Path file = folder.resolve("short.frec");
    Future<Shell> command =
        threads.submit(
            () -> Shell.run("record", "--for", "1h", "-o", file.toString(), "--admin", admin()));
    while (!isOn() && !command.isDone()) {
      Thread.onSpinWait();
    }
    ask(20);
    order("{\"stop\": true}");
    Shell done = command.get();
    assertThat(done.err()).isEmpty();
    assertThat(done.out()).contains("Recording into " + file, "20 requests", "Ended: stopped.");
    assertThat(done.code()).isZero();
    assertThat(Recording.open(file).sessions()).isEqualTo(1);
    Shell twice = Shell.run("record", "-o", file.toString(), "--admin", admin());
    assertThat(twice.code()).isEqualTo(2);
    assertThat(twice.err()).contains("it is there already");
    Shell key = Shell.run("record", "-o", file + "2.frec", "--keep", "token", "--admin", admin());
    assertThat(key.err()).contains("by its name it lets somebody in");
    Shell none = Shell.run("load", "--speed", "2", url());
    assertThat(none.err()).contains("add --from traffic.frec");
  }

  @Test
  void controlCEndsTheRecordingAndKeepsWhatWasTaken() throws Exception {
    assumeThat(Program.isIgnored("INT")).as("who started the tests ignores SIGINT").isFalse();
    Path file = folder.resolve("ended.frec");
    try (Program record = Program.start(folder, "record", "-o", "ended.frec", "--admin", admin())) {
      record.line("Recording into");
      ask(5);
      record.signal("INT");
      assertThat(record.line("Ended")).contains("stopped");
      assertThat(record.exitCode()).isEqualTo(130);
    }
    assertThat(isOn()).isFalse();
    Recording recording = Recording.open(file);
    assertThat(recording.isBroken()).isFalse();
    assertThat(recording.requests()).isEqualTo(5);
  }

  /// Freshet goes on by itself until it is told otherwise.
  @Test
  void controlCWhileARecordingIsBegunEndsItToo() throws Exception {
    assumeThat(Program.isIgnored("INT")).as("who started the tests ignores SIGINT").isFalse();
    CompletableFuture<Program> running = new CompletableFuture<>();
    List<String> orders = new CopyOnWriteArrayList<>();
    HttpServer freshet =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    freshet.createContext(
        "/recording",
        exchange -> {
          try (exchange) {
            orders.add(
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            boolean isBegun = orders.size() == 1;
            if (isBegun) {
              running.join().signal("INT");
            }
            String said = "{\"isOn\": " + isBegun + ", \"file\": \"f\", \"ended\": \"stopped\"}";
            byte[] octets = said.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, octets.length);
            exchange.getResponseBody().write(octets);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    freshet.start();
    String at = "127.0.0.1:" + freshet.getAddress().getPort();
    try (Program record = Program.start(folder, "record", "-o", "f.frec", "--admin", at)) {
      running.complete(record);
      assertThat(record.line("Ended")).contains("stopped");
      assertThat(record.exitCode()).isEqualTo(130);
    } finally {
      freshet.stop(0);
    }
    assertThat(orders).hasSize(2).last().asString().contains("stop");
  }
}
