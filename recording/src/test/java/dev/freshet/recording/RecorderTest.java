package dev.freshet.recording;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.ByteSize;
import dev.freshet.base.FakeTime;
import dev.freshet.base.Rolls;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

// JUnit ends a test that is interrupted.
@SuppressWarnings("InterruptedExceptionSwallowed")
class RecorderTest {
  private static final Sighting.Said SAID =
      new Sighting.Said("text/html", "de", null, null, false, false, false);
  @TempDir Path folder;
  private final FakeTime time = new FakeTime(1_800_000_000_000L);

  private Path file() {
    return folder.resolve("traffic.frec");
  }

  private Recorder start() {
    return start(RecordingOrder.of(file()), 16_384);
  }

  private Recorder start(RecordingOrder order, int room) {
    return Recorder.start(order, new Rolls(7).bytes(32), time, room, "test", () -> {});
  }

  private Sighting get(String who, String target) {
    return new Sighting(
        who, false, "GET", "shop.example", target, SAID, Sighting.Content.NONE, time.nanos());
  }

  private Sighting byAddress(String who, String target) {
    return new Sighting(
        who, true, "GET", "shop.example", target, SAID, Sighting.Content.NONE, time.nanos());
  }

  private static Answer ok() {
    return new Answer(200, 3_000_000, true, 512);
  }

  /// Targets by session, of whole ones.
  private static Map<Integer, List<String>> sessions(Path file) {
    Map<Integer, List<String>> out = new TreeMap<>();
    Recording recording = Recording.open(file);
    try (Lines lines = recording.lines()) {
      for (Line line = lines.next(); line != null; line = lines.next()) {
        if (line instanceof Line.Asked asked && recording.isWhole(asked.session())) {
          out.computeIfAbsent(asked.session(), s -> new ArrayList<>()).add(asked.target());
        }
      }
    }
    return out;
  }

  @Test
  void recordsEachSessionsRequestsInOrderWithTheirAnswers() throws Exception {
    try (Recorder recorder = start()) {
      Seen a = recorder.asked(get("ann", "/"));
      time.advance(Duration.ofMillis(250));
      recorder.asked(get("bob", "/product/7"));
      recorder.answered(a, ok());
      recorder.asked(get("ann", "/cart"));
      assertThat(recorder.stop().ended()).isEqualTo("stopped");
    }
    assertThat(sessions(file()))
        .isEqualTo(Map.of(1, List.of("/", "/cart"), 2, List.of("/product/7")));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    try (Lines lines = Recording.open(file()).lines()) {
      assertThat(lines.next()).isInstanceOf(Line.Asked.class);
      assertThat(lines.next())
          .isInstanceOfSatisfying(
              Line.Asked.class, asked -> assertThat(asked.atMillis()).isEqualTo(250));
      assertThat(lines.next()).isEqualTo(new Line.Answered(1, 1, 3, 200, true, 512));
    }
  }

  @Test
  void aVisitorKeepsHisSessionWhenHeIsGivenACookie() throws Exception {
    try (Recorder recorder = start()) {
      Seen first = recorder.asked(byAddress("10.0.0.1", "/login"));
      recorder.renamed(first, "sid=1");
      recorder.asked(get("sid=1", "/account"));
      // Somebody else behind the same address.
      recorder.asked(byAddress("10.0.0.1", "/product/3"));
    }
    assertThat(sessions(file()))
        .isEqualTo(Map.of(1, List.of("/login", "/account"), 2, List.of("/product/3")));
  }

  @Test
  @SuppressWarnings("NullAway")
  void aRequestThatCannotBeWrittenDownCostsItsSessionOnly() throws Exception {
    Recorder recorder = start();
    recorder.asked(get("ann", "/"));
    recorder.asked(get("bob", "/cart"));
    recorder.asked(
        new Sighting("bob", false, "GET", null, "/", SAID, Sighting.Content.NONE, time.nanos()));
    recorder.asked(get("ann", "/product/" + "7".repeat(20_000)));
    recorder.asked(get("bob", "/cart"));
    RecordingStatus status = recorder.stop();
    assertThat(status.ended()).isEqualTo("stopped");
    assertThat(status.leftOut()).isEqualTo(1);
    assertThat(sessions(file())).containsOnlyKeys(1);
    assertThat(sessions(file()).get(1)).hasSize(2);
  }

  @Test
  void aSessionThatLosesARequestIsLeftOutWhole() throws Exception {
    // No room at all but for one: which events are lost depends on the thread, so the file is held
    // against what was told.
    int visitors = 50;
    Recorder recorder = start(RecordingOrder.of(file()), 1);
    for (int round = 0; round < 40; round++) {
      for (int who = 0; who < visitors; who++) {
        recorder.asked(get("visitor" + who, "/product/" + round));
      }
    }
    RecordingStatus status = recorder.stop();
    assertThat(status.sessions() + status.leftOut()).isEqualTo(visitors);
    if (status.sessions() > 0) {
      sessions(file()).values().forEach(targets -> assertThat(targets).hasSize(40));
    }
  }

  @Test
  void whatDoesNotFitIntoMemoryTakesItsSessionAlongAlsoUnderItsNextName() throws Exception {
    String large = "x".repeat(33 << 20);
    try (Recorder recorder = start()) {
      recorder.asked(get("ann", "/"));
      recorder.asked(get("bob", "/"));
      Seen lost =
          recorder.asked(
              new Sighting(
                  "ann",
                  false,
                  "POST",
                  "shop.example",
                  "/cart",
                  SAID,
                  new Sighting.Content("text/plain", false, large.length(), large),
                  time.nanos()));
      recorder.renamed(lost, "ann2");
      recorder.asked(get("ann2", "/cart"));
      recorder.asked(get("bob", "/cart"));
      assertThat(recorder.stop().leftOut()).isEqualTo(1);
    }
    assertThat(sessions(file()).values()).containsExactly(List.of("/", "/cart"));
  }

  /// So a recording that can't keep up becomes one of fewer sessions, and those whole.
  @Test
  void whoHasLostSomethingMakesRoomForOthers() throws Exception {
    Recorder recorder = start();
    recorder.asked(get("ann", "/"));
    String large = "x".repeat(33 << 20);
    Sighting.Content content = new Sighting.Content("text/plain", false, large.length(), large);
    Seen lost =
        recorder.asked(
            new Sighting("10.0.0.1", true, "POST", "a", "/cart", SAID, content, time.nanos()));
    assertThat(lost.isOut).isTrue();
    assertThat(recorder.asked(byAddress("10.0.0.1", "/")).isOut).isTrue();
    assertThat(recorder.asked(get("ann", "/cart")).isOut).isFalse();
    // Known by a cookie from now on: whoever else comes from there is not left out for it.
    recorder.renamed(lost, "sid=1");
    assertThat(recorder.asked(get("sid=1", "/")).isOut).isTrue();
    assertThat(recorder.asked(byAddress("10.0.0.1", "/product/3")).isOut).isFalse();
    RecordingStatus status = recorder.stop();
    assertThat(status.leftOut()).isEqualTo(1);
    assertThat(sessions(file()).values())
        .containsExactlyInAnyOrder(List.of("/", "/cart"), List.of("/product/3"));
  }

  private Sighting tooLarge(String who, boolean isByAddress) {
    String large = "x".repeat(33 << 20);
    Sighting.Content content = new Sighting.Content("text/plain", false, large.length(), large);
    return new Sighting(who, isByAddress, "POST", "a", "/cart", SAID, content, time.nanos());
  }

  /// His session is over for the file by then, though he goes on; he is nobody new.
  @Test
  void whoHasLostSomethingAndIsGivenACookieMuchLaterIsNoSession() throws Exception {
    Recorder recorder = start();
    recorder.asked(tooLarge("ann", false));
    await(() -> recorder.status().leftOut() == 1, "the loss to be written down");
    time.advance(Duration.ofSeconds(70));
    recorder.asked(get("bob", "/"));
    await(() -> recorder.status().requests() == 1, "a look at who was silent");
    recorder.renamed(recorder.asked(get("ann", "/login")), "ann2");
    RecordingStatus status = recorder.stop();
    assertThat(status.sessions()).isEqualTo(1);
    assertThat(status.leftOut()).isEqualTo(1);
  }

  /// Two of his requests were under way when he was given his cookies.
  @Test
  void whoHasLostSomethingTakesNoCookieForWhoeverHasHisAddressNext() throws Exception {
    try (Recorder recorder = start()) {
      Seen first = recorder.asked(tooLarge("10.0.0.1", true));
      Seen second = recorder.asked(byAddress("10.0.0.1", "/"));
      recorder.renamed(first, "sid=1");
      recorder.asked(byAddress("10.0.0.1", "/product/3"));
      recorder.renamed(second, "sid=2");
      recorder.asked(byAddress("10.0.0.1", "/product/4"));
    }
    assertThat(sessions(file()).values()).containsExactly(List.of("/product/3", "/product/4"));
  }

  @Test
  void fieldsOfARequestTakeRoomToo() {
    try (Recorder recorder = start()) {
      Sighting.Said large =
          new Sighting.Said("x".repeat(33 << 20), null, null, null, false, false, false);
      Seen seen =
          recorder.asked(
              new Sighting(
                  "ann", false, "GET", "a", "/", large, Sighting.Content.NONE, time.nanos()));
      assertThat(seen.isOut).isTrue();
    }
  }

  /// Nothing of that is masked, so it must not stay in memory until somebody records again.
  @Test
  void whatIsSeenBehindTheEndIsLetGo() throws Exception {
    AtomicReference<@Nullable Recorder> told = new AtomicReference<>();
    // Whenever the writing thread looks at the clock somebody asks, and the time is over.
    Time seeing =
        new Time() {
          @Override
          public long nanos() {
            Recorder recorder = told.get();
            if (recorder == null || !Thread.currentThread().getName().equals("freshet-recorder")) {
              return time.nanos();
            }
            recorder.asked(get("ann", "/"));
            return time.nanos() + Duration.ofMinutes(11).toNanos();
          }

          @Override
          public long millis() {
            return time.millis();
          }
        };
    CountDownLatch over = new CountDownLatch(1);
    RecordingOrder order = RecordingOrder.of(file());
    byte[] key = new Rolls(7).bytes(32);
    Recorder recorder = Recorder.start(order, key, seeing, "test", over::countDown);
    told.set(recorder);
    over.await();
    assertThat(recorder.stop().ended()).isEqualTo("its time is over");
    assertThat(recorder.reserve(32 << 20)).as("all room is free").isTrue();
  }

  /// Lines are made of what was masked before; each must say what it would say by itself.
  @Test
  void whatIsAskedForAgainIsWrittenDownAsTheFirstTime() throws Exception {
    List<Sighting> all =
        List.of(
            get("ann", "/product/7?q=secretive"),
            get("bob", "/product/7?q=secretive"),
            get("bob", "/product/8"),
            new Sighting(
                "ann",
                false,
                "HEAD",
                "shop.example",
                "/product/7?q=secretive",
                new Sighting.Said("*/*", null, "bytes=0-9", "Bearer 2f8e1cc9", true, true, true),
                Sighting.Content.NONE,
                time.nanos()));
    try (Recorder recorder = start()) {
      for (int i = 0; i < 3; i++) {
        all.forEach(recorder::asked);
      }
    }
    List<Line.Asked> asked = new ArrayList<>();
    try (Lines lines = Recording.open(file()).lines()) {
      for (Line line = lines.next(); line != null; line = lines.next()) {
        if (line instanceof Line.Asked each) {
          asked.add(each);
        }
      }
    }
    assertThat(asked).hasSize(12);
    for (int i = 0; i < 12; i++) {
      Line.Asked each = asked.get(i);
      Line.Asked first = asked.get(i % 4);
      assertThat(each)
          .isEqualTo(
              new Line.Asked(
                  i + 1,
                  i % 4 == 0 || i % 4 == 3 ? 1 : 2,
                  0,
                  first.method(),
                  first.host(),
                  first.target(),
                  first.said(),
                  null,
                  first.masked()));
    }
    assertThat(asked.get(0).masked()).containsExactly("q");
    assertThat(asked.get(1).target()).isEqualTo(asked.get(0).target()).doesNotContain("secretive");
    assertThat(asked.get(3).said())
        .isEqualTo(new Line.Said("*/*", "", "bytes=0-9", "bearer", true, true, true));
  }

  @Test
  void numbersOfALineAreThoseTold() {
    for (long value : new long[] {0, 7, 10, 999, 1_000, 1_001, 60_050, 86_400_000_000L}) {
      Octets line = new Octets().clear().number(value).text(" ").thousandths(value);
      String text = new String(line.array(), 0, line.length(), StandardCharsets.ISO_8859_1);
      String[] parts = text.split(" ", -1);
      assertThat(parts[0]).isEqualTo(Long.toString(value));
      assertThat(Double.parseDouble(parts[1])).isEqualTo(value / 1e3);
    }
  }

  @Test
  void endsWhenItsTimeOrItsRoomIsOver() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    RecordingOrder order = RecordingOrder.of(file());
    Recorder timed = Recorder.start(order, new Rolls(7).bytes(32), time, "test", over::countDown);
    timed.asked(get("ann", "/"));
    time.advance(Duration.ofMinutes(11));
    over.await();
    assertThat(timed.stop().ended()).isEqualTo("its time is over");

    CountDownLatch full = new CountDownLatch(1);
    Path small = folder.resolve("small.frec");
    RecordingOrder tight =
        new RecordingOrder(
            small,
            order.lasting(),
            order.maxFile(),
            new ByteSize(1_000),
            order.maxContent(),
            Set.of());
    Recorder filled = Recorder.start(tight, new Rolls(7).bytes(32), time, "test", full::countDown);
    for (int i = 0; i < 100; i++) {
      filled.asked(get("ann", "/product/" + i));
    }
    full.await();
    assertThat(filled.stop().ended()).isEqualTo("the file is full");
    assertThat(sessions(small)).containsOnlyKeys(1);
  }

  @Test
  void aTruncatedFileIsGoodUpToItsLastWholeSession() throws Exception {
    try (Recorder recorder = start()) {
      for (int i = 0; i < 300; i++) {
        recorder.asked(get("visitor" + i, "/product/" + i));
      }
      // The first are silent for long, and so their sessions end.
      time.advance(Duration.ofSeconds(70));
      for (int i = 0; i < 2_000; i++) {
        recorder.asked(get("late" + i, "/category/" + i));
      }
    }
    byte[] all = Files.readAllBytes(file());
    Recording complete = Recording.open(file());
    assertThat(complete.isBroken()).isFalse();
    assertThat(complete.sessions()).isEqualTo(2_300);

    // Its tail is ends of sessions: cut there, some are whole.
    Path cut = folder.resolve("cut.frec");
    Files.write(cut, Arrays.copyOf(all, all.length - 200));
    Recording broken = Recording.open(cut);
    assertThat(broken.isBroken()).isTrue();
    assertThat(broken.sessions()).isBetween(1, 2_299);
    assertThat(broken.leftOut()).isEqualTo(2_300 - broken.sessions());
    sessions(cut).values().forEach(targets -> assertThat(targets).hasSize(1));
  }

  @Test
  void saysWhatIsNoRecordingAndWhatIsOfAnotherVersion() throws Exception {
    Path foreign = folder.resolve("foreign.frec");
    Files.writeString(foreign, "GET / HTTP/1.1\n");
    assertThatThrownBy(() -> Recording.open(foreign))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("it is no recording");
    pack(foreign, "{\"hello\": 1}\n");
    assertThatThrownBy(() -> Recording.open(foreign)).hasMessageContaining("it is no recording");
    pack(foreign, "{\"frec\": 2}\n");
    assertThatThrownBy(() -> Recording.open(foreign)).hasMessageContaining("version 2");
    pack(foreign, "{\"frec\": 1}\nhello\n");
    assertThatThrownBy(() -> Recording.open(foreign)).hasMessageContaining(":2: this is no line");
    Files.writeString(foreign, "{\"frec\": 1}\n{\"q\":1,\"s\":1,\"t\":\"/\"}\n{\"end\":1}\n");
    assertThat(Recording.open(foreign).sessions()).isEqualTo(1);
    assertThatThrownBy(() -> start(RecordingOrder.of(foreign), 8))
        .hasMessageContaining("it is there already");
  }

  private static void pack(Path file, String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream packed = new GZIPOutputStream(out)) {
      packed.write(text.getBytes(StandardCharsets.UTF_8));
    }
    Files.write(file, out.toByteArray());
  }

  static String unpacked(Path file) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
