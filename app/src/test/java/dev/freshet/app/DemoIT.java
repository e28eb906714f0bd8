package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
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
  private static final Pattern SHOP = Pattern.compile("shop bare +(http://\\S+)\\s");
  private static final Pattern PATH = Pattern.compile("get: (/[^ ,$}\\n]*)[ ,}\\n]");
  @TempDir private Path data;

  @Test
  @Timeout(180)
  void theQuickDemoPrintsAScorecardAndLeavesNothingBehind()
      throws IOException, InterruptedException {
    Path out = data.resolve("out.txt");
    ProcessBuilder program =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.freshet.app.Main",
                    "demo",
                    "--quick",
                    "--warm",
                    "2",
                    "--ahead",
                    "2",
                    "--scale",
                    "0.02",
                    "--data",
                    data.resolve("demo").toString()))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    // Of all its programs: they live for a minute, and code compiled twice takes much of that.
    program.environment().put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    Process demo = program.start();
    try {
      assertThat(status(said(CONSOLE, demo, out) + "/status")).isEqualTo(200);
      String shop = said(SHOP, demo, out);
      for (String path : pathsOfTheShopScenario()) {
        assertThat(status(shop + path)).as(path).isEqualTo(200);
      }
      assertThat(demo.waitFor(170, TimeUnit.SECONDS)).isTrue();
    } finally {
      Stream.concat(demo.descendants(), Stream.of(demo.toHandle()))
          .toList()
          .forEach(ProcessHandle::destroyForcibly);
    }
    String printed = Files.readString(out);
    assertThat(printed).contains("through Freshet", "requests/s", "hit ratio", "errors");
    assertThat(printed)
        // On a busy machine nobody may have written while it was measured.
        .containsPattern("stale answers +(\\S+ of \\d+|not measured) +(0 of \\d+|not measured) ")
        .containsPattern("page load ms +(\\d|not measured)")
        .contains("query mean ms", "queries/connection", "pool wait p99 ms");
    assertThat(printed)
        .contains("CREATE INDEX CONCURRENTLY IF NOT EXISTS freshet_reviews_product_id")
        .containsPattern(
            "note: through Freshet: with the (index|\\d+ indexes) that its report names: ")
        .containsPattern("API mean ms, both indexed +\\d\\S* +\\d")
        .containsPattern("\\d+ of \\d\\S* made in \\d+ s")
        .containsPattern("asked ahead +- +\\d+ in \\d+ s")
        .contains("What is still slow", "/#time");
    assertThat(printed.lines().filter(line -> line.startsWith("  - ") || line.startsWith("    ")))
        .allMatch(line -> line.length() <= 100);
    assertThat(demo.exitValue()).as(printed).isZero();
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      assertThat(all.filter(p -> p.info().commandLine().orElse("").contains(data.toString())))
          .isEmpty();
    }
  }

  /// `--scenario shop` is of use only where the shop has what it asks for.
  private static List<String> pathsOfTheShopScenario() throws IOException {
    try (InputStream in = Main.class.getResourceAsStream("shop-load.yaml")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      List<String> paths = PATH.matcher(text).results().map(m -> m.group(1)).distinct().toList();
      assertThat(paths).contains("/").hasSizeGreaterThan(5);
      return paths;
    }
  }

  /// An address, once it is said.
  private static String said(Pattern where, Process demo, Path out)
      throws IOException, InterruptedException {
    while (demo.isAlive()) {
      Matcher said = where.matcher(Files.readString(out));
      if (said.find()) {
        return said.group(1);
      }
      demo.waitFor(100, TimeUnit.MILLISECONDS);
    }
    throw new AssertionError(Files.readString(out));
  }

  private static int status(String url) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(60)).build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }
}
