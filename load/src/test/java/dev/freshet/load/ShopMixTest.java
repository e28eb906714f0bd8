package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.load.Shot.Kind;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShopMixTest {
  private static final int MANY = 50_000;
  private static final int PRODUCTS = 500;
  private final ShopMix mix = new ShopMix(PRODUCTS, List.of());

  private static List<Shot> shots(Mix mix, long seed, int user, int count) {
    Mix.Script script = mix.of(seed, user);
    return Stream.generate(script::next).limit(count).toList();
  }

  @Test
  void theSameUserOfTheSameSeedDoesTheSame() {
    for (int user = 0; user < 20; user++) {
      assertThat(shots(mix, 5, user, 500))
          .isEqualTo(shots(new ShopMix(PRODUCTS, List.of()), 5, user, 500));
    }
  }

  @Test
  void whatOneUserDoesDoesNotDependOnTheOthers() {
    List<Shot> alone = shots(mix, 5, 1, 100);
    Mix.Script other = mix.of(5, 0);
    Mix.Script one = mix.of(5, 1);
    for (Shot shot : alone) {
      other.next();
      assertThat(one.next()).isEqualTo(shot);
      other.next();
    }
  }

  @Test
  void usersAndSeedsDiffer() {
    Set<List<Shot>> all = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      all.add(shots(mix, 5, i, 100));
      all.add(shots(mix, 6 + i, 0, 100));
    }
    assertThat(all).hasSize(100);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void kindsHaveTheSharesThatAreSaid(long seed) {
    Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    shots(mix, seed, 0, MANY).forEach(shot -> counts.merge(shot.kind(), 1, Integer::sum));
    Map<Kind, Double> said =
        Map.of(Kind.PAGE, 0.36, Kind.API, 0.30, Kind.STATIC, 0.32, Kind.WRITE, 0.02);
    said.forEach((kind, share) ->
        assertThat((double) counts.getOrDefault(kind, 0) / MANY)
            .as("%s, seed %d", kind, seed)
            .isCloseTo(share, Offset.offset(0.01)));
  }

  @Test
  void onlyWritesCarryContentAndOnlyEditorsALogin() {
    for (Shot shot : shots(mix, 1, 0, MANY)) {
      boolean isWrite = shot.kind() == Kind.WRITE;
      assertThat(shot.method()).isIn(isWrite ? List.of("POST", "PUT") : List.of("GET"));
      assertThat(shot.json() != null).isEqualTo(isWrite);
      assertThat(shot.authorization() != null).isEqualTo(shot.method().equals("PUT"));
      assertThat(shot.target()).matches("/[!-~]*");
    }
  }

  @Test
  void eachStockFigureIsFromOneWriteOnly() {
    Set<Figure> figures = new HashSet<>();
    int writes = 0;
    for (int user = 0; user < 1_000; user += 37) {
      for (Shot shot : shots(mix, 1, user, 10_000)) {
        Figure set = shot.sets();
        assertThat(set != null).isEqualTo(shot.method().equals("PUT"));
        if (set != null) {
          writes++;
          figures.add(new Figure("", set.name(), set.value()));
          assertThat(set.in(Objects.requireNonNull(shot.json()))).hasValue(set.value());
          assertThat(set.shownAt()).isEqualTo(shot.target());
        }
      }
    }
    assertThat(figures).hasSize(writes);
  }

  private static Map<Integer, Integer> products(ShopMix mix, long seed) {
    Map<Integer, Integer> counts = new HashMap<>();
    for (Shot shot : shots(mix, seed, 0, MANY)) {
      if (shot.target().startsWith("/product/")) {
        counts.merge(Integer.parseInt(shot.target().substring(9)), 1, Integer::sum);
      }
    }
    return counts;
  }

  @Test
  void fewProductsAreAskedForOftenAndManySeldom() {
    Map<Integer, Integer> counts = products(mix, 1);
    List<Integer> ranked = counts.values().stream().sorted((a, b) -> b - a).toList();
    int all = ranked.stream().mapToInt(Integer::intValue).sum();
    int top = ranked.stream().limit(10).mapToInt(Integer::intValue).sum();
    assertThat(top).isBetween(all * 30 / 100, all * 50 / 100);
    assertThat(counts.keySet()).allMatch(id -> id >= 1 && id <= PRODUCTS);
    assertThat(counts).hasSizeGreaterThan(PRODUCTS * 9 / 10);
    assertThat(counts.getOrDefault(14, 0)).isEqualTo(ranked.getFirst());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void aSmallShopIsAskedForWhatItHas(int products) {
    assertThat(products(new ShopMix(products, List.of()), 1).keySet())
        .isNotEmpty()
        .allMatch(id -> id >= 1 && id <= products);
  }

  @Test
  void categoriesAreTheShopsOwnWhereItsAreKnown() {
    Set<String> asked = new HashSet<>();
    for (Shot shot : shots(new ShopMix(10, List.of("hats", "gloves")), 1, 0, MANY)) {
      if (shot.target().startsWith("/category/")) {
        asked.add(shot.target().replaceFirst("\\?page=[2-4]$", ""));
      }
    }
    assertThat(asked).containsExactlyInAnyOrder("/category/hats", "/category/gloves");
  }
}
