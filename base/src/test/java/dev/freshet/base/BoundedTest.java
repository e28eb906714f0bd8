package dev.freshet.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BoundedTest {
  @Test
  void forgetsWhatWasUsedLongestAgo() {
    Bounded<String, Integer> map = Bounded.byUse(2);
    map.put("a", 1);
    map.put("b", 2);
    assertThat(map.get("a")).isEqualTo(1);
    map.put("c", 3);
    assertThat(map).containsOnlyKeys("a", "c");
  }

  @Test
  void forgetsWhatCameFirst() {
    Bounded<String, Integer> map = Bounded.byAge(2);
    map.put("a", 1);
    map.put("b", 2);
    assertThat(map.get("a")).isEqualTo(1);
    map.put("a", 4);
    map.put("c", 3);
    assertThat(map).containsOnlyKeys("b", "c");
  }

  @Test
  void holdsSomething() {
    assertThatThrownBy(() -> Bounded.byUse(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
