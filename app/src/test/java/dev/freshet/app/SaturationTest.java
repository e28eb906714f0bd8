package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Time;
import dev.freshet.http.OwnText;
import dev.freshet.load.Aim;
import dev.freshet.load.Bottleneck;
import dev.freshet.load.Bottleneck.Part;
import dev.freshet.load.Call;
import dev.freshet.load.Generator;
import dev.freshet.load.StressBench;
import dev.freshet.load.StressStep;
import dev.freshet.load.StressStep.Target;
import dev.freshet.load.StressStep.Verdict;
import dev.freshet.load.Visits;
import dev.freshet.testkit.Eventually;
import dev.freshet.testkit.ScriptedOrigin;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `freshet stress` names rightly what was at its limit: a Freshet that runs is asked for more than
/// is possible, and it is known what makes it impossible. Each time that is a part that can do so
/// much a second however fast the machine is.
@Timeout(60)
class SaturationTest {
  private static final Target TARGET = new Target(150, 0.01);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Duration LASTING = Duration.ofMillis(600);

  private static final Time TIME = Time.system();

  /// Where the processors are not those that can be read here: whoever else uses these changes
  /// nothing.
  private static InetSocketAddress elsewhere() throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 80);
  }

  /// What was at its limit between two rates of which the first can be kept.
  private static List<Bottleneck> limits(
      String url, StressMeters meters, double possible, double impossible)
      throws InterruptedException {
    URI target = URI.create(url);
    Aim aim = Aim.at(target).with(1, 100, PATIENCE);
    Visits visits = Visits.of(Call.get(target.getRawPath()));
    try (Generator generator = Generator.open(aim, visits, TIME)) {
      StressBench bench = new StressBench(generator, meters::begin);
      StressStep good = Objects.requireNonNull(bench.untilSettled(possible, LASTING, TARGET));
      StressStep bad = Objects.requireNonNull(bench.untilSettled(impossible, LASTING, TARGET));
      assertThat(bad.verdict(TARGET)).as(bad.toString()).isNotIn(Verdict.GOOD, Verdict.EMPTY);
      return Bottleneck.between(good, bad, TARGET);
    }
  }

  private static Wiring freshet(String origin) {
    String text = "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\nloops: 1\norigin: " + origin + "\n";
    Settings settings = Reading.read(text);
    return Wiring.start(settings, () -> settings);
  }

  private static int port(Wiring freshet) {
    return freshet.edge().addresses().getFirst().port();
  }

  /// What is asked for takes the only loop five milliseconds: 200 a second are possible.
  @Test
  void anEventLoopThatIsTheLimitIsNamed() throws InterruptedException, UnknownHostException {
    long each = Duration.ofMillis(5).toNanos();
    try (Wiring freshet = freshet("http://127.0.0.1:1")) {
      OwnText laborious =
          new OwnText(head -> {
            long end = TIME.nanos() + each;
            while (TIME.nanos() < end) {
              Thread.onSpinWait();
            }
            return OwnText.Text.of("text/plain", "no-store", "done\n");
          });
      freshet.edge().serve("/.freshet/laborious", laborious);
      String url = "http://127.0.0.1:" + port(freshet) + "/.freshet/laborious";
      String admin = freshet.console().address().toString();
      try (StressMeters meters = StressMeters.of(admin, null, elsewhere())) {
        List<Bottleneck> limits = limits(url, meters, 20, 800);
        assertThat(limits)
            .extracting(Bottleneck::part)
            .contains(Part.EVENT_LOOP)
            .doesNotContain(Part.NETWORK, Part.APP);
      }
    }
  }

  /// Answers of 40 kB leave Freshet at once, and come over a line of 2 MB a second that everybody
  /// shares: 50 a second are possible.
  @Test
  void aNetworkThatIsTheLimitIsNamed() throws InterruptedException, UnknownHostException {
    String page =
        "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Type: image/png\r\n"
            + "Content-Length: 40000\r\n\r\n"
            + "x".repeat(40_000);
    try (ScriptedOrigin app = ScriptedOrigin.answering(page);
        Wiring freshet = freshet(app.url());
        ScriptedOrigin line = line(port(freshet), 2_000_000);
        StressMeters meters =
            StressMeters.of(freshet.console().address().toString(), null, elsewhere())) {
      List<Bottleneck> limits = limits(line.url() + "/picture", meters, 5, 200);
      assertThat(limits)
          .extracting(Bottleneck::part)
          .contains(Part.NETWORK)
          .doesNotContain(Part.GENERATOR, Part.APP);
      assertThat(limits.getLast().evidence()).contains("from head to end", "MB/s");
    }
  }

  /// A line to that port over which so many octets a second come back, a piece for one connection
  /// after a piece for another.
  private static ScriptedOrigin line(int port, long perSecond) {
    AtomicLong free = new AtomicLong(TIME.nanos());
    return ScriptedOrigin.start(peer -> {
      try (Socket far = new Socket(InetAddress.getLoopbackAddress(), port)) {
        Thread.ofVirtual().start(() -> ask(peer, far));
        InputStream in = far.getInputStream();
        byte[] piece = new byte[4_000];
        for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
          pass(free, n * 1_000_000_000L / perSecond);
          peer.send(Arrays.copyOf(piece, n));
        }
      }
    });
  }

  private static void ask(ScriptedOrigin.Peer peer, Socket far) {
    try (far) {
      OutputStream out = far.getOutputStream();
      for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      // One of both has gone, and with it the other.
    }
  }

  /// Waits for its turn on the line, and for so long as it takes.
  private static void pass(AtomicLong free, long nanos) {
    long now = TIME.nanos();
    long end = free.updateAndGet(last -> Math.max(last, now) + nanos);
    for (long left = end - now; left > 0; left = end - TIME.nanos()) {
      LockSupport.parkNanos(left);
    }
  }

  /// Each answer takes a process beside this one some time of a processor, and it is given as many
  /// requests at a time as it likes: it has all there are.
  @Test
  void processorsThatAreTheLimitAreNamedWithWhoHasThem() throws IOException, InterruptedException {
    int processors = Runtime.getRuntime().availableProcessors();
    try (BusyApp app = BusyApp.start();
        StressMeters meters = StressMeters.of(null, null, app.address())) {
      double possible = processors * 1e3 / BusyApp.MILLIS;
      String name = "java (" + app.pid() + ") ";
      List<String> said = new ArrayList<>();
      // Others may have had the processors just then, and more of them than are named.
      while (said.size() < 5 && (said.isEmpty() || !said.getLast().contains(name))) {
        List<Bottleneck> limits = limits(app.url(), meters, possible / 20, possible * 3);
        assertThat(limits).extracting(Bottleneck::part).contains(Part.CPU);
        said.add(limits.getLast().evidence());
      }
      assertThat(said).last().asString().contains(name);
    }
  }

  /// What is named where a path of which 50 a second are possible is asked for twice as often.
  ///
  /// @param pool connections to the database
  /// @param connections that the app has to the pool
  private static List<Part> named(int pool, int connections, String path)
      throws IOException, SQLException, InterruptedException {
    try (TracedNode node = TracedNode.open(pool, connections, 256)) {
      Wiring freshet = node.freshet();
      String admin = freshet.console().address().toString();
      try (StressMeters meters = StressMeters.of(admin, null, elsewhere())) {
        String url = "http://127.0.0.1:" + port(freshet) + path;
        return limits(url, meters, 5, 100).stream().map(Bottleneck::part).toList();
      }
    }
  }

  /// A statement of 20 ms for each answer, over one connection; the database has nearly nothing to
  /// do.
  @Test
  void aPoolThatIsTheLimitIsNamed() throws IOException, SQLException, InterruptedException {
    assertThat(named(1, 50, "/nap"))
        .startsWith(Part.POOL)
        .doesNotContain(Part.DATABASE, Part.NETWORK, Part.EVENT_LOOP);
  }

  /// As many connections as are asked for, but one statement of 20 ms waits for the other.
  @Test
  void aDatabaseThatIsTheLimitIsNamed() throws IOException, SQLException, InterruptedException {
    assertThat(named(50, 50, "/serial"))
        .startsWith(Part.DATABASE)
        .doesNotContain(Part.POOL, Part.NETWORK, Part.EVENT_LOOP);
  }

  /// An app that works for 20 ms on one request after the other.
  @Test
  void anAppThatIsTheLimitIsNamed() throws IOException, SQLException, InterruptedException {
    assertThat(named(2, 2, "/single")).containsExactly(Part.APP);
  }

  /// Also where the site is met at an address that others see.
  @Test
  void processorsAreReadWhereTheTargetIsOnThisMachine() throws IOException {
    List<InetAddress> all =
        NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses).toList();
    assertThat(all).isNotEmpty();
    for (InetAddress address : all) {
      try (StressMeters meters = StressMeters.of(null, null, new InetSocketAddress(address, 1))) {
        Supplier<Map<String, Double>> reading = meters.begin();
        Eventually.await(() -> reading.get().containsKey(Bottleneck.CPU), "a tick of a processor");
      }
    }
    try (StressMeters meters = StressMeters.of(null, null, elsewhere())) {
      assertThat(meters.begin().get()).isEmpty();
    }
  }
}
