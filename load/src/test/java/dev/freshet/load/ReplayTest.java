package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.recording.Recording;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a replay plans, before anything is sent.
// JUnit ends a test that is interrupted.
@SuppressWarnings("InterruptedExceptionSwallowed")
class ReplayTest {
  private static final String FILE =
      """
      {"frec":1}
      {"q":1,"s":1,"at":0.0,"m":"GET","h":"a.b","t":"/"}
      {"q":2,"s":2,"at":10.0,"m":"GET","h":"a.b","t":"/product/7"}
      {"q":3,"s":1,"at":20.0,"m":"GET","h":"a.b","t":"/a.css"}
      {"a":1,"s":1,"ms":30.0,"status":200,"octets":1}
      {"q":4,"s":1,"at":100.0,"m":"POST","h":"a.b","t":"/login","type":"application/json","body":"{\\"password\\":\\"xyz\\",\\"n\\":7}","masked":["password"]}
      {"q":5,"s":3,"at":110.0,"m":"GET","h":"a.b","t":"/lost"}
      {"out":3}
      {"a":3,"s":1,"ms":200.0,"status":304,"octets":1}
      {"q":6,"s":1,"at":400.0,"m":"GET","h":"a.b","t":"/events","stream":true}
      {"end":1}
      {"end":2}
      {"over":500.0,"why":"stopped"}
      """;
  @TempDir private Path folder;

  private Replay replay(ReplayOrder order) throws Exception {
    Path file = folder.resolve("t.frec");
    Files.writeString(file, FILE);
    return new Replay(Recording.open(file), order);
  }

  private static List<Due> planned(Replay replay, int lanes) throws Exception {
    replay.begin(lanes);
    while (!replay.isRead()) {
      replay.await();
    }
    List<Due> out = new ArrayList<>();
    for (int i = 0; i < lanes; i++) {
      BlockingQueue<Due> queue = replay.queue(i);
      queue.drainTo(out);
    }
    replay.end(false);
    return out;
  }

  private static ReplayOrder order(double speed, int times, boolean withWrites) {
    return new ReplayOrder(speed, times, withWrites, false, Map.of("password", "hi"), null);
  }

  @Test
  void recordedTimesAreDividedBySpeed() throws Exception {
    Replay replay = replay(order(10, 2, true));
    Phase phase = replay.phase(Duration.ZERO, null);
    List<Due> due = planned(replay, 1);
    assertThat(due.stream().map(one -> one.nanos() / 1_000).toList())
        .containsExactly(0L, 1_000L, 2_000L, 10_000L, 50_000L, 51_000L, 52_000L, 60_000L);
    assertThat(phase.lasting()).isGreaterThan(Duration.ofMillis(60));
    assertThat(replay.leftOut()).isEqualTo(Map.of("streams", 2L));
    assertThat(replay.masked()).isEmpty();
  }

  @Test
  void aRequestWaitsForWhatHadBeenAnsweredBeforeIt() throws Exception {
    List<Due> due = planned(replay(order(1, 1, true)), 1);
    assertThat(due.stream().map(Due::number).toList()).containsExactly(1L, 2L, 3L, 4L);
    // The style sheet was asked for before the page was there, the login before the style sheet.
    assertThat(due.get(2).beside()).isEqualTo(Set.of(1L));
    assertThat(due.get(3).beside()).isEqualTo(Set.of(3L));
    Sitting sitting = due.get(3).sitting();
    assertThat(sitting).isSameAs(due.get(0).sitting()).isNotSameAs(due.get(1).sitting());
    sitting.out.add(3L);
    assertThat(sitting.mayBegin(due.get(3))).isTrue();
    sitting.out.add(1L);
    assertThat(sitting.mayBegin(due.get(3))).isFalse();
  }

  @Test
  void aSessionStaysOnOneLane() throws Exception {
    Replay replay = replay(order(1, 3, false));
    replay.begin(2);
    while (!replay.isRead()) {
      replay.await();
    }
    List<Due> first = new ArrayList<>(replay.queue(0));
    List<Due> second = new ArrayList<>(replay.queue(1));
    assertThat(first.stream().map(Due::sitting).toList())
        .doesNotContainAnyElementsOf(second.stream().map(Due::sitting).toList());
    assertThat(first.size() + second.size()).isEqualTo(9);
    assertThat(replay.leftOut()).containsEntry("writes (--with-writes makes them)", 3L);
  }

  @Test
  void givenValuesStandInTheFieldsOfTheirNames() throws Exception {
    Call login = planned(replay(order(1, 1, true)), 1).get(3).call();
    String sent = new String(login.octets("a.b", ""), StandardCharsets.UTF_8);
    assertThat(sent).endsWith("\r\n\r\n{\"password\":\"hi\",\"n\":7}");
    assertThat(login.step()).isEqualTo("POST /login");
  }

  @Test
  void aGivenNumberStandsForANumberAndTheOthersStayAsPreciseAsTheyWere() throws Exception {
    Map<String, String> values = Map.of("n", "12", "password", "34");
    Replay replay = replay(new ReplayOrder(1, 1, true, false, values, null));
    Files.writeString(
        folder.resolve("t.frec"),
        FILE.replace("\\\"n\\\":7", "\\\"n\\\":7,\\\"x\\\":0.12345678901234567890123"));
    Call login = planned(replay, 1).get(3).call();
    assertThat(new String(login.content(), StandardCharsets.UTF_8))
        .isEqualTo("{\"password\":\"34\",\"n\":12,\"x\":0.12345678901234567890123}");
    Replay text = replay(new ReplayOrder(1, 1, true, false, Map.of("n", "[1]"), null));
    assertThat(new String(planned(text, 1).get(3).call().content(), StandardCharsets.UTF_8))
        .isEqualTo("{\"password\":\"xyz\",\"n\":\"[1]\"}");
  }

  @Test
  void whatWasRecordedIsCountedOfWhatIsReplayed() throws Exception {
    Replay replay = replay(order(1, 1, false));
    replay.phase(Duration.ofMillis(5), null);
    planned(replay, 1);
    Recorded.Part all = replay.recorded().all();
    // The first is of the warm-up, the write and the lost session are not made.
    assertThat(all.asked).isEqualTo(2);
    assertThat(all.classes[3]).isEqualTo(1);
    assertThat(replay.recorded().routes()).containsOnlyKeys("GET /a.css", "GET /product/{n}");
  }

  /// More than its queue takes, of one session.
  private Replay large() throws Exception {
    StringBuilder lines = new StringBuilder("{\"frec\":1}\n");
    for (int i = 1; i <= 20_000; i++) {
      lines.append(
          "{\"q\":%d,\"s\":1,\"at\":1.0,\"m\":\"GET\",\"h\":\"a.b\",\"t\":\"/\"}\n".formatted(i));
    }
    Path file = folder.resolve("large.frec");
    Files.writeString(file, lines + "{\"end\":1}\n{\"over\":2.0,\"why\":\"stopped\"}\n");
    return new Replay(Recording.open(file), order(1, 1, false));
  }

  @Test
  @Timeout(20)
  void aReplayEndsAlsoWhereItsReaderHasPutNothingIntoTheQueuesYet() throws Exception {
    for (boolean isCut : new boolean[] {true, false}) {
      Replay replay = large();
      replay.begin(1);
      // Nobody has waited for the reader: the queue is empty still, or it isn't, and no lane takes.
      replay.end(isCut);
      assertThat(replay.isRead()).isTrue();
    }
  }

  @Test
  void aReplayThatWasStoppedIsNotHeldAgainstWhatWasReadAhead() throws Exception {
    Replay replay = replay(order(1, 1, false));
    Phase phase = replay.phase(Duration.ZERO, null);
    planned(replay, 1);
    ReplayReport whole = new ReplayReport(replay, measured(phase, false));
    assertThat(whole.text()).contains("requests/s were due", "GET /product/{n}");
    assertThat(whole.text().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    assertThat(whole.data()).containsKey("dueRequestsPerSecond");
    ReplayReport cut = new ReplayReport(replay, measured(phase, true));
    assertThat(cut.text())
        .contains("stopped", "1 requests are left out")
        .doesNotContain("due", "{n}");
    assertThat(cut.table()).contains("stopped").doesNotContain("<td>");
    assertThat(cut.data())
        .containsEntry("isStopped", true)
        .containsEntry("routes", Map.of())
        .doesNotContainKey("dueRequestsPerSecond");
  }

  private static Measured measured(Phase phase, boolean isStopped) {
    Histogram none = new Histogram(2);
    return new Measured(
        phase, 0.1, new Figures(), Map.of(), none, none, -1, -1, List.of(), isStopped);
  }

  private static String get(int number, int session) {
    return "{\"q\":%d,\"s\":%d,\"at\":1.0,\"m\":\"GET\",\"h\":\"a.b\",\"t\":\"/%d\"}\n"
        .formatted(number, session, number);
  }

  @Test
  void sessionsThatWereTakenAreReadToTheirEndsBehindTheLimit() throws Exception {
    Path file = folder.resolve("ends.frec");
    Files.writeString(
        file,
        "{\"frec\":1}\n"
            + get(1, 1)
            + get(2, 2)
            + get(3, 3)
            + get(4, 1)
            + "{\"end\":1}\n"
            + "{\"end\":2}\n{\"end\":3}\n{\"over\":2.0,\"why\":\"stopped\"}\n");
    Recording recording = Recording.open(file);
    RecordedVisits visits = RecordedVisits.of(recording, ReplayOrder.plain(), 2);
    assertThat(visits.requestsPerVisit()).isEqualTo(1.5);
    assertThat(visits.mostRequests()).isEqualTo(2);
    // The third had not begun when the limit was reached.
    Visits.Visitor third = visits.visitor(2);
    assertThat(third.next()).extracting(Call::target).isEqualTo("/1");
    assertThat(third.next()).extracting(Call::target).isEqualTo("/4");
    assertThat(third.next()).isNull();
  }

  @Test
  void routesAreToldByWhatTheirPathsHaveInCommon() {
    assertThat(Requests.pattern("/a/12/b9f86d081/x-y")).isEqualTo("/a/{n}/{x}/x-y");
    assertThat(Requests.pattern("/")).isEqualTo("/");
  }
}
