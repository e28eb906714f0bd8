package dev.freshet.load;

import dev.freshet.load.BreakingPoint.Bench;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Puts rates on a real target, and reads its meters meanwhile where it has any.
///
/// @param readings begins a reading when asked, and gives what the meters showed since then
public record StressBench(
    Generator generator, Watch watch, Supplier<Supplier<Map<String, Double>>> readings)
    implements Bench {
  private static final Duration WARM_UP = Duration.ofMillis(700);
  private static final Duration SHORT = Duration.ofMillis(200);

  @Override
  public @Nullable StressStep at(double rate, Duration lasting) throws InterruptedException {
    Duration warmUp = lasting.compareTo(WARM_UP.multipliedBy(2)) < 0 ? SHORT : WARM_UP;
    Supplier<Map<String, Double>> reading = readings.get();
    Measured measured = generator.run(Phase.constantRate(rate, warmUp, lasting), watch);
    return measured.isStopped() ? null : step(rate, measured, reading.get());
  }

  private static StressStep step(double rate, Measured measured, Map<String, Double> readings) {
    Figures total = measured.total();
    double perSecond = measured.perSecond();
    return new StressStep(
        rate,
        measured.seconds(),
        perSecond * (1 - total.errorRatio()),
        total.intended().getValueAtPercentile(50) / 1e6,
        total.intended().getValueAtPercentile(95) / 1e6,
        total.intended().getValueAtPercentile(99) / 1e6,
        total.errorRatio(),
        // Little's law.
        perSecond * total.service().getMean() / 1e9,
        measured.validity() == Measured.Validity.VALID,
        total.errors(),
        readings);
  }
}
