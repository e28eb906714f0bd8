package dev.freshet.trial;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// README's first promise: one command runs the shop, Freshet before it, and prints an honest
/// scorecard.
class DemoIT {
  private static final Pattern CONSOLE = Pattern.compile("console +(http://\\S+)\\s");
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
      assertThat(status(console(demo, out))).isEqualTo(200);
      assertThat(demo.waitFor(170, TimeUnit.SECONDS)).isTrue();
    } finally {
      demo.destroyForcibly();
    }
    String printed = Files.readString(out);
    assertThat(printed).contains("through Freshet", "requests/s", "hit ratio", "errors");
    assertThat(printed)
        .containsPattern("stale answers +\\S+ of \\d+ +0 of \\d+ ")
        .containsPattern("page load ms +(\\d|not measured)")
        .contains("query mean ms", "queries/connection", "pool wait p99 ms");
    assertThat(demo.exitValue()).as(printed).isZero();
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      assertThat(all.filter(p -> p.info().commandLine().orElse("").contains(data.toString())))
          .isEmpty();
    }
  }

  /// Where the console is, once it is said.
  private static String console(Process demo, Path out) throws IOException, InterruptedException {
    while (demo.isAlive()) {
      Matcher said = CONSOLE.matcher(Files.readString(out));
      if (said.find()) {
        return said.group(1);
      }
      demo.waitFor(100, TimeUnit.MILLISECONDS);
    }
    throw new AssertionError(Files.readString(out));
  }

  private static int status(String console) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(console + "/status"))
              .timeout(Duration.ofSeconds(60))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }
}
