package dev.freshet.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The shop as a program of its own, and as a browser sees it.
@ExtendWith(Town.class)
class ShopTest {
  private final Town.Open town;

  ShopTest(Town.Open town) {
    this.town = town;
  }

  @Test
  void it_says_where_it_listens_and_stops_on_sigterm() throws IOException, InterruptedException {
    Process process = start(Map.of("DATABASE_URL", town.databaseUrl(), "PORT", "0"));
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      while (line != null && !line.contains("listening")) {
        line = out.readLine();
      }
      assertThat(line).matches("shop: listening on http://127.0.0.1:[0-9]+");
      process.destroy();
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(143);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void help_is_0_a_wrong_flag_2_and_a_lost_database_1() throws IOException, InterruptedException {
    assertThat(run(Map.of(), "--help")).startsWith("0 The demo shop").contains("DATABASE_URL");
    assertThat(run(Map.of(), "--size", "3")).startsWith("2 shop: --size").contains("--scale N");
    assertThat(run(Map.of(), "--scale", "much")).startsWith("2 shop: --scale much");
    assertThat(run(Map.of())).startsWith("2 shop: DATABASE_URL is not set");
    assertThat(run(Map.of("DATABASE_URL", "mysql://x/y"))).startsWith("2 shop: DATABASE_URL");
    assertThat(run(Map.of("DATABASE_URL", town.databaseUrl(), "PORT", "99999")))
        .startsWith("2 shop: PORT 99999");
    assertThat(run(Map.of("DATABASE_URL", "postgresql://a:b@127.0.0.1:1/none")))
        .startsWith("1 shop: database: ");
    assertThat(run(Map.of("DATABASE_URL", town.databaseUrl()), "--seed-only")).startsWith("0 ");
  }

  @Test
  void a_browser_runs_every_script_without_an_error(@TempDir Path profile)
      throws IOException, InterruptedException {
    Path chromium = Path.of("/usr/bin/chromium");
    assumeTrue(Files.isExecutable(chromium), "no Chromium here: the pages were not opened in it");
    List<String> command =
        List.of(
            chromium.toString(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--enable-logging=stderr",
            "--user-data-dir=" + profile.resolve("profile"),
            "--dump-dom",
            town.at("/product/7").toString());
    Path page = profile.resolve("page");
    Path log = profile.resolve("log");
    Process browser =
        new ProcessBuilder(command)
            .redirectOutput(page.toFile())
            .redirectError(log.toFile())
            .start();
    try {
      assertThat(browser.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      browser.destroyForcibly();
    }

    assertThat(Files.readString(page)).contains("data-ready=\"yes\"", "data-components=");
    assertThat(Files.readString(log)).doesNotContain("CONSOLE");
  }

  private static String run(Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    Process process = start(environment, args);
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return process.exitValue() + " " + said;
  }

  private static Process start(Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Shop.class.getName());
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("DATABASE_URL");
    builder.environment().putAll(environment);
    builder.environment().put("SHOP_DATA", Path.of("target", "shop-data").toString());
    return builder.start();
  }
}
