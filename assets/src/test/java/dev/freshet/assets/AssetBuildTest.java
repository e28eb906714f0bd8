package dev.freshet.assets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.ZstdInputStream;
import dev.freshet.assets.BundleReport.Entry;
import dev.freshet.base.Trouble;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real builds, by the real esbuild, of a small front-end with npm's folders.
class AssetBuildTest {
  @TempDir private static Path programs;
  private static AssetBuild build;

  private static Esbuild esbuild() {
    return Esbuild.find(null, programs);
  }

  @TempDir private Path folder;
  private FrontEnd front;

  @BeforeAll
  static void unpack() {
    build = new AssetBuild(esbuild(), null, line -> {});
  }

  @BeforeEach
  void copy() throws IOException {
    front = FrontEnd.copy(folder);
  }

  @Test
  void rewritesReferencesOfAPageAndNothingElse() throws IOException, InterruptedException {
    build.run(front.config());

    String module = front.file("src/main-", ".js");
    String shared = front.file("chunks/chunk-", ".js");
    // One file, though a style sheet names it too.
    String dot = front.file("media/dot-", ".svg");
    String expected =
        Files.readString(front.source().resolve("index.html"))
            .replace("href=\"src/shop.css\"", "href=\"/" + front.file("src/shop-", ".css") + "\"")
            .replace("src=\"old.js\"", "src=\"/" + front.file("old-", ".js") + "\"")
            .replace("href=\"img/dot.svg\"", "href=\"/" + dot + "\"")
            .replace("src='img/dot.svg'", "src='/" + dot + "'")
            .replace("\"img/dot.svg 1x,", "\"/" + dot + " 1x,")
            .replace("img/big.svg 2x", "/" + front.file("media/big-", ".svg") + " 2x")
            .replace(
                "<script type=\"module\" src=\"/src/main.ts\">",
                "<link rel=\"stylesheet\" href=\"/"
                    + front.file("src/main-", ".css")
                    + "\"><link rel=\"modulepreload\" href=\"/"
                    + shared
                    + "\"><script type=\"module\" src=\"/"
                    + module
                    + "\">");
    assertThat(Files.readString(front.out().resolve("index.html"))).isEqualTo(expected);
    assertThat(front.files().get("robots.txt")).startsWith("User-agent");
  }

  @Test
  void minifiesShakesAndKeepsNamesOfScriptsThatAreNoModules()
      throws IOException, InterruptedException {
    build.run(front.config());

    Map<String, String> files = front.files();
    assertThat(files.values()).noneMatch(text -> text.contains("this text is shaken off"));
    assertThat(files.get(front.file("old-", ".js")))
        .isEqualToIgnoringNewLines("var shopSettings={currency:\"EUR\",isOpen:!0};");
    assertThat(files.get(front.file("src/shop-", ".css")))
        .startsWith(".accent{color:#639}body{")
        .contains("url(\"/" + front.file("media/dot-", ".svg"), "url(/robots.txt)");
  }

  @Test
  void aScriptThatOnePageHasAsAModuleAndAnotherNotIsMadeTwice()
      throws IOException, InterruptedException {
    front.write("about.html", "<script type=module src=old.js></script>");
    front.write("old.js", "var shopSettings = { currency: 'EUR' };\nif (!window.x) x = 1;\n");
    BundleReport report = build.run(front.config()).report();

    assertThat(report.entries()).extracting(Entry::name).contains("old.js", "old.js (no module)");
    String classic = source(page("index.html"), "<script src=\"/(old-[^\"]+)\">");
    String module = source(page("about.html"), "type=module src=/(old-[^>]+)>");
    assertThat(front.files().get(classic)).startsWith("var shopSettings=");
    assertThat(front.files().get(module)).doesNotContain("shopSettings");
  }

  private String page(String name) throws IOException {
    return Files.readString(front.out().resolve(name));
  }

  private static String source(String page, String pattern) {
    return Pattern.compile(pattern)
        .matcher(page)
        .results()
        .map(found -> found.group(1))
        .findFirst()
        .orElseThrow(() -> new AssertionError(page));
  }

  @Test
  void readsNamesWithPercentSignsAsUrls() throws IOException, InterruptedException {
    Files.copy(front.source().resolve("img/dot.svg"), front.source().resolve("img/a dot+1.svg"));
    Files.copy(front.source().resolve("img/big.svg"), front.source().resolve("img/100%.svg"));
    front.write("about.html", "<img src='img/a%20dot+1.svg'><img src=img/100%.svg>");
    build.run(front.config());
    assertThat(front.files().get("about.html"))
        .matches("<img src='/media/a%20dot\\+1-[^']+\\.svg'><img src=/media/100%25-[^>]+\\.svg>");
  }

  @Test
  void makesAFileOfItsOwnOfWhatIsImportedDynamically() throws IOException, InterruptedException {
    BundleReport split = build.run(front.config()).report();
    String page = front.files().get(front.file("src/main-", ".js"));
    assertThat(page).contains("import(\"/chunks/checkout-").doesNotContain("till");

    Entry main = entry(split);
    assertThat(main.routes())
        .singleElement()
        .satisfies(route -> {
          assertThat(route.name()).isEqualTo("src/checkout.ts");
          assertThat(route.files()).noneMatch(main.files()::contains);
        });

    front.append("src/main.ts", "import \"./checkout\";\n");
    front.append("src/checkout.ts", "document.title = steps[0];\n");
    Entry whole = entry(build.run(front.config()).report());
    assertThat(whole.first().octets())
        .isGreaterThan(main.first().octets() + main.routes().getFirst().more().octets() / 2);
  }

  private static Entry entry(BundleReport report) {
    return report.entries().stream()
        .filter(one -> one.name().equals("src/main.ts"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void codedFormsDecodeToTheFileAndAreSmaller() throws IOException, InterruptedException {
    BundleReport report = build.run(front.config()).report();

    int forms = 0;
    for (BundleReport.Product product : report.files()) {
      byte[] plain = Files.readAllBytes(front.out().resolve(product.file()));
      assertThat(product.weight().octets()).isEqualTo(plain.length);
      for (String ending : List.of(".br", ".zst", ".gz")) {
        Path coded = front.out().resolve(product.file() + ending);
        if (Files.exists(coded)) {
          forms++;
          assertThat(Files.size(coded)).isLessThan(plain.length);
          try (InputStream in = decoder(ending, Files.readAllBytes(coded))) {
            assertThat(in.readAllBytes()).as(coded.toString()).isEqualTo(plain);
          }
        }
      }
    }
    assertThat(forms).isGreaterThan(10);
    assertThat(front.files()).containsKey("index.html.br").doesNotContainKey("old.js.br");
  }

  private static InputStream decoder(String ending, byte[] octets) throws IOException {
    InputStream in = new ByteArrayInputStream(octets);
    return switch (ending) {
      case ".br" -> new BrotliInputStream(in);
      case ".zst" -> new ZstdInputStream(in);
      default -> new GZIPInputStream(in);
    };
  }

  @Test
  void manifestLeadsFromSourcesToWhatTheyBecame() throws IOException, InterruptedException {
    build.run(front.config());

    JsonNode manifest =
        new ObjectMapper().readTree(Files.readString(front.out().resolve("manifest.json")));
    JsonNode main = manifest.path("src/main.ts");
    assertThat(main.path("file").asText()).isEqualTo(front.file("src/main-", ".js"));
    assertThat(main.path("url").asText()).isEqualTo("/" + front.file("src/main-", ".js"));
    assertThat(main.path("css").path(0).asText()).isEqualTo(front.file("src/main-", ".css"));
    assertThat(main.path("integrity").asText()).startsWith("sha384-");
    assertThat(main.path("dynamicImports").path(0).asText())
        .isEqualTo(manifest.path("src/checkout.ts").path("file").asText());
    manifest.forEach(
        one -> assertThat(front.out().resolve(one.path("file").asText())).isRegularFile());
  }

  @Test
  void namesWhatIsThereTwiceAndWhatToLoadLater() throws IOException, InterruptedException {
    BundleReport report = build.run(front.config()).report();

    assertThat(report.duplicates())
        .singleElement()
        .satisfies(twice -> {
          assertThat(twice.name()).isEqualTo("money");
          assertThat(twice.copies()).extracting(c -> c.version()).containsExactly("2.1.0", "1.4.2");
          assertThat(twice.octets()).isEqualTo(twice.copies().getLast().octets());
          assertThat(twice.copies().getLast().neededBy())
              .containsExactly("node_modules/basket/index.js");
        });
    assertThat(report.splits())
        .singleElement()
        .satisfies(split -> {
          assertThat(split.importer()).isEqualTo("src/figures.ts");
          assertThat(split.module()).isEqualTo("node_modules/drawing/index.js");
        });

    long before = entry(report).first().octets();
    Path figures = front.source().resolve("src/figures.ts");
    Files.writeString(
        figures,
        """
        export async function chart(values: number[]): Promise<string> {
          const { draw } = await import("drawing");
          return draw(values);
        }
        """);
    BundleReport later = build.run(front.config()).report();
    assertThat(before - entry(later).first().octets())
        .isBetween(report.splits().getFirst().octets() - 300, report.splits().getFirst().octets());
    assertThat(later.splits()).isEmpty();
  }

  @Test
  void reportIsAPageThatNeedsNothingElse() throws IOException, InterruptedException {
    build.run(front.config());

    String page = Files.readString(front.out().resolve(".freshet/report.html"));
    assertThat(page)
        .contains("<svg", "node_modules/drawing", "have money once", "src/checkout.ts")
        .doesNotContain("<script src", "<link", "http://", "https://", "src=");
  }

  @Test
  void budgetThatIsBrokenSaysWhatGrewAndReplacesNothing() throws IOException, InterruptedException {
    String[] budgets = {"main=21KB", "route=7KB", "css=1KB", "total=32KB"};
    assertThat(build.run(front.config(budgets)).breaches()).isEmpty();
    Map<String, String> before = front.files();

    front.append("src/shown.ts", "console.log(\"" + "more and more ".repeat(600) + "\");\n");
    AssetBuild.Result result = build.run(front.config(budgets));

    assertThat(result.isPublished()).isFalse();
    assertThat(result.breaches()).hasSize(2);
    assertThat(result.breaches().getFirst().what()).startsWith("src/main.ts loads ");
    assertThat(result.breaches())
        .allSatisfy(b -> assertThat(b.grown().getFirst()).matches("\\+8\\.\\d kB src/shown\\.ts"));
    assertThat(front.files()).isEqualTo(before);
  }

  @Test
  void failedBuildSaysWhereAndWhyAndReplacesNothing() throws IOException, InterruptedException {
    build.run(front.config());
    Map<String, String> before = front.files();
    front.append(
        "src/checkout.ts", "import \"not-there\";\nimport { nothing } from \"./steps\";\n");
    front.append("src/shop.css", "p { background: url(/gone.png) }\n");

    assertThatThrownBy(() -> build.run(front.config()))
        .isInstanceOfSatisfying(
            BuildFailed.class,
            failed -> {
              assertThat(failed.complaints())
                  .extracting(c -> c.trouble().line())
                  .containsExactlyInAnyOrder(
                      "src/checkout.ts:7:7: Could not resolve \"not-there\"; install it (npm"
                          + " install not-there), or correct the name",
                      "src/shop.css:4:16: Could not resolve \"/gone.png\"; put the file into"
                          + " public/, or leave the URL to the app:"
                          + " --with=--external:/gone.png");
              assertThat(failed.complaints())
                  .anyMatch(c -> c.frame().contains("import \"not-there\""));
            });
    assertThat(front.files()).isEqualTo(before);
    assertThat(front.out().resolve(".freshet/stage")).doesNotExist();
  }

  @Test
  void pageThatNamesWhatIsNotThereIsRefused() throws IOException {
    Files.writeString(
        front.source().resolve("about.html"),
        """
        <!doctype html>
        <script type=module src=gone.js></script>
        <script src=/app/own.js data-freshet-ignore></script>
        """);

    assertThatThrownBy(() -> build.run(front.config()))
        .isInstanceOf(BuildFailed.class)
        .hasMessageStartingWith("about.html:2: there is no file gone.js")
        .hasMessageNotContaining("own.js");
  }

  @Test
  void keepsFilesOfTheBuildBeforeForPagesThatAreOpen() throws IOException, InterruptedException {
    build.run(front.config());
    String first = front.file("src/main-", ".js");
    front.append("src/main.ts", "console.log(1);\n");
    build.run(front.config());
    build.run(front.config());
    assertThat(front.files()).containsKeys(first, first + ".br");

    front.append("src/main.ts", "console.log(2);\n");
    build.run(front.config());
    assertThat(front.files()).doesNotContainKeys(first, first + ".br");
  }

  @Test
  void overwritesNothingThatIsNotItsOwn() throws IOException, InterruptedException {
    Files.createDirectories(front.out());
    Files.writeString(front.out().resolve("index.html"), "mine");
    assertThatThrownBy(() -> build.run(front.config()))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("index.html: is in the way");
    assertThat(front.files()).containsOnly(Map.entry("index.html", "mine"));

    Files.delete(front.out().resolve("index.html"));
    Files.writeString(front.out().resolve("mine.txt"), "mine");
    build.run(front.config());
    build.run(front.config());
    assertThat(front.files()).containsEntry("mine.txt", "mine");
  }

  @Test
  void refusesToWriteOverItsSources() {
    BuildConfig config =
        new BuildConfig(
            front.source(), folder, List.of(), "/", false, false, List.of(), List.of(), null);
    assertThatThrownBy(() -> build.run(config))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("folder of the sources");
  }

  @Test
  void entriesMayBeNamedAndSealsAreRenewed() throws IOException, InterruptedException {
    Files.writeString(
        front.source().resolve("sealed.html"),
        "<script type=module src=src/shown.ts integrity=\"sha384-old\"></script>",
        UTF_8);
    BuildConfig config =
        new BuildConfig(
            front.source(),
            front.out(),
            List.of("sealed.html"),
            "https://cdn.example/a/",
            false,
            false,
            List.of(),
            List.of(),
            null);
    build.run(config);
    String seal =
        new ObjectMapper()
            .readTree(Files.readString(front.out().resolve("manifest.json")))
            .path("src/shown.ts")
            .path("integrity")
            .asText();
    assertThat(front.files().get("sealed.html"))
        .isEqualTo(
            "<script type=module src=https://cdn.example/a/"
                + front.file("src/shown-", ".js")
                + " integrity=\""
                + seal
                + "\"></script>");
    assertThat(front.files()).doesNotContainKey("index.html");
  }

  @Test
  void makesPicturesSmallerOnceAndTheSame() throws IOException, InterruptedException {
    Lighter lighter =
        new Lighter(new RefinerConfig(AssetBuildTest::esbuild, null, null, programs, 0));
    assumeTrue(lighter.knowsPictures(), "nothing here decodes pictures");
    List<String> heard = new ArrayList<>();
    AssetBuild smaller = new AssetBuild(esbuild(), lighter, heard::add);
    byte[] photo = Photos.jpeg(320, 240, 0.92f);
    Files.write(front.source().resolve("img/photo.jpg"), photo);
    front.write("about.html", "<img src=img/photo.jpg>");

    AssetBuild.Result result = smaller.run(front.config());

    String file = front.file("media/photo-", ".jpg");
    byte[] made = Files.readAllBytes(front.out().resolve(file));
    assertThat(made.length).isLessThan(photo.length);
    assertThat(result.pictures()).isEqualTo(new StagedPictures(1, photo.length, made.length));
    assertThat(heard).containsExactly("picture 1 of 1: " + file);

    assertThat(smaller.run(front.config()).pictures()).isEqualTo(result.pictures());
    assertThat(heard).as("made again").hasSize(1);
    assertThat(front.out().resolve(file)).hasBinaryContent(made);

    assertThat(build.run(front.config()).pictures()).isEqualTo(StagedPictures.NONE);
    assertThat(front.out().resolve(file)).hasBinaryContent(photo);
    smaller.run(front.config());
    assertThat(heard).hasSize(2);
    assertThat(front.out().resolve(file)).hasBinaryContent(made);
  }
}
