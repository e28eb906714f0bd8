package dev.freshet.load;

import dev.freshet.load.BreakingPoint.Bench;
import dev.freshet.load.StressStep.Target;
import java.time.Duration;
import java.util.HashMap;
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

  /// So few at a time are too much for nobody.
  private static final int VISITORS = 8;

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
  public Duration patience() {
    return generator.patience();
  }

  @Override
  public @Nullable WarmUp warm(Duration most) throws InterruptedException {
    generator.connect();
    WarmUp.Judge judge = new WarmUp.Judge(generator::endPhase);
    Measured measured = generator.run(Phase.users(VISITORS, Duration.ZERO, most), judge);
    return measured.isStopped()
        ? null
        : new WarmUp(
            step(measured.goodPerSecond(), perVisit, measured, Map.of()),
            VISITORS,
            judge.perSecond(),
            judge.hitRatio(),
            judge.isSteady());
  }

  @Override
  public @Nullable StressStep at(double rate, Duration lasting) throws InterruptedException {
    Meters meters = new Meters(readings);
    return step(rate, generator.run(phase(rate, lasting), meters), meters);
  }

  @Override
  public @Nullable StressStep untilSettled(double rate, Duration lasting, Target target)
      throws InterruptedException {
    Meters meters = new Meters(readings);
    double requests = rate * lasting.toNanos() / 1e9;
    Phase phase = phase(rate, lasting);
    return step(rate, generator.runUntilSettled(phase, meters, target, requests), meters);
  }

  private Phase phase(double rate, Duration lasting) {
    return Phase.constantRate(rate / perVisit, warmUp(lasting), lasting);
  }

  private @Nullable StressStep step(double rate, Measured measured, Meters meters) {
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
    double late = total.ownFailures() == 0 ? measured.latenessMillis() : Double.POSITIVE_INFINITY;
    return new StressStep(
        rate,
        perVisit,
        measured.seconds(),
        measured.goodPerSecond(),
        total.felt(h -> h.getValueAtPercentile(50)) / 1e6,
        total.felt(h -> h.getValueAtPercentile(95)) / 1e6,
        total.felt(h -> h.getValueAtPercentile(99)) / 1e6,
        total.count(),
        sent == 0 ? 0 : (double) (total.failures() - total.unsent()) / sent,
        // Little's law.
        measured.perSecond() * total.service().getMean() / 1e9,
        hitRatio(total),
        late,
        total.errors(),
        readings(readings, measured));
  }

  /// Of the good answers: a target that refuses some is not a colder one.
  private static double hitRatio(Figures total) {
    long failing =
        total.statuses().entrySet().stream()
            .filter(one -> one.getKey() >= 400)
            .mapToLong(Map.Entry::getValue)
            .sum();
    long good = total.answers() - failing;
    if (total.hitRatio() < 0) {
      return -1;
    }
    return good == 0 ? 0 : Math.min(1, total.hitRatio() * total.answers() / good);
  }

  /// The generator's own beside the target's.
  private static Map<String, Double> readings(Map<String, Double> targets, Measured measured) {
    Map<String, Double> out = new HashMap<>(targets);
    Figures total = measured.total();
    if (total.answers() > 0 && measured.seconds() > 0) {
      out.put(Bottleneck.ANSWER, total.service().getMean() / 1e6);
      out.put(Bottleneck.HANDING, total.handing() / 1e6);
      // By what came meanwhile: of what was asked for, some came when the step was over.
      double each = (double) total.octets() / total.answers();
      out.put(Bottleneck.MEGABYTES, each * measured.perSecond() / 1e6);
    }
    if (measured.worked() >= 0) {
      out.put(Bottleneck.GENERATOR_WORKED, measured.worked());
      out.put(Bottleneck.GENERATOR_WAITED, measured.waited());
    }
    return out;
  }
}
