package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What somebody probably meant.
class NearestTest {
  private static final List<String> KEYS =
      List.of("listen", "origin", "admin", "token", "cache", "routes", "ignore-parameters");

  @ParameterizedTest
  @CsvSource({
    "listn, listen",
    "lsiten, listen",
    "listens, listen",
    "orgin, origin",
    "route, routes",
    "Cache, cache",
    "ignore_parameters, ignore-parameters"
  })
  void findsTheWordWithFewestEdits(String word, String meant) {
    assertThat(Nearest.of(word, KEYS)).isEqualTo(meant);
  }

  @ParameterizedTest
  @CsvSource({"x", "upstream", "zzzzz", "''"})
  void saysNothingWhereNothingIsNear(String word) {
    assertThat(Nearest.of(word, KEYS)).isNull();
  }

  @Test
  void countsASwapOfNeighboursAsOneEdit() {
    assertThat(Nearest.edits("ab", "ba")).isEqualTo(1);
    assertThat(Nearest.edits("abc", "abc")).isZero();
    assertThat(Nearest.edits("", "abc")).isEqualTo(3);
    assertThat(Nearest.edits("kitten", "sitting")).isEqualTo(3);
  }

  @RepeatedTest(50)
  void oneEditOfAnyKindIsAlwaysUnderstood(RepetitionInfo repetition) {
    long seed = repetition.getCurrentRepetition();
    Random random = new Random(seed);
    String key = KEYS.get(random.nextInt(KEYS.size()));
    StringBuilder word = new StringBuilder(key);
    int at = random.nextInt(key.length() - 1);
    switch (random.nextInt(4)) {
      case 0 -> word.deleteCharAt(at);
      case 1 -> word.insert(at, 'q');
      case 2 -> word.setCharAt(at, 'q');
      default -> word.insert(at, key.charAt(at + 1)).deleteCharAt(at + 2);
    }
    assertThat(Nearest.of(word.toString(), KEYS)).as("seed %d: %s", seed, word).isEqualTo(key);
  }
}
