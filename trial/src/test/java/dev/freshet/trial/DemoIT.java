package dev.freshet.trial;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// README's first promise: one command runs the shop, Freshet before it, and prints an honest
/// scorecard.
class DemoIT {
  @TempDir private Path data;

  @Test
  @Timeout(180)
  void theQuickDemoPrintsAScorecardAndLeavesNothingBehind()
      throws IOException, InterruptedException {
    Path out = data.resolve("out.txt");
    Process demo =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.freshet.app.Main",
                    "demo",
                    "--quick",
                    "--scale",
                    "0.02",
                    "--data",
                    data.resolve("demo").toString()))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      assertThat(demo.waitFor(170, TimeUnit.SECONDS)).isTrue();
    } finally {
      demo.destroyForcibly();
    }
    String printed = Files.readString(out);
    assertThat(printed).contains("through Freshet", "requests/s", "hit ratio", "errors");
    assertThat(printed)
        .containsPattern("stale answers +\\S+ of \\d+ +0 of \\d+ ")
        .contains("query mean ms", "queries/connection", "pool wait p99 ms");
    assertThat(demo.exitValue()).as(printed).isZero();
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      assertThat(all.filter(p -> p.info().commandLine().orElse("").contains(data.toString())))
          .isEmpty();
    }
  }
}
