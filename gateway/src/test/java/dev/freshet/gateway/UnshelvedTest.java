package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnshelvedTest {
  private final List<String> kept = new ArrayList<>();
  private final Unshelved unshelved = new Unshelved();

  private void add(String name, int octets) {
    unshelved.add(name, octets, () -> kept.add(name));
  }

  @Test
  void waitsUntilSomebodyAsksForOne() {
    add("soup", 10);
    add("bread", 10);
    assertThat(kept).isEmpty();
    assertThat(unshelved.has("soup")).isTrue();
    assertThat(unshelved.has("wine")).isFalse();
    unshelved.putAway();
    assertThat(kept).containsExactly("soup", "bread");
    assertThat(unshelved.has("soup")).isFalse();
    unshelved.putAway();
    assertThat(kept).hasSize(2);
  }

  @Test
  void neverHoldsMuch() {
    for (int i = 0; i < 15; i++) {
      add("small " + i, 10);
    }
    assertThat(kept).isEmpty();
    add("small 15", 10);
    assertThat(kept).hasSize(16);
    kept.clear();
    add("large", 1 << 20);
    assertThat(kept).containsExactly("large");
  }

  /// The later one comes later, and is what is found.
  @Test
  void twoOfOneKeyArePutAwayInTheirOrder() {
    unshelved.add("soup", 10, () -> kept.add("first"));
    unshelved.add("soup", 10, () -> kept.add("second"));
    assertThat(kept).containsExactly("first");
    unshelved.putAway();
    assertThat(kept).containsExactly("first", "second");
  }

  /// As one does who has waited for an answer, and goes on.
  @Test
  void whoIsPutAwayMayAddAnother() {
    unshelved.add("soup", 10, () -> add("bread", 10));
    unshelved.putAway();
    assertThat(kept).isEmpty();
    assertThat(unshelved.has("bread")).isTrue();
    unshelved.putAway();
    assertThat(kept).containsExactly("bread");
  }
}
