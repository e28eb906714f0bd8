package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.app.IndexAdvice.Costly;
import dev.freshet.app.Plans.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Which of the indexes that plans lack are worth naming.
class IndexAdviceTest {
  private static final MissingIndex BY_PRODUCT =
      new MissingIndex("public", "reviews", "product_id", 200_000, 18_000, "CREATE INDEX p");
  private static final MissingIndex BY_CUSTOMER =
      new MissingIndex("public", "orders", "customer_id", 300_000, 40_000, "CREATE INDEX c");

  private static Plan lacks(MissingIndex... indexes) {
    return new Plan(List.of(), List.of(indexes));
  }

  @Test
  void eachIsNamedOnceWithTheTimeOfAllItsStatements() {
    List<IndexAdvice> told =
        IndexAdvice.of(
            List.of(
                new Costly("orders of ?", "orders of $1", 50),
                new Costly("reviews of ?", "reviews of $1", 40),
                new Costly("stars of ?", "stars of $1", 30)),
            120,
            asked ->
                Map.of(
                    "orders of $1",
                    lacks(BY_CUSTOMER),
                    "reviews of $1",
                    lacks(BY_PRODUCT, BY_PRODUCT),
                    "stars of $1",
                    lacks(BY_PRODUCT)));
    assertThat(told)
        .extracting(IndexAdvice::sql)
        .containsExactly("CREATE INDEX p", "CREATE INDEX c");
    assertThat(told).extracting(IndexAdvice::millis).containsExactly(70.0, 50.0);
    assertThat(told.getFirst().statements()).containsExactly("reviews of ?", "stars of ?");
  }

  /// Every write would pay for it.
  @Test
  void whatTakesLittleIsNotWorthAnIndex() {
    List<String> asked = new ArrayList<>();
    List<IndexAdvice> told =
        IndexAdvice.of(
            List.of(new Costly("a", "a", 0.9), new Costly("b", "b", 1)),
            100,
            statements -> {
              asked.addAll(statements);
              return Map.of("a", lacks(BY_PRODUCT), "b", lacks(BY_CUSTOMER));
            });
    assertThat(told).extracting(IndexAdvice::name).containsExactly("orders (customer_id)");
    assertThat(asked).containsExactly("b");
  }
}
