package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.freshet.base.Meters;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ProcessTimesTest {

  @Test
  void tellsWhatEachHadSince() {
    Map<String, Long> before = Map.of("a (1)", 10L, "idle (2)", 4L);
    Map<String, Long> after = Map.of("a (1)", 25L, "idle (2)", 4L, "new (3)", 9L);
    assertThat(ProcessTimes.between(before, after)).isEqualTo(Map.of("a (1)", 15L));
  }

  /// On a real system: whoever looks is the generator, others have a name and a number.
  @Test
  void findsTheProcessesOfThisMachine() {
    assumeThat(Files.isDirectory(Path.of("/proc/self"))).as("a system with /proc").isTrue();
    Map<String, Long> now = ProcessTimes.now();
    assertThat(now.get("the load generator")).isPositive();
    assertThat(now.keySet())
        .filteredOn(name -> !name.equals("the load generator"))
        .allMatch(name -> name.matches("(?s).+ \\(\\d+\\)"));
  }

  @Test
  void aFreshetTellsItsOwnTime() {
    Meters meters = new Meters();
    ProcessTimes.tell(meters);
    assertThat(meters.all())
        .singleElement()
        .isInstanceOfSatisfying(
            Meters.Gauge.class, gauge -> assertThat(gauge.value().getAsDouble()).isPositive());
  }
}
