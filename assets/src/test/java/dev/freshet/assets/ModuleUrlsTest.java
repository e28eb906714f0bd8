package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What modules name by `new URL(..., import.meta.url)`, and what front-ends take for granted.
class ModuleUrlsTest {
  @TempDir private static Path programs;
  @TempDir private Path folder;
  private FrontEnd front;
  private AssetBuild build;

  @BeforeEach
  void sources() throws IOException {
    front = new FrontEnd(folder.resolve("web"), folder.resolve("web/dist"));
    build = new AssetBuild(Esbuild.find(null, programs), null, line -> {});
    Files.createDirectories(front.source().resolve("src/work"));
    front.write("index.html", "<script type=module src=/src/main.ts></script>\n");
    front.write(
        "src/main.ts",
        """
        import { count } from "./counted";
        const late = () => import("./late");
        console.log(count, late, new URL("./photo.bin", import.meta.url).href);
        """);
    front.write("src/late.ts", "import { count } from \"./counted\"; console.log(count + 1);\n");
    front.write(
        "src/counted.ts",
        """
        const worker = new Worker(new URL("./work/sum.ts", import.meta.url), { type: "module" });
        export const count = worker ? 1 : 2;
        """);
    front.write("src/photo.bin", "octets");
    front.write("src/work/sum.ts", "import { add } from \"./add\"; postMessage(add(1, 2));\n");
    front.write("src/work/add.ts", "export const add = (a: number, b: number) => a + b;\n");
  }

  private String chunk() throws IOException {
    return Objects.requireNonNull(front.files().get(front.file("chunks/chunk-", ".js")));
  }

  @Test
  void workersAreBundledAndFilesCopied() throws IOException, InterruptedException {
    AssetBuild.Result result = build.run(front.config());

    String worker = front.file("src/work/sum-", ".js");
    assertThat(front.files().get(worker)).contains("postMessage").doesNotContain("import");
    assertThat(chunk()).contains("new Worker(new URL(\"/" + worker + "\",import.meta.url)");
    assertThat(front.files().get(front.file("src/main-", ".js")))
        .contains("\"/" + front.file("media/photo-", ".bin") + "\"", chunkName());
    assertThat(Files.readString(front.out().resolve("index.html"))).contains(chunkName());
    assertThat(Files.readString(front.out().resolve("manifest.json"))).contains(worker);
    assertThat(result.warnings()).isEmpty();
    assertThat(result.report().files())
        .filteredOn(file -> file.file().equals(worker))
        .singleElement()
        .satisfies(file -> assertThat(file.modules()).hasSize(2));
  }

  @Test
  void queryAndFragmentStayWhereTheyWere() throws IOException, InterruptedException {
    front.write(
        "src/counted.ts",
        "export const count = new URL(\"./photo.bin?size=2#roof\", import.meta.url);\n");
    build.run(front.config());
    assertThat(chunk()).contains("\"/" + front.file("media/photo-", ".bin") + "?size=2#roof\"");
  }

  private String chunkName() throws IOException {
    String file = front.file("chunks/chunk-", ".js");
    return file.substring(file.lastIndexOf('/') + 1);
  }

  /// What has other octets has another name: whoever keeps the old one for ever is not misled.
  @Test
  void whoNamesAnotherWorkerHasAnotherName() throws IOException, InterruptedException {
    build.run(front.config());
    List<String> before =
        List.of(front.file("src/main-", ".js"), front.file("chunks/late-", ".js"), chunkName());

    build.run(front.config());
    assertThat(front.files()).containsKeys(before.get(0), before.get(1));
    assertThat(chunkName()).isEqualTo(before.get(2));

    front.write("src/work/add.ts", "export const add = (a: number, b: number) => a - b;\n");
    build.run(front.config());
    String main = Files.readString(front.out().resolve("index.html"));
    assertThat(main).doesNotContain(before.get(0), before.get(2));
    assertThat(Files.readString(front.out().resolve("manifest.json")))
        .doesNotContain(before.get(0), before.get(1), before.get(2));
  }

  @Test
  void aUrlThatLeadsNowhereIsToldWithItsModule() throws IOException, InterruptedException {
    front.write(
        "src/counted.ts", "export const count = new URL(\"./gone.ts\", import.meta.url);\n");

    assertThat(build.run(front.config()).warnings())
        .extracting(warning -> warning.trouble().line())
        .containsExactly(
            "src/counted.ts: new URL(\"./gone.ts\", import.meta.url) leads to no file; correct the"
                + " path, or put the file into public/ and name it by /");
  }

  @Test
  void oneUrlThatMeansTwoFilesIsRefused() throws IOException {
    front.write("src/work/photo.bin", "others");
    front.write(
        "src/work/here.ts", "export const u = new URL(\"./photo.bin\", import.meta.url);\n");
    front.write(
        "src/main.ts",
        "import { u } from \"./work/here\";\nconsole.log(u, new URL(\"./photo.bin\","
            + " import.meta.url));\n");

    assertThatThrownBy(() -> build.run(front.config()))
        .isInstanceOf(BuildFailed.class)
        .hasMessageContaining("mean different files");
  }

  @Test
  void sourceMapsStillLeadToTheSource() throws IOException, InterruptedException {
    BuildConfig plain = front.config();
    BuildConfig mapped =
        new BuildConfig(
            plain.source(), plain.out(), List.of(), "/", true, true, List.of(), List.of(), null);
    front.write(
        "src/counted.ts",
        """
        const worker = new Worker(new URL("./work/sum.ts", import.meta.url)); throw new Error("x");
        export const count = worker;
        """);
    build.run(mapped);

    String file = front.file("chunks/chunk-", ".js");
    String script = chunk();
    assertThat(front.files()).doesNotContainKey(file + ".map.br");
    JsonNode map = new ObjectMapper().readTree(front.files().get(file + ".map"));
    assertThat(script).contains("sourceMappingURL=/chunks/" + chunkName() + ".map");
    int column =
        script.lastIndexOf("Error") - script.lastIndexOf('\n', script.indexOf("Error")) - 1;
    int[] at = MapReading.original(map.path("mappings").asText(), 0, column);
    String source = map.path("sourcesContent").path(at[0]).asText();
    assertThat(source.lines().toList().get(at[1]).substring(at[2])).startsWith("Error(\"x\")");
  }

  @Test
  void elementsNeedNoImportWhereThePackageHasTheirFunction()
      throws IOException, InterruptedException {
    front.write("index.html", "<script type=module src=/src/page.jsx></script>\n");
    front.write("src/page.jsx", "console.log(<p>text</p>, import.meta.env.MODE);\n");
    build.run(front.config());
    assertThat(front.files().get(front.file("src/page-", ".js"))).contains("React.createElement");

    Path react = front.source().resolve("node_modules/react");
    Files.createDirectories(react);
    Files.writeString(react.resolve("jsx-runtime.js"), "exports.jsx = (of) => of;\n");
    build.run(front.config());
    assertThat(front.files().values())
        .anySatisfy(text ->
            assertThat(text)
                .contains("jsx", "\"production\"")
                .doesNotContain("React.createElement", "import.meta"));
  }

  @Test
  void saysWhatToDoAboutFilesThatNeedACompiler() throws IOException {
    front.write("src/main.ts", "import \"./app.vue\";\nimport \"./app.scss\";\n");
    front.write("src/app.vue", "<template><p>text</p></template>\n");
    front.write("src/app.scss", "$red: red; p { color: $red }\n");

    assertThatThrownBy(() -> build.run(front.config()))
        .isInstanceOfSatisfying(
            BuildFailed.class,
            failed ->
                assertThat(failed.complaints())
                    .extracting(complaint -> complaint.trouble().line())
                    .anyMatch(line -> line.contains("a Vue component needs Vue's compiler"))
                    .anyMatch(line -> line.contains("make a .css file of it first (sass")));
  }
}
