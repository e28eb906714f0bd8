package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.http.Fields;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is counted of channels, by when things happen. No real time goes by: requests are counted
/// from second 10 to second 20, and visitors have patience for 5.
class ConversationTest {
  private static final long EPOCH = 1_700_000_000_000L;
  private static final Turn LONG =
      new Turn.Expect(9, List.of(), Duration.ofHours(1), Map.of(), List.of());
  private static final Turn ANY = new Turn.Expect(1, List.of(), null, Map.of(), List.of());
  private final FakeTime time = new FakeTime(EPOCH);
  private final EmbeddedChannel embedded = new EmbeddedChannel();
  private final EventLoop loop = embedded.eventLoop();
  private final Aim aim =
      Aim.at(URI.create("http://127.0.0.1:1")).with(1, 1, Duration.ofSeconds(5));
  private final Dialler dialler = new Dialler(aim, aim.address(), false);
  private final Visits nobody = number -> () -> null;
  private final Lane lane = new Lane(loop, dialler, nobody, new Marks(), time, aim, 1, 1);
  private final Phase phase =
      new Phase("p", new Phase.Shape.Pause(), Duration.ofSeconds(10), Duration.ofSeconds(10));
  private final Round round = new Round(phase, 0, 1, 0, 0, new CountDownLatch(1));
  private final List<String> did = new ArrayList<>();
  private final Conversation.Peer peer =
      new Conversation.Peer() {
        @Override
        public void send(String text) {
          did.add(text);
        }

        @Override
        public void close(int code) {
          did.add("closed " + code);
        }
      };

  @BeforeEach
  void start() {
    embedded.freezeTime();
    lane.start(round);
  }

  /// To that second of the phase.
  private void at(double second) {
    long nanos = (long) (second * 1e9) - time.nanos();
    time.advance(Duration.ofNanos(nanos));
    embedded.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
    embedded.runScheduledPendingTasks();
  }

  private Talk talk(Delay.Unit unit, Turn... turns) {
    Delay delay = new Delay.Carried(Extraction.json("/at"), unit);
    return new Talk(Talk.Kind.WEB_SOCKET, List.of(), List.of(turns), delay, 1_000);
  }

  private Conversation begun(Talk talk) {
    Session session = new Session(round, new Pool(lane, dialler, 1, 1), false, () -> null);
    session.begin(Call.get("/"), lane.now());
    return new Conversation(lane, session, talk);
  }

  private Conversation begun(Turn... turns) {
    return begun(talk(Delay.Unit.MILLIS, turns));
  }

  private Conversation open(Turn... turns) {
    Conversation out = begun(turns);
    open(out);
    return out;
  }

  private void open(Conversation conversation) {
    conversation.opened(peer, new Reply(101, Fields.of(), 0, 0, null));
  }

  private static Reply message(String text) {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    return new Reply(200, Fields.of(), content.length, content.length, content);
  }

  private Figures figures() {
    return round.of(Call.get("/").step());
  }

  @Test
  void whatFailedInTheWarmUpFailsAgainWhereItCounts() {
    at(1);
    List<Check> wrong = List.of(new Check.Contains("never"));
    Conversation channel = open(new Turn.Expect(1, List.of(), null, Map.of(), wrong), LONG);
    channel.heard(message("{}"), 1);
    assertThat(round.failures.sum()).isEqualTo(1);
    assertThat(figures().failures()).isZero();
    at(11);
    channel.heard(message("{\"at\":\"no time\"}"), 1);
    channel.heard(message("{\"at\":\"no time\"}"), 1);
    channel.broke("closed", 0);
    assertThat(figures().failures()).isEqualTo(1);
    assertThat(figures().errors()).isEqualTo(Map.of("extract delay", 2L, "closed", 1L));
    assertThat(figures().tries()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"1", "12"})
  void aMessageThatHasNotComeWhenThePhaseIsOverIsAnError(double second) {
    at(second);
    Conversation channel = open(LONG);
    at(20);
    channel.hurry();
    at(24.9);
    assertThat(channel.isOver()).isFalse();
    at(25.1);
    assertThat(channel.isOver()).isTrue();
    assertThat(figures().errors()).isEqualTo(Map.of(Conversation.NO_MESSAGE, 1L));
    assertThat(figures().failures()).isEqualTo(1);
  }

  @Test
  void aRoundTripThatWasGivenUpHasTakenAsLong() {
    at(11);
    Conversation channel = open(new Turn.Send(Template.of("a")), ANY);
    at(16);
    assertThat(channel.isOver()).isTrue();
    assertThat(figures().channels().roundTrip().getMaxValue() / 1e9).isBetween(4.99, 5.01);
    assertThat(figures().errors()).containsOnlyKeys(Conversation.NO_MESSAGE);
    assertThat(did).containsExactly("a", "closed 1000");
  }

  /// Dialled before anything was counted and open behind that, it was opened, not open before; and
  /// what went wrong on it is one of the tries nevertheless.
  @Test
  void aChannelThatOpensAcrossTheBeginningIsOne() {
    at(9);
    Conversation across = begun(LONG);
    Conversation before = open(LONG);
    at(11);
    open(across);
    across.broke("closed", 0);
    before.broke("closed", 0);
    ChannelFigures channels = figures().channels();
    assertThat(channels.connect().getTotalCount()).isEqualTo(1);
    assertThat(channels.carriedOver()).isEqualTo(1);
    assertThat(channels.count()).isEqualTo(2);
    assertThat(figures().tries()).isEqualTo(2);
    assertThat(figures().errorRatio()).isEqualTo(1);
  }

  /// A time in whole milliseconds or seconds may be one behind the opening that it seems to be
  /// before; what is of an earlier one is not.
  @ParameterizedTest
  @CsvSource({
    "MILLIS, 1700000011000, 1",
    "MILLIS, 1700000010999, 0",
    "SECONDS, 1700000011, 1",
    "SECONDS, 1700000010, 0",
    "SECONDS, 1700000011.0001, 0",
    "SECONDS, 1700000011.0009, 1",
    "MICROS, 1700000011000600, 1",
    "MICROS, 1700000011000599, 0"
  })
  void aTimeInWholeUnitsIsFromAnyMomentOfItsUnit(Delay.Unit unit, String told, int times) {
    at(11.0006);
    Conversation channel = begun(talk(unit, LONG));
    open(channel);
    at(11.0008);
    channel.heard(message("{\"at\":" + told + "}"), 1);
    assertThat(figures().channels().delay().getTotalCount()).isEqualTo(times);
  }

  @Test
  void aClockThatIsSetMeanwhileAddsNothingToADelay() {
    at(11);
    Conversation channel = begun(talk(Delay.Unit.MILLIS, LONG));
    open(channel);
    time.setBy(Duration.ofHours(1));
    at(11.2);
    channel.heard(message("{\"at\":" + (time.millis() - 100) + "}"), 1);
    assertThat(figures().channels().delay().getMaxValue()).isBetween(99_000_000L, 101_000_000L);
  }

  @Test
  void aChannelThatIsNotOpenWhenThePhaseEndsHasNoMoreTimeThanOthers() {
    at(19);
    Conversation channel = begun(LONG);
    at(20);
    channel.hurry();
    at(26);
    // Whoever opens it would say when that takes too long.
    assertThat(channel.isOver()).isFalse();
    assertThat(round.open.sum()).isZero();
    open(channel);
    assertThat(round.open.sum()).isEqualTo(1);
    at(31);
    assertThat(channel.isOver()).isTrue();
    assertThat(round.open.sum()).isZero();
    assertThat(did).containsExactly("closed 1000");
  }

  @Test
  void whatOpensTooLateIsClosed() {
    at(11);
    Conversation channel = begun(LONG);
    channel.refused();
    open(channel);
    assertThat(did).containsExactly("closed 1000");
    assertThat(round.open.sum()).isZero();
    assertThat(figures().channels().count()).isZero();
  }
}
