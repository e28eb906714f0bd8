package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.freshet.base.Rolls;
import dev.freshet.load.Usl.Point;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UslTest {

  private static List<Point> points(double... pairs) {
    List<Point> out = new ArrayList<>();
    for (int i = 0; i < pairs.length; i += 2) {
      out.add(new Point(pairs[i], pairs[i + 1]));
    }
    return out;
  }

  /// SPEC SDM91 on a Sun SPARCcenter 2000, as analysed in chapter 5 of "Guerrilla Capacity
  /// Planning"; parameters and standard errors as the R package usl 3.0 prints them (`specsdm91`).
  @Test
  void recoversThePublishedParametersOfSdm91() {
    Usl usl =
        Usl.fit(
            points(
                1, 64.9, 18, 995.9, 36, 1652.4, 72, 1853.2, 108, 1828.9, 144, 1775.0, 216, 1702.2));
    assertThat(usl.rate().value()).isCloseTo(89.9952330, within(1e-3));
    assertThat(usl.contention().value()).isCloseTo(0.0277285, within(1e-6));
    assertThat(usl.crosstalk().value()).isCloseTo(0.0001044, within(1e-7));
    assertThat(usl.rate().error()).isCloseTo(14.2134894, within(1e-2));
    assertThat(usl.contention().error()).isCloseTo(0.0091217, within(1e-5));
    assertThat(usl.crosstalk().error()).isCloseTo(0.0000199, within(1e-6));
    assertThat(usl.peakLoad()).isCloseTo(96.5, within(0.5));
    assertThat(usl.contention().low()).isLessThan(usl.contention().value());
  }

  /// A server whose requests work beside each other, one after the other at what they share, and
  /// wait for each other in pairs: by its nature its throughput follows the law.
  private static double throughput(Rolls rolls, int clients, double rate, double a, double b) {
    double beside = (1 - a) / rate;
    double shared = a / rate;
    double pair = b / rate;
    int rounds = 60;
    double took = 0;
    for (int i = 0; i < rounds; i++) {
      took += beside * (0.5 + rolls.nextDouble());
      took += shared * clients * (0.8 + 0.4 * rolls.nextDouble());
      took += pair * clients * (clients - 1) * (0.5 + rolls.nextDouble());
    }
    return clients * rounds / took;
  }

  @Test
  void recoversASimulatedServersParametersWithinTheirIntervals() {
    int held = 0;
    for (int i = 0; i < 200; i++) {
      Rolls rolls = new Rolls(31L + i);
      double rate = 20 + rolls.nextDouble() * 400;
      double a = 0.01 + rolls.nextDouble() * 0.1;
      double b = 1e-4 + rolls.nextDouble() * 1e-3;
      List<Point> points = new ArrayList<>();
      for (int clients = 1; clients <= 64; clients += clients < 8 ? 1 : 8) {
        points.add(new Point(clients, throughput(rolls, clients, rate, a, b)));
      }
      Usl usl = Usl.fit(points);
      boolean isHeld =
          holds(usl.rate(), rate) && holds(usl.contention(), a) && holds(usl.crosstalk(), b);
      held += isHeld ? 1 : 0;
      assertThat(usl.rate().value()).as("seed " + (31 + i)).isCloseTo(rate, within(rate * 0.15));
    }
    // All three of them at once: each alone in 95 of 100.
    assertThat(held).isGreaterThan(170);
  }

  private static boolean holds(Usl.Parameter parameter, double truth) {
    return parameter.low() <= truth && truth <= parameter.high();
  }

  @Test
  void findsNoLimitWhereThroughputGrowsWithTheLoad() {
    Usl usl = Usl.fit(points(1, 100, 2, 201, 4, 399, 8, 802, 16, 1598));
    assertThat(usl.contention().value()).isBetween(0.0, 0.01);
    assertThat(usl.crosstalk().value()).isBetween(0.0, 1e-3);
    assertThat(usl.at(10)).isCloseTo(1_000, within(20.0));
    assertThat(usl.explained()).isGreaterThan(0.999);
  }

  @Test
  void takesLoadsBelowOne() {
    Usl usl = Usl.fit(points(0.1, 10, 0.5, 48, 2, 180, 6, 420, 20, 700, 40, 750));
    assertThat(usl.at(0.1)).isCloseTo(10, within(3.0));
    assertThat(usl.peak()).isBetween(700.0, 900.0);
  }

  @Test
  void refusesTooFewMeasurements() {
    assertThatThrownBy(() -> Usl.fit(points(1, 10, 2, 20, 4, 30))).hasMessageContaining("four");
    assertThatThrownBy(() -> Usl.fit(points(1, 10, 2, 20, 2, 21, 1, 11)))
        .hasMessageContaining("three different");
  }

  @Test
  void plansNodesWithSomeToSpare() {
    CapacityPlan plan = new CapacityPlan(1_000, 0.5);
    assertThat(plan.users()).isEqualTo(2_000);
    assertThat(plan.nodes(1_000)).hasValue(1);
    assertThat(plan.nodes(1_400)).hasValue(1);
    assertThat(plan.nodes(1_401)).hasValue(2);
    assertThat(plan.nodes(4_000)).hasValue(3);
    assertThat(plan.nodes(4_001)).isEmpty();
    assertThat(new CapacityPlan(0, 1).nodes(5)).isEmpty();
  }

  /// Throughput that grows faster than the load: the best fit without the bound has a crosstalk
  /// below 0, but how far above it might be is not known for sure.
  @Test
  void aParameterAtItsBoundIsNoCertainty() {
    Usl usl = Usl.fit(points(1, 100, 2, 230, 4, 420, 8, 950, 16, 1_700));
    for (Usl.Parameter one : List.of(usl.contention(), usl.crosstalk())) {
      assertThat(one.high()).isGreaterThan(one.value());
    }
  }

  /// Wherever the points lie: never worse than the line that the search can begin with.
  @Test
  void fitsAnyPointsNoWorseThanALine() {
    for (int i = 0; i < 300; i++) {
      Rolls rolls = new Rolls(400L + i);
      List<Point> points = new ArrayList<>();
      for (int load = 1; load <= 32; load *= 2) {
        points.add(new Point(load, 1 + rolls.nextDouble() * 1_000));
      }
      Usl usl = Usl.fit(points);
      double line = points.stream().mapToDouble(p -> p.throughput() / p.load()).max().orElseThrow();
      Usl.Parameter none = new Usl.Parameter(0, 0, 0, 0);
      Usl plain = new Usl(new Usl.Parameter(line, 0, line, line), none, none, points);
      assertThat(usl.explained()).as("seed " + (400 + i)).isGreaterThanOrEqualTo(plain.explained());
      assertThat(usl.rate().value()).as("seed " + (400 + i)).isPositive();
    }
  }
}
