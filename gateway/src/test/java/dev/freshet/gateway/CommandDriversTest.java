package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// psql, pgbench and Node's drivers work through the gateway as they do without it.
@Timeout(150)
class CommandDriversTest {
  @TempDir private Path folder;

  private static String url(int port) {
    return "postgresql://app:"
        + Backstage.PASSWORD.replace(" ", "%20")
        + "@127.0.0.1:"
        + port
        + "/shop";
  }

  @Test
  void psqlSaysTheSame() throws IOException, InterruptedException {
    Tool psql = Tool.find("psql", folder);
    Path script = folder.resolve("script.sql");
    try (InputStream in = CommandDriversTest.class.getResourceAsStream("psql.sql")) {
      Files.copy(Objects.requireNonNull(in), script);
    }
    String[] arguments = {"-X", "-a", "-f", script.toString(), ""};
    try (Gateway gateway = Backstage.gateway(2)) {
      arguments[4] = url(Backstage.serverPort());
      Tool.Ended direct = psql.run(arguments);
      arguments[4] = url(gateway.address().port());
      Tool.Ended through = psql.run(arguments);
      assertThat(masked(through.text())).isEqualTo(masked(direct.text()));
      assertThat(direct.text()).contains("PRIMARY KEY", "a notice of 1", "Asynchronous notif");
      assertThat(through.code()).isEqualTo(direct.code());
    }
  }

  /// Process ids differ, and the lines of the server's source may.
  private static String masked(String text) {
    return text.replaceAll("with PID \\d+", "with PID n");
  }

  @Test
  void psqlCancels() throws IOException, InterruptedException, SQLException {
    Tool psql = Tool.find("psql", folder);
    Tool kill = Tool.find("kill", folder);
    try (Gateway gateway = Backstage.gateway(2);
        Connection admin = Backstage.administrator()) {
      String sleep = "select 'by psql', pg_sleep(50)";
      Process asking = psql.start("-X", "-c", sleep, url(gateway.address().port()));
      String running =
          "select count(*) from pg_stat_activity where state = 'active' and query like"
              + " 'select ''by psql''%'";
      while (Backstage.one(admin, running).equals("0")) {
        Thread.onSpinWait();
      }
      assertThat(kill.run("-INT", "" + asking.pid()).code()).isZero();
      assertThat(Tool.ended(asking).text()).contains("canceling statement due to user request");
    }
  }

  @Test
  void pgbenchRunsEveryScriptByEveryProtocol() throws IOException, InterruptedException {
    Tool pgbench = Tool.find("pgbench", folder);
    try (Gateway gateway = Backstage.gateway(4)) {
      String url = url(gateway.address().port());
      Tool.Ended prepared = pgbench.run("-i", "-q", "-s", "1", url);
      assertThat(prepared.code()).as(prepared.text()).isZero();
      // One thread for all clients: pgbench does nothing for the others while one of them prepares.
      for (String script : List.of("tpcb-like", "simple-update", "select-only")) {
        for (String protocol : List.of("simple", "extended", "prepared")) {
          Tool.Ended run =
              pgbench.run(
                  "-n", "-b", script, "-M", protocol, "-c", "8", "-j", "1", "-t", "20", url);
          String what = script + ", " + protocol + ": " + run.text();
          assertThat(run.code()).as(what).isZero();
          assertThat(run.text())
              .as(what)
              .contains("actually processed: 160/160")
              .doesNotContain("ERROR", "error:");
        }
      }
      Tool.Ended pipelined = pgbench.run("-n", "-f", pipeline(), "-M", "extended", "-t", "50", url);
      assertThat(pipelined.code()).as(pipelined.text()).isZero();
    }
  }

  private String pipeline() throws IOException {
    String text =
        "\\startpipeline\nselect 1;\nselect 2;\nselect abalance from pgbench_accounts where aid ="
            + " 3;\n\\endpipeline\n";
    return Files.writeString(folder.resolve("pipeline.sql"), text).toString();
  }

  @Test
  void nodePostgresAndKnexSayTheSame()
      throws IOException, InterruptedException, URISyntaxException {
    Path classes =
        Path.of(
            CommandDriversTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path place = Files.createDirectories(classes.resolveSibling("drivers"));
    Path source = classes.resolve("../../src/test/node").normalize();
    Tool node = Tool.find("node", place);
    Tool npm = Tool.find("npm", place);
    for (String file : List.of("package.json", "package-lock.json", "drivers.mjs")) {
      Files.deleteIfExists(place.resolve(file));
      Files.copy(source.resolve(file), place.resolve(file));
    }
    if (!Files.exists(place.resolve("node_modules/knex"))) {
      Tool.Ended installed = npm.run("ci", "--no-audit", "--no-fund", "--ignore-scripts");
      assertThat(installed.code()).as(installed.text()).isZero();
    }
    try (Gateway gateway = Backstage.gateway(3)) {
      Tool.Ended direct = node.run("drivers.mjs", url(Backstage.serverPort()));
      assertThat(direct.code()).as(direct.text()).isZero();
      Tool.Ended through = node.run("drivers.mjs", url(gateway.address().port()));
      assertThat(through.text()).isEqualTo(direct.text());
      assertThat(direct.text().lines()).hasSizeGreaterThan(20);
      assertThat(gateway.snapshot().pins()).containsOnlyKeys("listen");
    }
  }
}
