package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.freshet.assets.Treemap.Box;
import dev.freshet.assets.Treemap.Node;
import dev.freshet.base.Rolls;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TreemapTest {
  @Test
  void areasAreSizesAndLieWithinTheWholeBesideEachOther() {
    Rolls rolls = new Rolls(41);
    for (int run = 0; run < 200; run++) {
      double[] sizes = new double[rolls.between(1, 40)];
      Arrays.setAll(sizes, i -> rolls.between(1, 100_000));
      Arrays.sort(sizes);
      double[] falling = new double[sizes.length];
      Arrays.setAll(falling, i -> sizes[sizes.length - 1 - i]);
      double sum = Arrays.stream(sizes).sum();
      List<Box> boxes = Treemap.layout(falling, new Box(10, 20, 600, 400));

      assertThat(boxes).hasSize(falling.length);
      for (int i = 0; i < falling.length; i++) {
        Box box = boxes.get(i);
        assertThat(box.width() * box.height())
            .as("seed %d, run %d", rolls.seed(), run)
            .isCloseTo(falling[i] / sum * 240_000, within(1e-3));
        assertThat(box.x()).isGreaterThanOrEqualTo(10);
        assertThat(box.y()).isGreaterThanOrEqualTo(20);
        assertThat(box.x() + box.width()).isLessThanOrEqualTo(610 + 1e-6);
        assertThat(box.y() + box.height()).isLessThanOrEqualTo(420 + 1e-6);
        for (int k = 0; k < i; k++) {
          assertThat(overlap(box, boxes.get(k))).isLessThan(1e-3);
        }
      }
    }
  }

  private static double overlap(Box a, Box b) {
    double x = Math.min(a.x() + a.width(), b.x() + b.width()) - Math.max(a.x(), b.x());
    double y = Math.min(a.y() + a.height(), b.y() + b.height()) - Math.max(a.y(), b.y());
    return Math.max(0, x) * Math.max(0, y);
  }

  @Test
  void namesOfFilesCanNotBecomeMarkup() {
    Node node = new Node("<b>&\"", "<i>", 10, "#fff", List.of());
    assertThat(Treemap.svg(List.of(node), 100, 100))
        .contains("&lt;b&gt;&amp;&quot;", "<title>&lt;i&gt;</title>")
        .doesNotContain("<b>", "<i>");
  }
}
