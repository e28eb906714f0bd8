package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.testkit.RawClient;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `freshet top` against a Freshet that runs, and its screen on figures made up for it.
@Timeout(60)
class TopCommandTest {
  private final PlainApp app = new PlainApp().page("/a", "a", "Cache-Control: max-age=600");
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

  private Shell top(String... more) {
    String[] all = new String[more.length + 3];
    all[0] = "top";
    System.arraycopy(more, 0, all, 1, more.length);
    all[more.length + 1] = "--admin";
    all[more.length + 2] = running.console().address().toString();
    return Shell.run(all);
  }

  private void visit() {
    try (RawClient client = RawClient.to(running.edge().addresses().getFirst().port())) {
      client.get("/a");
      client.get("/a");
    }
  }

  @Test
  void printsOneLookWithoutControlCodes() {
    visit();
    Shell top = top("--once");
    assertThat(top.code()).isZero();
    assertThat(top.err()).isEmpty();
    assertThat(top.out()).doesNotContain("\u001b").contains("2 requests").contains("ROUTE");
    assertThat(top.out().lines()).anyMatch(line -> line.matches("\\s+2\\s+50\\.0 .*"));
  }

  @Test
  void printsOneLookAsJson() throws Exception {
    visit();
    Shell top = top("--json");
    assertThat(top.code()).isZero();
    JsonNode said = new ObjectMapper().readTree(top.out());
    assertThat(said.path("routes").path(0).path("requests").asInt()).isEqualTo(2);
    assertThat(said.path("statements").path("statements").isArray()).isTrue();
    assertThat(said.path("status").path("version").asText()).isNotEmpty();
  }

  @Test
  void saysWhatIsWrongWithAQuestion() {
    Shell wrong = top("--sort", "colour");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("'colour' is not one of time, calls");
    assertThat(top("--limit", "-1").code()).isEqualTo(2);
    Shell nobody = Shell.run("top", "--once", "--admin", "127.0.0.1:1");
    assertThat(nobody.code()).isEqualTo(2);
    assertThat(nobody.err()).contains("nobody answers there");
  }

  private static Look look(String routes, String pools, String statements, long seconds)
      throws Exception {
    ObjectMapper json = new ObjectMapper();
    return new Look(
        json.readTree("{\"version\": \"1\", \"uptimeSeconds\": 7, \"connections\": 3}"),
        json.readTree("{\"routes\": [" + routes + "]}"),
        json.readTree("{\"pools\": [" + pools + "]}"),
        json.readTree(statements),
        seconds * 1_000_000_000);
  }

  private static String statement(int calls, String text) {
    return """
    {"calls": %d, "totalMillis": 200, "statements": [{"fingerprint": "f", "text": "%s",
    "calls": %d, "rows": 30, "totalMillis": 50, "meanMillis": 5, "p99Millis": 9,
    "cacheable": "yes", "errors": {"22012": 2, "40001": 1}, "repeated": {"most": 12}}]}
    """
        .formatted(calls, text, calls);
  }

  @Test
  void ratesAreWhatHappenedSinceTheLastLook() throws Exception {
    Look before = look("{\"route\": \"/a\", \"requests\": 10}", "", statement(10, "select ?"), 1);
    Look now = look("{\"route\": \"/a\", \"requests\": 30}", "", statement(50, "select ?"), 3);
    List<String> lines = new TopScreen(200, 40).lines(now, before);
    assertThat(lines.getFirst()).contains("10 requests/s, 20 statements/s");
    assertThat(lines).anyMatch(line -> line.matches(" +30 +10 +.*  /a"));
    assertThat(lines)
        .anyMatch(
            line -> line.matches(" +50 +20 +25\\.0 +5\\.00 +9\\.00 +0\\.6 +3 +12 yes +select \\?"));
  }

  @Test
  void fitsTheTerminalWhateverStatementsHold() throws Exception {
    Look look =
        look(
            "{\"route\": \"/a\"},{\"route\": \"/b\"},{\"route\": \"/c\"}",
            "{\"user\": \"app\", \"database\": \"shop\", \"size\": 20}",
            statement(1, "select \\u001b[2J\\n" + "x".repeat(500)),
            1);
    for (int[] size : new int[][] {{80, 24}, {40, 10}, {20, 5}, {1, 1}}) {
      List<String> lines = new TopScreen(size[0], size[1]).lines(look, null);
      assertThat(lines).hasSizeLessThanOrEqualTo(size[1]);
      assertThat(lines)
          .allSatisfy(
              line -> assertThat(line).hasSizeLessThanOrEqualTo(size[0]).doesNotContain("\u001b"));
    }
  }
}
