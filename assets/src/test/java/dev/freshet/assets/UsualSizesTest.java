package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Meters;
import dev.freshet.http.Fields;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Pages that pass and are not stored keep their pictures' places by what the site usually has.
class UsualSizesTest {
  private static final String SITE = "https://shop.test";
  private static final Fields HTML = Fields.of("Content-Type", "text/html; charset=utf-8");
  private static final String CART = "<html><head><title>t</title></head><img src=/p.png>";

  private final Assets assets = new Assets(new Meters(), page -> {});
  private final UsualSizes usual = new UsualSizes();

  @AfterEach
  void close() {
    assets.close();
  }

  private String passing(String path, String page, Fields fields) {
    PageRewriter rewriter =
        Objects.requireNonNull(assets.passing(SITE + path, fields, false, Names.NONE));
    byte[] first = rewriter.feed(page.getBytes(StandardCharsets.UTF_8));
    byte[] last = rewriter.end();
    assets.passed(SITE + path, rewriter);
    return new String(first, StandardCharsets.UTF_8) + new String(last, StandardCharsets.UTF_8);
  }

  private void seen(String path, int width, int height) throws IOException {
    byte[] png = PictureReaderTest.image("png", width, height);
    assets.seen(SITE + path, Fields.of("Content-Type", "image/png"), new byte[][] {png});
  }

  @Test
  void thePlacesOfPicturesInAPageThatIsNotStoredAreKeptFromItsSecondTimeOn() throws IOException {
    seen("/p.png", 300, 200);
    assertThat(passing("/cart", CART, HTML)).as("nothing is known of it").doesNotContain("300x200");
    assertThat(passing("/cart", CART, HTML))
        .startsWith("<html><head><style>@layer freshet{:where(img[data-freshet=\"300x200\"])")
        .contains("<img data-freshet=\"300x200\" fetchpriority=\"high\" src=/p.png>");
    assertThat(passing("/cart", CART.replace("p.png", "q.png"), HTML))
        .as("a picture that is not known")
        .endsWith("<img src=/q.png>");
  }

  @Test
  void pagesWithoutPicturesOrWithAPolicyGetNoRules() throws IOException {
    seen("/p.png", 300, 200);
    String plain = "<html><head></head><p>text";
    passing("/terms", plain, HTML);
    assertThat(passing("/terms", plain, HTML)).isEqualTo(plain);
    Fields strict =
        Fields.of(
            "Content-Type", "text/html; charset=utf-8", "Content-Security-Policy", "img-src *");
    passing("/strict", CART, strict);
    assertThat(passing("/strict", CART, strict)).doesNotContain("data-freshet");
  }

  @Test
  void rulesInAPageWithoutSuchPicturesCountAsAChange() throws IOException {
    seen("/p.png", 300, 200);
    passing("/cart", CART, HTML);
    PageRewriter rewriter =
        Objects.requireNonNull(assets.passing(SITE + "/cart", HTML, false, Names.NONE));
    rewriter.feed(Ascii.octets("<html><head></head><p>It is empty"));
    rewriter.end();
    assertThat(rewriter.inserted().isNothing()).isFalse();
    assertThat(rewriter.inserted().text()).endsWith(";rules");
  }

  @Test
  void aSiteHasABoundedNumberAndThoseInUseStay() {
    usual.shown(SITE + "/page/1", List.of());
    Size used = new Size(9, 9);
    for (int i = 1; i <= 100; i++) {
      usual.learn(SITE + "/" + i, new Size(i, 1_000));
      usual.shown(SITE + "/page/2", List.of(used));
    }
    assertThat(usual.of(SITE + "/page/3?q"))
        .hasSize(UsualSizes.MAX_SIZES)
        .contains(used, new Size(100, 1_000))
        .doesNotContain(new Size(50, 1_000));
    assertThat(usual.of("https://other.test/page/3")).isEmpty();
    String longName = SITE + "/" + "a".repeat(600);
    usual.shown(longName, List.of(used));
    assertThat(usual.of(longName)).isEmpty();
  }
}
