package dev.freshet.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The arguments of [Freshness] and [Nodes] against a simulated database whose commits become
/// visible late and out of order, and nodes that are late, lost or cut off, with every step in
/// random order.
class ProtocolTest {
  private static final int RUNS = Integer.getInteger("freshness.runs", 400);
  private static final int STEPS = 1_200;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void noAnswerIsServedThatMissesWhatWasPublishedOrAcknowledged(int nodes) {
    long served = 0;
    long acknowledged = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      SimulatedWorld world = new SimulatedWorld(seed, nodes, Set.of());
      world.run(STEPS);
      assertThat(world.violations()).as("seed %d", seed).isEmpty();
      served += world.served();
      acknowledged += world.acknowledged();
    }
    assertThat(served).as("the simulation serves from memory at all").isGreaterThan(RUNS * 20L);
    assertThat(acknowledged).as("the simulation acknowledges").isGreaterThan(RUNS * 10L);
  }

  @ParameterizedTest
  @EnumSource(SimulatedWorld.Fault.class)
  void theSimulationNoticesWhenARuleIsBroken(SimulatedWorld.Fault fault) {
    long found = 0;
    for (int seed = 0; seed < 20 * RUNS && found == 0; seed++) {
      SimulatedWorld world = new SimulatedWorld(seed, 2, EnumSet.of(fault));
      world.run(STEPS);
      found += world.violations().size();
    }
    assertThat(found).as("%s goes unnoticed", fault).isPositive();
  }

  @Test
  void runsAreRepeatable() {
    SimulatedWorld one = new SimulatedWorld(7, 2, EnumSet.of(SimulatedWorld.Fault.NO_FENCE));
    SimulatedWorld other = new SimulatedWorld(7, 2, EnumSet.of(SimulatedWorld.Fault.NO_FENCE));
    one.run(STEPS);
    other.run(STEPS);
    assertThat(one.violations()).isEqualTo(other.violations());
    assertThat(one.served()).isEqualTo(other.served()).isPositive();
    assertThat(one.acknowledged()).isEqualTo(other.acknowledged()).isPositive();
  }
}
