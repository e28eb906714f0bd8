package dev.freshet.load;

import dev.freshet.load.BreakingPoint.Bench;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Puts rates on a real target, and reads its meters meanwhile where it has any.
///
/// @param readings begins a reading when asked, and gives what the meters showed since then
/// @param perVisit requests that a visit makes, on average: so many times fewer visits begin
/// @param visit how long a visit takes at the slowest that is asked for: so long it takes until as
///   many requests come as visits make
public record StressBench(
    Generator generator,
    Supplier<Supplier<Map<String, Double>>> readings,
    double perVisit,
    Duration visit)
    implements Bench {
  private static final Duration WARM_UP = Duration.ofMillis(700);
  private static final Duration SHORT = Duration.ofMillis(200);

  /// Visits of one request each.
  public StressBench(Generator generator, Supplier<Supplier<Map<String, Double>>> readings) {
    this(generator, readings, 1, Duration.ZERO);
  }

  @Override
  public Duration warmUp(Duration lasting) {
    Duration least = lasting.compareTo(WARM_UP.multipliedBy(2)) < 0 ? SHORT : WARM_UP;
    Duration most = visit.compareTo(lasting) < 0 ? visit : lasting;
    return least.compareTo(most) < 0 ? most : least;
  }

  @Override
  public @Nullable StressStep at(double rate, Duration lasting) throws InterruptedException {
    Meters meters = new Meters(readings);
    Measured measured =
        generator.run(Phase.constantRate(rate / perVisit, warmUp(lasting), lasting), meters);
    return measured.isStopped() ? null : step(rate, perVisit, measured, meters.shown);
  }

  /// Reads while requests are counted: not in the warm-up, and not while the rest is waited for.
  private static final class Meters implements Watch {
    private final Supplier<Supplier<Map<String, Double>>> readings;
    private Supplier<Map<String, Double>> reading = Map::of;
    private Map<String, Double> shown = Map.of();

    Meters(Supplier<Supplier<Map<String, Double>>> readings) {
      this.readings = readings;
    }

    @Override
    public void second(Phase phase, Measured.Second second) {}

    @Override
    public void began(Phase phase) {
      reading = readings.get();
    }

    @Override
    public void ended(Phase phase) {
      shown = reading.get();
    }
  }

  static StressStep step(
      double rate, double perVisit, Measured measured, Map<String, Double> readings) {
    Figures total = measured.total();
    // Who could not even be served a connection waited, which shows in the times.
    long sent = total.count() - total.unsent();
    boolean isSound = measured.validity() == Measured.Validity.VALID && total.ownFailures() == 0;
    return new StressStep(
        rate,
        perVisit,
        measured.seconds(),
        measured.goodPerSecond(),
        total.intended().getValueAtPercentile(50) / 1e6,
        total.intended().getValueAtPercentile(95) / 1e6,
        total.intended().getValueAtPercentile(99) / 1e6,
        total.count(),
        sent == 0 ? 0 : (double) (total.failures() - total.unsent()) / sent,
        // Little's law.
        measured.perSecond() * total.service().getMean() / 1e9,
        isSound,
        total.errors(),
        readings);
  }
}
