package dev.freshet.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.testkit.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The dashboard in a real browser where there is little to show.
@Timeout(120)
class DashboardTest {
  /// A Freshet without database, gateway and live updates, whose only origin is away.
  private static final String STATUS =
      """
      {"version": "1", "uptimeSeconds": 90, "connections": 0, "optimize": null,
       "cache": {"keys": 0, "weight": 0, "capacity": 1048576, "evictions": 0, "second": "off"},
       "origins": [{"origin": "<img src=x>", "state": "down", "active": 0, "waiting": 0,
                    "p50Millis": null, "failures": {}, "last": null}]}
      """;

  private static final String ROUTES =
      """
      {"routes": [{"route": "<script>alert(1)</script>", "requests": 0, "hitRatio": 0,
                   "sentBytes": 0, "p50Millis": 0, "p95Millis": 0, "p99Millis": 0,
                   "notStored": null}]}
      """;

  @TempDir private Path profile;

  private static Object json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatIsAbsentOrBrokenKeepsNothingElseFromBeingShown()
      throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    try (Desk desk = new Desk()) {
      desk.status = () -> json(STATUS);
      desk.routes = () -> json(ROUTES);
      desk.pool = () -> Map.of("pools", List.of());
      desk.statements = query -> Map.of("statements", List.of());
      desk.bottlenecks =
          () -> {
            throw new IllegalStateException("the database is away");
          };
      String page =
          Chromium.dom(program.orElseThrow(), profile, "http://" + desk.address() + "/", 3_000);
      // Its script has these words, too.
      assertThat(page.substring(0, page.indexOf("<script>")))
          .contains("version 1, up 1.5 min", "there is no gateway", "no statement yet")
          .contains("Without a database", "&lt;script&gt;alert(1)", "&lt;img src=x&gt;")
          .contains("can't be told: /bottlenecks answered 500")
          .doesNotContain("NaN", "undefined", "no answer from Freshet");
      assertThat(Files.readString(profile.resolve("chromium.log")).lines())
          .noneMatch(line -> line.contains("CONSOLE") && !line.contains("500"));
    }
  }

  @Test
  void whatBecomesOfPagesAndFilesStandsThereAndWhyNothingDoes()
      throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    String optimize =
        """
        {"on": true, "level": "full", "pages": 7, "lazy": 6, "sized": 5, "first": 4, "named": 3,
         "critical": 2, "ahead": 1, "serviceWorker": {"on": false, "assets": 0},
         "checks": {"same": 9, "different": 1001, "off": {"a.test/*": "tree"}, "allOff": true},
         "forms": {"webp": 1, "savedBytes": 1048576, "waiting": 0, "pictures": "none",
                   "refused": {"gain": 2, "mapped": 31, "slow": 0}, "trouble": "no <esbuild>"},
         "browsers": {"differences": 12, "savedBytes": 2097152, "dictionaryBytes": 1048576,
                      "earlyHints": 34, "aheadGiven": 5, "aheadRefused": 6}}
        """;
    try (Desk desk = new Desk()) {
      desk.status = () -> json(STATUS.replace("\"optimize\": null", "\"optimize\": " + optimize));
      desk.routes = () -> json(ROUTES);
      desk.pool = () -> Map.of("pools", List.of());
      desk.statements = query -> Map.of("statements", List.of());
      String page =
          Chromium.dom(program.orElseThrow(), profile, "http://" + desk.address() + "/", 3_000);
      assertThat(page.substring(0, page.indexOf("<script>")))
          .contains("2 sheets need not be waited for, 1 files asked for ahead.")
          .contains("9 the same, 1,001 not; ended for all pages.")
          .contains("Left as they are: mapped 31, gain 2. no &lt;esbuild&gt;<")
          .contains("Sent as what differs: 12 answers, 2.0 MB saved, 1.0 MB of dictionaries.")
          .contains("Early hints: 34 pages. Fetched ahead: 5 from memory, 6 refused.")
          .doesNotContain("NaN", "undefined");
    }
  }

  @Test
  void indexesThatTheDatabaseLacksStandThereAsAScript() throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    try (Desk desk = new Desk()) {
      desk.status = () -> json(STATUS);
      desk.routes = () -> json(ROUTES);
      desk.pool = () -> Map.of("pools", List.of());
      desk.statements = query -> Map.of("statements", List.of());
      desk.bottlenecks =
          () ->
              json(
                  """
                  {"isMeasured": true, "trips": 1, "bottlenecks": [], "indexes": [{"table": "notes",
                    "column": "author", "rows": 9000, "millis": 1234.5,
                    "statements": ["select <b>\\nfrom notes"], "sql": "CREATE INDEX x"}]}
                  """);
      String page =
          Chromium.dom(program.orElseThrow(), profile, "http://" + desk.address() + "/", 3_000);
      assertThat(page)
          .containsPattern("-- notes \\(author\\), 9.000 rows: for statements that took 1.23\\d ms")
          .contains("--   select &lt;b&gt; from notes\nCREATE INDEX x;</pre>");
    }
  }
}
