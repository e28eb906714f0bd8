package dev.freshet.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What an operator says an answer doesn't show no longer counts, and nothing else.
class UnshownTest {
  private static final long PRODUCTS = 10;
  private static final int ID = 1;
  private static final int PRICE = 2;
  private static final int STOCK = 3;
  private static final Map<Long, Set<Integer>> STOCKS = Map.of(PRODUCTS, Set.of(STOCK));

  private static Dependency.Rows product(String id) {
    return new Dependency.Rows(PRODUCTS, ID, id);
  }

  private static Dependency shown(String id, Integer... columns) {
    return Dependency.Columns.shown(product(id), List.of(columns));
  }

  private static Map<Dependency, Long> read(Dependency... all) {
    Map<Dependency, Long> out = new LinkedHashMap<>();
    for (Dependency each : all) {
      out.put(each, 100L);
    }
    return out;
  }

  @Test
  void whatIsShownNowhereNoLongerCounts() {
    Unshown unshown = new Unshown(STOCKS, Map.of(), "");
    assertThat(unshown.without(read(shown("7", PRICE, STOCK), shown("8", STOCK))))
        .containsOnlyKeys(shown("7", PRICE));
  }

  @Test
  void whatRowsWereChosenByGoesOnToCount() {
    Unshown unshown = new Unshown(STOCKS, STOCKS, "7");
    Dependency chosen = Dependency.Columns.of(product("7"), List.of(ID, STOCK));
    Dependency whole = product("8");
    Dependency other = Dependency.Columns.shown(new Dependency.Rows(11, ID, "7"), List.of(STOCK));
    assertThat(unshown.without(read(chosen, whole, other))).containsOnlyKeys(chosen, whole, other);
  }

  @Test
  void ofTheRowThatTheAddressNamesItIsShown() {
    Unshown unshown = new Unshown(Map.of(), STOCKS, "7");
    assertThat(unshown.without(read(shown("8", PRICE, STOCK), shown("7", PRICE, STOCK))))
        .containsOnlyKeys(shown("8", PRICE), shown("7", PRICE, STOCK));
  }

  /// As `/product/007`: the app may well understand it.
  @Test
  void anAddressThatNamesNoRowThatWasReadTakesNothingAway() {
    Map<Dependency, Long> read = read(shown("8", PRICE, STOCK), shown("7", PRICE, STOCK));
    assertThat(new Unshown(Map.of(), STOCKS, "007").without(read)).isEqualTo(read);
    Map<Dependency, Long> whole = read(shown("8", PRICE, STOCK), product("7"));
    assertThat(new Unshown(Map.of(), STOCKS, "7").without(whole)).isEqualTo(whole);
  }

  @Test
  void whatIsLeftCountsFromTheEarlierOfTwoReads() {
    Map<Dependency, Long> read = new LinkedHashMap<>();
    read.put(shown("7", PRICE, STOCK), 100L);
    read.put(shown("7", PRICE), 50L);
    assertThat(new Unshown(STOCKS, Map.of(), "").without(read))
        .containsExactly(Map.entry(shown("7", PRICE), 50L));
  }
}
