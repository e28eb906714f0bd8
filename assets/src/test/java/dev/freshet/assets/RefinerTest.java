package dev.freshet.assets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Meters;
import dev.freshet.http.Fields;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefinerTest {
  @TempDir private static Path folder;
  private final Meters meters = new Meters();
  private Refiner refiner;

  @BeforeEach
  void begin() {
    Esbuild esbuild = Esbuild.find(null, folder);
    RefinerConfig config = new RefinerConfig(() -> esbuild, null, null, folder, 1 << 24);
    refiner = new Assets(meters, page -> {}).refiner(config, meters);
  }

  @AfterEach
  void close() {
    refiner.close();
  }

  private static String sheet(String name) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < 4_000; i++) {
      out.append("/* the %1$d */\n.%2$s-%1$d {\n  margin: %1$dpx;\n}\n".formatted(i, name));
    }
    return out.toString();
  }

  /// Whether it was minified by the moment when nothing more was to be waited for.
  private boolean isAtOnce(String path, String sheet)
      throws InterruptedException, ExecutionException, TimeoutException {
    CompletableFuture<Refinement> made = new CompletableFuture<>();
    CompletableFuture<Boolean> wasMade = new CompletableFuture<>();
    boolean isAccepted =
        refiner.refine(
            "http://shop.test" + path,
            Fields.of("Content-Type", "text/css; charset=utf-8"),
            new byte[][] {sheet.getBytes(UTF_8)},
            made::complete,
            () -> wasMade.complete(made.isDone()));
    assertThat(isAccepted).isTrue();
    assertThat(made.get(60, TimeUnit.SECONDS).kind()).isEqualTo(Refinement.Kind.MINIFIED);
    return wasMade.get(60, TimeUnit.SECONDS);
  }

  @Test
  void theNextVersionIsMinifiedAtOnceAlsoUnderAnotherAddress()
      throws InterruptedException, ExecutionException, TimeoutException {
    String sheet = sheet("rule");
    assertThat(isAtOnce("/app.1f3a9c0b.css", sheet)).as("seen for the first time").isFalse();
    String more = sheet.replace(".rule-2001 ", ".new {\n  top: 1px;\n}\n.rule-2001 ");
    assertThat(isAtOnce("/app.77b0a1c2.css", more)).isTrue();
    assertThat(isAtOnce("/app.77b0a1c2.css?v=2", sheet + ".last { top: 0 }\n")).isTrue();
    assertThat(isAtOnce("/app.5d5d0001.css", sheet("other"))).as("nothing is known").isFalse();
    assertThat(isAtOnce("/other.css", sheet + ".other { top: 0 }\n")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "http://shop.test/app.css?v=2, http://shop.test/app.css",
    "http://shop.test/a/app.1f3a9c0b.css, http://shop.test/a/app.*.css",
    "http://shop.test/a/app-1f3a9c0b.min.js, http://shop.test/a/app-*.min.js",
    "http://shop.test/a/main.js, http://shop.test/a/main.js",
    "http://shop.test/jquery-3.7.1.js, http://shop.test/jquery-3.7.1.js",
    "http://shop.test/a-components.css, http://shop.test/a-components.css",
  })
  void theAddressOfAFileSaysNotWhichVersionItIs(String url, String file) {
    assertThat(Refiner.file(url)).isEqualTo(file);
  }
}
