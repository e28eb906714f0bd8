package dev.freshet.load;

import dev.freshet.base.Time;
import dev.freshet.load.LoadResult.Line;
import dev.freshet.load.Measured.Validity;
import dev.freshet.load.Shot.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/// So many users of a [Mix] on one target: a closed model, so what is measured is how long so many
/// users wait, not what a rate of arrivals would meet. Beside them somebody looks for stale answers
/// ([Audit]).
///
/// @param users each with a connection and cookies of its own; the next request goes out when the
///   last is answered, and thought about
/// @param warmUp before anything is counted
/// @param lasting for how long is counted
/// @param seed the same seed makes the same users do the same
public record UserLoad(Aim aim, Mix mix, int users, Duration warmUp, Duration lasting, long seed) {

  /// Runs to the end, or until the thread is interrupted.
  public LoadResult run(Time time) throws InterruptedException {
    return run(time, generator -> {});
  }

  /// @param begins given the generator before it begins
  LoadResult run(Time time, Consumer<Generator> begins) throws InterruptedException {
    Phase phase = Phase.users(users, warmUp, lasting);
    Audit audit = Audit.start(aim.target(), aim.timeout(), time);
    try {
      MixVisits visits = new MixVisits(mix, seed, audit);
      Measured measured;
      try (Generator generator = Generator.open(aim, visits, time)) {
        begins.accept(generator);
        measured = generator.run(phase, Watch.none());
      }
      return result(measured, visits, audit.finish());
    } finally {
      audit.close();
    }
  }

  private LoadResult result(Measured measured, MixVisits visits, Audited audited) {
    Map<Kind, Line> byKind = new EnumMap<>(Kind.class);
    Kept all = new Kept();
    for (Kind kind : Kind.values()) {
      Figures figures = measured.steps().getOrDefault(kind.text(), new Figures());
      all.add(visits.kept(kind));
      byKind.put(kind, Line.of(figures, visits.kept(kind), measured.seconds()));
    }
    Line total = Line.of(measured.total(), all, measured.seconds());
    return new LoadResult(
        users,
        measured.seconds(),
        total,
        byKind,
        audited,
        measured.validity(),
        warnings(measured),
        new Caching(warmUp.toMillis() / 1e3, visits.warming().told(), all.told()));
  }

  private static List<String> warnings(Measured measured) {
    List<String> out = new ArrayList<>();
    if (measured.latenessMillis() > Measured.LATE_MILLIS) {
      out.add(
          String.format(
              Locale.ROOT,
              "%s (p99 %.1f ms): it shares the processors",
              Validity.LATE.text(),
              measured.latenessMillis()));
    }
    if (measured.waited() > Measured.STARVED) {
      out.add(
          String.format(
              Locale.ROOT,
              "%s (it waited for one %.0f %% of the time)",
              Validity.STARVED.text(),
              100 * measured.waited()));
    }
    return out;
  }
}
