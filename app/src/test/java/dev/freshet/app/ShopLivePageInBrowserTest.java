package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.testkit.Chromium;
import dev.freshet.testkit.Eventually;
import dev.freshet.testkit.ShownPage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// README's promise of live updates, on the demo's own page with five lines of script: who looks at
/// it sees what anybody writes to the database.
@Timeout(180)
class ShopLivePageInBrowserTest {
  private static final String CHANGE =
      "update products set price_cents = %d, stock = %d where id = 3";
  @TempDir private Path folder;

  @Test
  void showsPriceAndStockAsTheyBecome() throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    Path profile = folder.resolve("profile");
    assertThat(profile.toFile().mkdir()).isTrue();
    try (DemoStage stage = new DemoStage(folder.resolve("demo"), 0.01, line -> {})) {
      DemoStage.Parts parts = stage.open(0, true);
      stage.shop().execute(CHANGE.formatted(1_999, 17));
      String url = "http://" + parts.through() + "/product/3/live";
      try (Chromium browser = Chromium.inspected(program.get(), profile, url);
          ShownPage page = new ShownPage(profile)) {
        assertThat(browser.endsWithin(0)).isFalse();
        awaits(page, "$19.99", "17");
        stage.shop().execute(CHANGE.formatted(2_450, 16));
        awaits(page, "$24.50", "16");
        stage.shop().execute(CHANGE.formatted(1_850, 0));
        awaits(page, "$18.50", "0");
      }
    }
  }

  private static void awaits(ShownPage page, String price, String stock) {
    Eventually.await(
        () -> shows(page, "price").equals(price) && shows(page, "stock").equals(stock),
        "a price of " + price + " and a stock of " + stock);
  }

  private static String shows(ShownPage page, String id) {
    try {
      return page.text(id);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
