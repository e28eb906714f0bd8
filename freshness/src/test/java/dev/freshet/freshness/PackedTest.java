package dev.freshet.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/// What answers depend on, as it is kept for long.
class PackedTest {
  private static final List<String> VALUES = List.of("", "1", "-7.5", "Zürich", "\u0000", "🛶");

  @RepeatedTest(50)
  void saysWhatItWasTold() {
    Rolls rolls = new Rolls(System.nanoTime());
    List<Dependency> told = new ArrayList<>();
    for (int i = rolls.between(0, 40); i > 0; i--) {
      Dependency.Rows rows =
          new Dependency.Rows(rolls.between(1, 2), rolls.between(1, 2), rolls.oneOf(VALUES));
      for (int many = rolls.chance(0.5) ? rolls.between(1, 9) : 1; many > 0; many--) {
        told.add(new Dependency.Rows(rows.relation(), rows.column(), rolls.oneOf(VALUES)));
      }
      List<Integer> columns = rolls.chance(0.5) ? List.of(2, 3) : List.of(3);
      for (int many = rolls.chance(0.5) ? rolls.between(1, 9) : 0; many > 0; many--) {
        Dependency.Rows row = new Dependency.Rows(rows.relation(), 1, rolls.oneOf(VALUES));
        told.add(Dependency.Columns.shown(row, columns));
      }
      switch (rolls.between(0, 5)) {
        case 0 -> told.add(new Dependency.Table(3));
        case 1 -> told.add(Dependency.Columns.of(rows, List.of(1, 4)));
        default -> {}
      }
    }
    assertThat(Packed.of(told).all()).as("seed %s", rolls.seed()).isEqualTo(told);
  }

  @Test
  void manyRowsOfOneTableTakeLittleMoreThanTheirValues() {
    List<Dependency> shown = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Dependency.Rows row = new Dependency.Rows(16_400, 1, String.valueOf(100_000 + i));
      shown.add(i < 100 ? row : Dependency.Columns.shown(row, List.of(2, 3, 5)));
    }
    assertThat(Packed.of(shown).weight()).isLessThan(200 * 12);
  }
}
