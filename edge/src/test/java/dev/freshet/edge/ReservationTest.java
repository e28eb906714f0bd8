package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReservationTest {
  private final AtomicLong all = new AtomicLong();

  @Test
  void growsWhileThereIsRoomForEverybody() {
    Reservation one = new Reservation(all, 100);
    Reservation two = new Reservation(all, 100);
    assertThat(one.growTo(60)).isTrue();
    assertThat(one.growTo(50)).as("it is that large already").isTrue();
    assertThat(two.growTo(41)).isFalse();
    assertThat(two.growTo(40)).isTrue();
    assertThat(one.growTo(61)).isFalse();
    assertThat(all).hasValue(100);
  }

  @Test
  void givesBackOnceWhatItHas() {
    Reservation one = new Reservation(all, 100);
    assertThat(one.growTo(60)).isTrue();
    one.giveBack();
    one.giveBack();
    assertThat(all).hasValue(0);
    assertThat(one.growTo(100)).isTrue();
  }

  @Test
  void givesBackAPartOfWhatItHas() {
    Reservation one = new Reservation(all, 100);
    assertThat(one.growTo(60)).isTrue();
    one.shrinkTo(70);
    assertThat(all).hasValue(60);
    one.shrinkTo(20);
    assertThat(all).hasValue(20);
    one.giveBack();
    assertThat(all).hasValue(0);
  }
}
