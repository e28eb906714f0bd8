package dev.freshet.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RollsTest {
  private static final int MANY = 20_000;

  /// Everything a run can ask for, as text.
  private static String play(long seed) {
    Rolls rolls = new Rolls(seed);
    List<Object> out = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      out.add(rolls.between(-3, 1_000_000));
      out.add(rolls.nextLong());
      out.add(rolls.nextDouble());
      out.add(rolls.chance(0.5));
      out.add(rolls.oneOf(List.of("a", "b", "c")));
      out.add(List.of(rolls.bytes(3)[0], rolls.bytes(3)[2]));
      out.add(rolls.text(5, "-"));
    }
    return out.toString();
  }

  @Test
  void theSameSeedPlaysTheSameRun() {
    assertThat(play(42)).isEqualTo(play(42));
    assertThat(new Rolls(42).seed()).isEqualTo(42);
  }

  @Test
  void seedsPlayDifferentRuns() {
    assertThat(Stream.iterate(0L, s -> s + 1).limit(100).map(RollsTest::play).distinct())
        .hasSize(100);
  }

  /// A seed printed by an old failure still has to show it.
  @Test
  void aSeedPlaysWhatItAlwaysPlayed() {
    Rolls rolls = new Rolls(7);
    List<Integer> dice = Stream.generate(() -> rolls.between(1, 6)).limit(10).toList();
    assertThat(dice).containsExactly(5, 4, 2, 4, 4, 2, 6, 4, 3, 1);
    assertThat(rolls.text(8, "")).isEqualTo("16U58lbF");
  }

  @Test
  void betweenIncludesBothEndsAndNothingBeyond() {
    Rolls rolls = new Rolls(1);
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      seen.add(rolls.between(-2, 2));
    }
    assertThat(seen).containsExactlyInAnyOrder(-2, -1, 0, 1, 2);
    assertThat(rolls.between(5, 5)).isEqualTo(5);
    assertThat(rolls.between(Integer.MAX_VALUE, Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void chanceKeepsItsProbability() {
    Rolls rolls = new Rolls(2);
    int hits = 0;
    for (int i = 0; i < MANY; i++) {
      hits += rolls.chance(0.3) ? 1 : 0;
      assertThat(rolls.chance(0)).isFalse();
      assertThat(rolls.chance(1)).isTrue();
    }
    assertThat((double) hits / MANY).isCloseTo(0.3, Offset.offset(0.02));
  }

  @Test
  void oneOfTakesEachAsOften() {
    Rolls rolls = new Rolls(3);
    int[] counts = new int[4];
    for (int i = 0; i < MANY; i++) {
      counts[rolls.oneOf(List.of(0, 1, 2, 3))]++;
    }
    for (int count : counts) {
      assertThat((double) count / MANY).isCloseTo(0.25, Offset.offset(0.02));
    }
  }

  @Test
  void textsAreOfLettersDigitsAndWhatWasGiven() {
    Rolls rolls = new Rolls(4);
    String text = rolls.text(MANY, "-/");
    assertThat(text).hasSize(MANY).matches("[a-zA-Z0-9/-]+").contains("-", "/");
    assertThat(text.chars().distinct().count()).isEqualTo(64);
    assertThat(rolls.text(0, "")).isEmpty();
    assertThat(rolls.bytes(17)).hasSize(17);
  }
}
