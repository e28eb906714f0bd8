package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SheetsTest {
  private static final String URL = "http://shop.example/styles/shop.css";
  private static final String FAR = ".far { top: 0 }".repeat(9);
  private final Sheets sheets = new Sheets();

  private static byte[][] octets(String text) {
    return new byte[][] {text.getBytes(StandardCharsets.UTF_8)};
  }

  private static Set<String> names(String page) {
    return ElementNames.of(octets(page));
  }

  private @Nullable String used(String name, String css) {
    return sheets.used(URL, name, octets(css), names("<!doctype html><p class=near>"));
  }

  @Test
  void tellsWhatTheElementsOfAPageAreCalled() {
    assertThat(names("<!doctype html><P class='a  B' id=c>"))
        .containsExactlyInAnyOrder("html", "head", "body", "p", ".a", ".B", "#c");
    assertThat(names("<p class=a>")).as("in quirks mode").isEmpty();
    assertThat(names("<!doctype html><meta http-equiv=content-security-policy content='x'><p>"))
        .as("with a policy")
        .isEmpty();
  }

  @Test
  void givesWhatAPageNeedsUnlessItIsMost() {
    assertThat(used("a", ".near { background: url(a.png) }" + FAR))
        .isEqualTo(".near{background: url(\"http://shop.example/styles/a.png\")}");
    assertThat(used("a", "")).as("told by the name").contains("a.png");
    assertThat(used("b", "p { top: 1px }" + FAR)).isEqualTo("p{top: 1px}");
    assertThat(used("c", "p { top: 1px }")).as("all of it").isNull();
    assertThat(used("d", "p { top: 1px }@import 'e.css';" + FAR)).isNull();
    assertThat(used("e", "p { top: 1px }".repeat(3_000) + FAR.repeat(1_000))).isNull();
    assertThat(sheets.used(URL, "b", octets(""), Set.of())).isNull();
  }

  @Test
  void forgetsWhatWasNotAskedForTheLongest() {
    String large = "p { top: 0 }/*" + "far ".repeat(250_000) + "*/";
    for (int i = 0; i < 10; i++) {
      assertThat(used("name" + i, large)).isEqualTo("p{top: 0}");
      assertThat(used("name0", "")).isEqualTo("p{top: 0}");
    }
    assertThat(used("name1", "p { top: 1px }" + FAR)).as("read again").isEqualTo("p{top: 1px}");
  }
}
