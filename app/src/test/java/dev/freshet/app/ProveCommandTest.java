package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.testkit.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `freshet prove` on a site that is there.
@Timeout(120)
class ProveCommandTest {
  @TempDir private Path folder;
  private final PlainApp app =
      new PlainApp()
          .page("/", "<a href='/about?a=1&amp;b=2'>about</a> <a href='/logout'>bye</a>")
          .page("/about", "about", "Cache-Control: max-age=600")
          .page("/api/things", "[]", "Cache-Control: max-age=600")
          .page("/cart", "yours", "Cache-Control: no-store")
          .page("/logout", "gone");
  private final Wiring running = start(app.url());

  private static Wiring start(String origin) {
    Settings settings =
        Reading.read("listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: " + origin + "\n");
    return Wiring.start(settings, () -> settings);
  }

  @AfterEach
  void close() {
    running.close();
    app.close();
  }

  private Shell prove(int rounds, String... more) {
    List<String> all = new ArrayList<>(List.of("prove", "--origin", app.url(), "--freshet"));
    all.add("http://" + running.edge().addresses().getFirst());
    all.addAll(List.of("--admin", running.console().address().toString()));
    all.addAll(List.of("--users", "3", "--think", "5ms", "--seconds", "1"));
    all.addAll(List.of("--rounds", Integer.toString(rounds)));
    all.addAll(List.of("--warm", "0"));
    all.addAll(List.of(more));
    if (!all.remove("--with-browser")) {
      all.add("--no-browser");
    }
    return Shell.run(all.toArray(String[]::new));
  }

  /// Three users are no thousand, so it falls short, and says so in each report alike.
  @Test
  void measuresBothSidesAndWritesWhatItFound() throws Exception {
    Path page = folder.resolve("report.html");
    Path text = folder.resolve("report.md");
    Shell shell =
        prove(
            2,
            "--json",
            "-o",
            page.toString(),
            "-o",
            text.toString(),
            "--path",
            "/api/things",
            "--path",
            "/cart");
    assertThat(shell.code()).as(shell.err()).isEqualTo(1);
    JsonNode told = new ObjectMapper().readTree(shell.out());
    assertThat(told.path("met").booleanValue()).isFalse();
    JsonNode users = told.at("/tables/Success/0");
    assertThat(users.path("through").path("mean").intValue()).isEqualTo(3);
    assertThat(users.path("verdict").asText()).isEqualTo("missed");
    // Times of a round in which this machine was too busy are left out.
    assertThat(told.at("/tables/API/0/through/rounds").intValue()).isBetween(1, 2);
    assertThat(told.at("/tables/Success/1/through/rounds").intValue()).isEqualTo(2);
    assertThat(told.at("/tables/API/0/bare/mean").isNumber()).isTrue();
    assertThat(told.at("/bottlenecks/isMeasured").booleanValue()).isTrue();
    assertThat(told.at("/bottlenecks/routes/0/route").asText()).isEqualTo("GET /cart");
    assertThat(told.path("notes").toString()).contains("statements not measured");
    assertThat(Files.readString(page)).contains("<svg", "GET /cart", "missed");
    assertThat(Files.readString(text)).contains("| users at once | 3 ± 0 | 3 ± 0 |");
    assertThat(shell.err()).contains("Round 2 of 2, through Freshet");
  }

  /// The page is asked for again, the script that browsers may keep is not.
  @Test
  void aPageLoadIsWhatABrowserSaysAndTheRepeatedOneTakesWhatWasKept() throws Exception {
    assumeTrue(Chromium.program().isPresent(), "no Chromium here");
    String html = "<!doctype html><title>t</title><script src=/kept.js></script><p>text";
    app.page("/shown", html, "Content-Type: text/html; charset=utf-8", "Cache-Control: no-cache");
    String script = "window.kept = '" + "x".repeat(5_000) + "'";
    app.page("/kept.js", script, "Content-Type: text/javascript", "Cache-Control: max-age=600");
    Shell shell = prove(1, "--json", "--with-browser", "--path", "/shown");
    JsonNode rows = new ObjectMapper().readTree(shell.out()).at("/tables/Page load");
    assertThat(rows.path(0).path("name").asText()).as(shell.err()).isEqualTo("first paint");
    assertThat(mean(rows, "page requests", "bare")).isBetween(2.0, 3.0);
    assertThat(mean(rows, "page requests, repeated", "bare")).isEqualTo(1);
    assertThat(mean(rows, "page requests, repeated", "through")).isEqualTo(1);
    assertThat(mean(rows, "page kB", "bare")).isGreaterThan(5);
    assertThat(mean(rows, "page kB, repeated", "through")).isBetween(0.001, 2.0);
    for (String name : List.of("first contentful paint", "time to interactive", "page load")) {
      assertThat(mean(rows, name, "through")).isPositive();
    }
  }

  @Test
  void controlCTellsAndWritesWhatWasMeasuredByThen() throws IOException, InterruptedException {
    assumeThat(Program.isIgnored("INT")).as("who started the tests ignores SIGINT").isFalse();
    Path page = folder.resolve("early.html");
    Path told = folder.resolve("early.json");
    String through = "http://" + running.edge().addresses().getFirst();
    String admin = running.console().address().toString();
    List<String> all = new ArrayList<>(List.of("prove", "--origin", app.url()));
    all.addAll(List.of("--freshet", through, "--admin", admin, "--path", "/cart"));
    all.addAll(List.of("--users", "3", "--think", "5ms", "--seconds", "1", "--warm", "0"));
    all.addAll(List.of("--rounds", "100", "--no-browser"));
    all.addAll(List.of("-o", page.toString(), "-o", told.toString()));
    try (Program prove = Program.start(folder, all.toArray(String[]::new))) {
      prove.line("Round 3 of 100");
      prove.signal("INT");
      prove.line("before and after, ended early");
      assertThat(prove.line("ended early, after ")).contains("of 100 rounds");
      assertThat(prove.exitCode()).isEqualTo(130);
    }
    assertThat(Files.readString(page)).contains("ended early", "users at once", "GET /cart");
    JsonNode json = new ObjectMapper().readTree(Files.readString(told));
    assertThat(json.path("isEarly").booleanValue()).isTrue();
    assertThat(json.at("/tables/Success/0/through/rounds").intValue()).isBetween(1, 99);
  }

  private static double mean(JsonNode rows, String name, String side) {
    for (JsonNode row : rows) {
      if (row.path("name").asText().equals(name)) {
        return row.path(side).path("mean").doubleValue();
      }
    }
    throw new AssertionError("no row " + name + ": " + rows);
  }

  @Test
  void asksForWhatTheFrontPageLinksToButForNothingThatDoesSomething() {
    Shell shell = prove(1, "--no-admin");
    assertThat(shell.code()).as(shell.err()).isEqualTo(1);
    assertThat(shell.out()).contains("asking for 2 paths").contains("--admin").contains("missed");
    assertThat(app.asked("/about")).isPositive();
    assertThat(app.asked("/logout")).isZero();
  }

  @Test
  void whatCantWorkIsSaidBeforeMinutesAreSpent() {
    assertThat(Shell.run("prove").err()).contains("give --origin and --freshet, or --demo alone");
    Shell foreign =
        Shell.run("prove", "--origin", "http://192.0.2.1", "--freshet", "http://127.0.0.1:1");
    assertThat(foreign.code()).isEqualTo(2);
    assertThat(foreign.err()).contains("192.0.2.1", "--i-own-this-host");
    assertThat(Shell.run("prove", "--demo", "--origin", "http://127.0.0.1:1").code()).isEqualTo(2);
    Shell wrong =
        Shell.run("prove", "--demo", "-o", "report.doc", "--path", "nothing", "--users", "0");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("report.doc", "begin it with a slash", "give 1 to 10000");
    Shell alone =
        Shell.run("prove", "--origin", app.url(), "--freshet", app.url(), "--admin", "127.0.0.1:1");
    assertThat(alone.err()).contains("nobody answers there");
    assertThat(alone.code()).isEqualTo(2);
    assertThat(app.wasLeftAlone()).isTrue();
  }
}
