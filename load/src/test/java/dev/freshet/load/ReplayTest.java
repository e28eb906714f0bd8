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
import org.junit.jupiter.api.Test;
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
    replay.end();
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

  @Test
  void routesAreToldByWhatTheirPathsHaveInCommon() {
    assertThat(Requests.pattern("/a/12/b9f86d081/x-y")).isEqualTo("/a/{n}/{x}/x-y");
    assertThat(Requests.pattern("/")).isEqualTo("/");
  }
}
