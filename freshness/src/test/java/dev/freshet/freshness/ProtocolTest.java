package dev.freshet.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The argument of [Freshness] against a simulated database whose commits become visible late and
/// out of order, with every step in random order.
class ProtocolTest {
  private static final int RUNS = Integer.getInteger("freshness.runs", 400);
  private static final int STEPS = 600;

  @Test
  void noAnswerIsServedThatMissesWhatWasPublishedOrAcknowledged() {
    long served = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      SimulatedWorld world = new SimulatedWorld(seed, Set.of());
      world.run(STEPS);
      assertThat(world.violations()).as("seed %d", seed).isEmpty();
      served += world.served();
    }
    assertThat(served).as("the simulation serves from memory at all").isGreaterThan(RUNS * 20L);
  }

  @ParameterizedTest
  @EnumSource(SimulatedWorld.Fault.class)
  void theSimulationNoticesWhenARuleIsBroken(SimulatedWorld.Fault fault) {
    long found = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      SimulatedWorld world = new SimulatedWorld(seed, EnumSet.of(fault));
      world.run(STEPS);
      found += world.violations().size();
    }
    assertThat(found).as("%s goes unnoticed", fault).isPositive();
  }
}
