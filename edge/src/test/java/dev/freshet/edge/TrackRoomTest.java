package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Content that several hold is counted once, until the last of them lets it go.
class TrackRoomTest {
  private final AtomicLong all = new AtomicLong();
  private final TrackRoom room = new TrackRoom(all, 100);

  @Test
  void isCountedOnceForTheTripAndForAllWhoCollectIt() {
    assertThat(room.growTo(40)).isTrue();
    assertThat(room.hold()).isTrue();
    assertThat(room.hold()).isTrue();
    assertThat(room.growTo(60)).isTrue();
    assertThat(all).hasValue(60);
    room.letGo();
    assertThat(all).as("the trip and one more hold it").hasValue(60);
    room.giveBack();
    assertThat(all).as("one holds it").hasValue(60);
    room.letGo();
    assertThat(all).hasValue(0);
  }

  @Test
  void whatTheTripGaveBackIsCountedForWhoComesAfterIt() {
    assertThat(room.growTo(60)).isTrue();
    room.giveBack();
    assertThat(all).hasValue(0);
    assertThat(room.hold()).isTrue();
    assertThat(room.hold()).isTrue();
    assertThat(all).hasValue(60);
    room.letGo();
    room.letGo();
    assertThat(all).hasValue(0);
  }

  @Test
  void whatOnceHadNoRoomIsHeldByNobodyAnew() {
    Reservation others = new Reservation(all, 100);
    assertThat(others.growTo(50)).isTrue();
    assertThat(room.growTo(40)).isTrue();
    assertThat(room.hold()).isTrue();
    assertThat(room.growTo(60)).isFalse();
    assertThat(room.isRefused()).isTrue();
    others.giveBack();
    assertThat(room.hold()).isFalse();
    assertThat(room.wanted()).isEqualTo(60);
    room.giveBack();
    assertThat(all).hasValue(40);
    room.letGo();
    assertThat(all).hasValue(0);
  }

  @Test
  void whoComesWhenThereIsNoRoomHoldsNothing() {
    assertThat(room.growTo(60)).isTrue();
    room.giveBack();
    assertThat(new Reservation(all, 100).growTo(50)).isTrue();
    assertThat(room.hold()).isFalse();
    assertThat(all).hasValue(50);
  }
}
