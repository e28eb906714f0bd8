package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.testkit.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `freshet assets audit`: a small site, seen with a browser and without.
@Timeout(180)
class AssetsAuditCommandTest {
  @TempDir private Path folder;
  private final PlainApp app = new PlainApp();

  @BeforeEach
  void site() {
    String rarely =
        "function rarely() { return [" + "\"a text that nobody sees\",".repeat(400) + "]; }\n";
    String rules = ".never { color: red; border: 1px solid green }\n".repeat(300);
    String picture =
        "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'><!--"
            + "a comment ".repeat(900)
            + "--></svg>";
    app.page(
            "/",
            """
            <!doctype html><title>Home</title>
            <link rel=stylesheet href=/shop.css><script src=/shop.js></script>
            <body><img src=/dot.svg><img src=/gone.svg>
            <a href=/about>About</a> <a href=/logout>Leave</a> <a href=/price.pdf>Prices</a>
            <a href="http://elsewhere.invalid/">Elsewhere</a>
            <script>document.body.append("text by a script"); alert("Is anybody there?")</script>
            """,
            "Content-Type: text/html")
        .page(
            "/about",
            "<!doctype html><title>About</title>" + "text ".repeat(2000),
            "Content-Type: text/html")
        .page("/shop.css", "body { color: navy }\n" + rules, "Content-Type: text/css")
        .page("/shop.js", "document.title = 'here';\n" + rarely, "Content-Type: text/javascript")
        .page(
            "/dot.svg", picture, "Content-Type: image/svg+xml", "Cache-Control: max-age=31536000");
  }

  @AfterEach
  void close() {
    app.close();
  }

  private static JsonNode advice(JsonNode report, String what) {
    for (JsonNode one : report.path("advice")) {
      if (one.path("what").asText().startsWith(what)) {
        return one;
      }
    }
    throw new AssertionError("no advice " + what + " in " + report.path("advice"));
  }

  private static JsonNode json(Shell shell) throws JsonProcessingException {
    assertThat(shell.err()).isEmpty();
    assertThat(shell.code()).isZero();
    return new ObjectMapper().readTree(shell.out());
  }

  @Test
  void measuresWithoutABrowserAndLeavesTheSiteForNoPage() throws JsonProcessingException {
    JsonNode report = json(Shell.run("assets", "audit", app.url(), "--no-browser", "--json"));

    assertThat(report.path("pages").findValuesAsText("url"))
        .contains(app.url() + "/", app.url() + "/about");
    assertThat(report.path("pages")).hasSize(2);
    assertThat(app.asked()).doesNotContain("/logout", "/price.pdf");
    JsonNode text = advice(report, "compress text");
    assertThat(text.path("by").asText()).isEqualTo("FRESHET");
    assertThat(text.path("gain").asInt()).isGreaterThan(30_000);
    assertThat(advice(report, "let browsers keep").path("where").toString())
        .contains("/shop.js", "/shop.css")
        .doesNotContain("/dot.svg");
    assertThat(advice(report, "mend or remove").path("where").path(0).asText())
        .isEqualTo(app.url() + "/gone.svg (404)");
    int before = Integer.MAX_VALUE;
    for (JsonNode one : report.path("advice")) {
      assertThat(one.path("gain").asInt()).isLessThanOrEqualTo(before);
      before = one.path("gain").asInt();
    }
  }

  @Test
  void seesInABrowserWhatIsNotUsedAndWhatFreshetSpares() throws IOException {
    Assumptions.assumeTrue(Chromium.program().isPresent(), "needs a Chromium on PATH");
    Path page = folder.resolve("audit.html");
    Settings settings =
        Reading.read("listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: " + app.url());
    try (Wiring freshet = Wiring.start(settings, () -> settings)) {
      JsonNode report =
          json(
              Shell.run(
                  "assets",
                  "audit",
                  app.url(),
                  "--pages",
                  "1",
                  "--through",
                  "http://127.0.0.1:" + freshet.edge().addresses().getFirst().port(),
                  "--report",
                  page.toString(),
                  "--json"));

      JsonNode unused = advice(report, "don't send code");
      assertThat(unused.path("where").path(0).asText()).startsWith(app.url() + "/shop.css 1");
      assertThat(unused.path("where").path(1).asText()).startsWith(app.url() + "/shop.js ");
      assertThat(advice(report, "let scripts not").path("where").path(0).asText())
          .startsWith(app.url() + "/shop.js");
      JsonNode before = report.path("pages").path(0);
      JsonNode after = report.path("through").path(0);
      assertThat(before.path("images").path(0).path("naturalWidth").asInt()).isEqualTo(10);
      assertThat(after.path("status").asInt()).isEqualTo(200);
      assertThat(wire(after)).isPositive().isLessThan(wire(before) / 4);
    }
    assertThat(Files.readString(page))
        .contains("compress text", "<img alt=\"\" src=\"data:image/jpeg;base64,/9j/")
        .doesNotContain("<script");
    assertThat(app.asked()).doesNotContain("/logout");
  }

  private static long wire(JsonNode page) {
    List<String> octets = page.path("loaded").findValuesAsText("wire");
    return octets.stream().mapToLong(Long::parseLong).sum();
  }

  @Test
  void saysWhatIsWrongWithAnAddress() {
    Shell shell = Shell.run("assets", "audit", "localhost:3000");
    assertThat(shell.code()).isEqualTo(2);
    assertThat(shell.err()).contains("'localhost:3000' is not the address of a site");
  }

  @Test
  void saysThatAReportCantBeThereBeforeItLooksAtAnything() {
    Path absent = folder.resolve("absent/report.html");
    Shell audit = Shell.run("assets", "audit", app.url(), "--report", absent.toString());
    assertThat(audit.code()).isEqualTo(2);
    assertThat(audit.err()).contains("--report " + absent + ": its folder is not there");
    assertThat(audit.err()).doesNotContain("Exception");
  }

  @Test
  void failsByOneWhenNothingAnswers() {
    String gone = app.url();
    app.close();
    Shell shell = Shell.run("assets", "audit", gone, "--no-browser");
    assertThat(shell.code()).isEqualTo(1);
    assertThat(shell.err()).contains(gone + "/: couldn't be seen");
  }
}
