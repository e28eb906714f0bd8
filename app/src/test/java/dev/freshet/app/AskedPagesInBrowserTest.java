package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.testkit.Chromium;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real Chromium comes again to a page of which the app says but when it was changed, years ago:
/// it sees what was deployed and purged meanwhile, and going back asks nobody.
@Timeout(60)
class AskedPagesInBrowserTest {
  private static final String HTML = "Content-Type: text/html; charset=utf-8";
  private static final String OLD = "Last-Modified: Sat, 01 Jan 2022 00:00:00 GMT";

  /// Tells which page is shown, and goes on as a visitor would.
  private static final String PAGE =
      """
      <!doctype html><title>TITLE</title><p>text</p><script>
      addEventListener("pageshow", async function () {
        var step = Number(sessionStorage.step || 0);
        sessionStorage.step = step + 1;
        await fetch("/report/" + step + "/" + document.title);
        if (step === 1) await fetch("/deploy");
        setTimeout(function () {
          if (step === 3) history.back();
          else if (step < 3) location.href = step === 1 ? "/page" : "/other";
        });
      });
      </script>
      """;

  @TempDir private Path profile;
  private final PlainApp app = new PlainApp();

  @AfterEach
  void close() {
    app.close();
  }

  @Test
  void aPageIsNewWhenItIsOpenedAgainAndStaysWhenOneGoesBack()
      throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    CountDownLatch deployed = new CountDownLatch(1);
    app.page("/page", PAGE.replace("TITLE", "before"), HTML, OLD);
    app.page("/other", PAGE.replace("TITLE", "other"), HTML, OLD);
    app.heldPage("/deploy", "", deployed);
    Settings settings =
        Reading.read("listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: " + app.url());
    try (Wiring freshet = Wiring.start(settings, () -> settings)) {
      String site = "http://127.0.0.1:" + freshet.edge().addresses().getFirst().port();
      try (Chromium browser = Chromium.open(program.orElseThrow(), profile, site + "/page")) {
        assertThat(app.told(browser, "/report/0/")).isEqualTo("before");
        assertThat(app.told(browser, "/report/1/")).isEqualTo("other");
        app.page(
            "/page",
            PAGE.replace("TITLE", "after"),
            HTML,
            OLD.replace("2022", "2024").replace("Sat", "Mon"));
        freshet.edge().purgeUrl(site + "/page", false);
        deployed.countDown();
        assertThat(app.told(browser, "/report/2/")).isEqualTo("after");
        assertThat(app.told(browser, "/report/3/")).isEqualTo("other");
        assertThat(app.told(browser, "/report/4/")).isEqualTo("after");
        assertThat(app.asked("/page")).isEqualTo(2);
      }
    }
  }
}
