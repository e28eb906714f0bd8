package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Time;
import dev.freshet.load.Bottleneck.Part;
import dev.freshet.load.StressStep.Target;
import dev.freshet.load.StressStep.Verdict;
import dev.freshet.testkit.ScriptedOrigin;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A generator that is the limit itself says so, and blames no site.
@Timeout(60)
class OwnLimitTest {
  private static final Target TARGET = new Target(150, 0.01);
  private static final Duration LASTING = Duration.ofMillis(500);

  /// Each visit takes its one event loop five milliseconds: it can't begin more than 200 a second,
  /// however fast a machine and a site are. Nothing is read of the machine's processors, so that
  /// whoever else uses them changes nothing.
  @Test
  void theGeneratorIsNamedWhereItIsTheLimit() throws InterruptedException {
    long each = Duration.ofMillis(5).toNanos();
    Visits laborious =
        number -> {
          long end = Time.system().nanos() + each;
          while (Time.system().nanos() < end) {
            Thread.onSpinWait();
          }
          return Visits.of(Call.get("/")).visitor(number);
        };
    String ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    try (ScriptedOrigin site = ScriptedOrigin.answering(ok);
        Generator generator =
            Generator.open(
                Aim.at(URI.create(site.url())).with(1, 100, Duration.ofSeconds(1)),
                laborious,
                Time.system())) {
      StressBench bench = new StressBench(generator, () -> Map::of);
      StressStep few = Objects.requireNonNull(bench.untilSettled(20, LASTING, TARGET));
      StressStep many = Objects.requireNonNull(bench.untilSettled(800, LASTING, TARGET));
      assertThat(many.verdict(TARGET)).as(many.toString()).isEqualTo(Verdict.UNSOUND);
      List<Bottleneck> limits = Bottleneck.between(few, many, TARGET);
      assertThat(limits).extracting(Bottleneck::part).containsExactly(Part.GENERATOR);
      assertThat(limits.getFirst().evidence()).contains("later than it meant to");
    }
  }
}
