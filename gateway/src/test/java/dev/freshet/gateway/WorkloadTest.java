package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Meters;
import dev.freshet.base.Rolls;
import dev.freshet.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/// Heavy hitters in bounded memory, against a model that forgets nothing.
class WorkloadTest {
  private static final int MOST = 20;

  /// For all of them: each keeps a thread at work on every statement that it sees twice.
  private static final Shapes SHAPES = new Shapes(task -> {});

  private static Workload workload(int most) {
    return new Workload(most, SHAPES, trace -> null, new Meters());
  }

  @AfterAll
  static void close() {
    SHAPES.close();
  }

  private static Statement statement(int number) {
    return Statement.read("select a" + number);
  }

  private static void run(Workload workload, int number, long nanos) {
    workload.ran(new Running(statement(number), null, 0, 0, null, null), nanos, 1, 10, null);
  }

  @Test
  void errorsStayWithinTheirBoundAndNoHeavyOneIsMissed() {
    for (long seed = 1; seed <= 60; seed++) {
      Rolls rolls = new Rolls(seed);
      Workload workload = workload(MOST);
      Map<String, Long> truth = new HashMap<>();
      long all = 0;
      int kinds = rolls.between(1, 200);
      for (int i = rolls.between(0, 2_000); i > 0; i--) {
        // Small numbers come often and cost much.
        int number = rolls.between(0, rolls.between(0, kinds));
        long nanos = rolls.between(1, 1_000_000 / (number + 1));
        run(workload, number, nanos);
        truth.merge("select a" + number, nanos, Long::sum);
        all += nanos;
      }
      StatementsSnapshot told = workload.snapshot(StatementOrder.TIME, 1_000);
      Map<String, StatementsSnapshot.Line> lines =
          told.statements().stream()
              .collect(Collectors.toMap(StatementsSnapshot.Line::text, Function.identity()));
      assertThat(lines).as("seed " + seed).hasSizeLessThanOrEqualTo(MOST);
      double bound = all / 1e6 / MOST;
      for (Map.Entry<String, Long> each : truth.entrySet()) {
        StatementsSnapshot.Line line = lines.get(each.getKey());
        double real = each.getValue() / 1e6;
        if (line == null) {
          assertThat(real).as("seed " + seed).isLessThanOrEqualTo(bound);
        } else {
          assertThat(line.totalMillis()).isLessThanOrEqualTo(real + 1e-9);
          assertThat(line.totalMillis() + line.missedMillisAtMost())
              .isGreaterThanOrEqualTo(real - 1e-9);
          assertThat(line.missedMillisAtMost()).isLessThanOrEqualTo(bound + 1e-9);
        }
      }
      if (truth.size() <= MOST) {
        assertThat(told.missedMillisAtMost()).isZero();
        assertThat(lines.values()).allSatisfy(l -> assertThat(l.missedMillisAtMost()).isZero());
      }
    }
  }

  @Test
  void sortsByWhatIsAskedFor() {
    Workload workload = workload(MOST);
    run(workload, 1, 1_000);
    for (int i = 0; i < 5; i++) {
      run(workload, 2, 100);
    }
    run(workload, 3, 900);
    run(workload, 3, 900);
    assertThat(texts(workload, StatementOrder.TIME)).containsExactly("3", "1", "2");
    assertThat(texts(workload, StatementOrder.CALLS)).containsExactly("2", "3", "1");
    assertThat(texts(workload, StatementOrder.MEAN)).containsExactly("1", "3", "2");
    assertThat(workload.snapshot(StatementOrder.TIME, 1).statements()).hasSize(1);
  }

  private static List<String> texts(Workload workload, StatementOrder order) {
    return workload.snapshot(order, 100).statements().stream()
        .map(line -> line.text().replace("select a", ""))
        .toList();
  }

  @Test
  void countsWithinARequestAndForgetsTheOldestOnes() {
    Repeats repeats = new Repeats();
    assertThat(repeats.count("a", 1)).isEqualTo(1);
    assertThat(repeats.count("b", 1)).isEqualTo(1);
    assertThat(repeats.count("a", 1)).isEqualTo(2);
    for (int i = 0; i < 100; i++) {
      assertThat(repeats.count("a", 100 + i)).isEqualTo(1);
    }
    assertThat(repeats.count("a", 101)).isEqualTo(2);
    for (int i = 0; i < 2_000; i++) {
      repeats.count("other " + i, 1);
    }
    assertThat(repeats.count("a", 1)).isEqualTo(1);
  }
}
