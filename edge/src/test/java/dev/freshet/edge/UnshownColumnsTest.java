package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.edge.RouteRule.Share;
import dev.freshet.freshness.Dependency;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An app that reads whole rows to show a name of them, and an operator who says so.
class UnshownColumnsTest {
  private final RowWorld world = new RowWorld(null);
  private final Shopfront shop =
      Shopfront.on(
          world.database(),
          null,
          rule("/list", List.of("products.stock", "nowhere.stock", "products.x"), List.of()),
          rule("/product/*", List.of(), List.of("products.stock")));

  @AfterEach
  void close() {
    shop.close();
  }

  private static RouteRule rule(String match, List<String> unshown, List<String> beside) {
    return RouteRule.plain(match)
        .withShare(Share.PUBLIC)
        .withRows(new RouteRule.Rows(List.of(), unshown, beside));
  }

  private static Dependency shown(int id) {
    Dependency.Rows row = new Dependency.Rows(RowWorld.PRODUCTS, RowWorld.ID, Integer.toString(id));
    return Dependency.Columns.shown(row, List.of(RowWorld.PRICE, RowWorld.STOCK));
  }

  private void ask(String path) {
    shop.act(path, world.answer("made", RowWorld.reading(shown(7), shown(8))));
    shop.get(path);
  }

  private boolean isKept(String path) {
    return String.valueOf(shop.get(path).field("Cache-Status")).startsWith("freshet; hit");
  }

  @Test
  void whatTheAppReadsAndDoesNotShowEndsNoAnswer() {
    ask("/list");
    world.update(7, RowWorld.STOCK);
    assertThat(isKept("/list")).isTrue();
    world.update(7, RowWorld.PRICE);
    assertThat(isKept("/list")).isFalse();
  }

  @Test
  void ofTheRowThatThePathNamesItIsShown() {
    ask("/product/7");
    world.update(8, RowWorld.STOCK);
    assertThat(isKept("/product/7")).isTrue();
    world.update(7, RowWorld.STOCK);
    assertThat(isKept("/product/7")).isFalse();
  }

  /// Some apps read it as 7.
  @Test
  void aPathThatNamesNoRowThatWasReadTakesNothingAway() {
    for (String path : List.of("/product/07", "/product/%37", "/product/7a")) {
      ask(path);
      world.update(8, RowWorld.STOCK);
      assertThat(isKept(path)).as(path).isFalse();
    }
  }
}
