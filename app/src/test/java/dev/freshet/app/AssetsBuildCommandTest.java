package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `freshet assets build`: exit codes, and what it says.
@Timeout(120)
class AssetsBuildCommandTest {
  @TempDir private Path folder;

  @BeforeEach
  void sources() throws IOException {
    Files.writeString(folder.resolve("main.js"), "document.title = \"a title\";\n");
  }

  private Shell build(String... more) {
    String[] all = new String[more.length + 5];
    all[0] = "assets";
    all[1] = "build";
    all[2] = folder.toString();
    all[3] = "-o";
    all[4] = folder.resolve("dist").toString();
    System.arraycopy(more, 0, all, 5, more.length);
    return Shell.run(all);
  }

  @Test
  void buildsAndSaysWhatItMade() throws JsonProcessingException {
    Shell built = build();
    assertThat(built.err()).isEmpty();
    assertThat(built.out()).contains("entry  main.js  scripts 26 B (br 24 B)", "built  ");
    assertThat(built.code()).isZero();
    assertThat(folder.resolve("dist/manifest.json")).exists();

    String json = build("--json").out();
    assertThat(new ObjectMapper().readTree(json).path("total").path("octets").asInt())
        .isEqualTo(26);
  }

  @Test
  void failsByOneWhenABudgetDoesNotHoldAndWritesTheReportAllTheSame() throws IOException {
    Path report = folder.resolve("report.html");
    Shell built = build("--budget", "main=20", "--report", report.toString());

    assertThat(built.code()).isEqualTo(1);
    assertThat(built.err())
        .contains("main.js loads 26 B (br 24 B) of scripts at once, 6 B beyond the budget of 20B")
        .contains("stays as it was");
    assertThat(folder.resolve("dist/manifest.json")).doesNotExist();
    assertThat(Files.readString(report)).contains("<svg");
  }

  @Test
  void failsByOneWithPlaceCauseAndRemedyWhenSourcesAreWrong() throws IOException {
    Files.writeString(folder.resolve("main.js"), "import \"./gone.js\";\n");
    Shell built = build();

    assertThat(built.code()).isEqualTo(1);
    assertThat(built.err())
        .contains("freshet: main.js:1:7: Could not resolve \"./gone.js\"; correct the path");
  }

  @Test
  void failsByTwoWhenAskedForWhatItDoesNotKnow() {
    Shell built = build("--budget", "much=20KB");

    assertThat(built.code()).isEqualTo(2);
    assertThat(built.err()).contains("'much=20KB' is not a budget; write it like main=500KB");
  }

  /// Each with a line, and before anything is built.
  @Test
  void failsByTwoWhenAFileOrFolderCantBeThere() throws IOException {
    Path absent = folder.resolve("absent/report.html");
    Shell built = build("--report", absent.toString());
    assertThat(built.code()).isEqualTo(2);
    assertThat(built.err().lines())
        .containsExactly(
            "freshet: --report %s: its folder is not there; make it, or name another file"
                .formatted(absent));
    assertThat(folder.resolve("dist")).doesNotExist();

    built = build("--report", folder.toString());
    assertThat(built.err()).contains("is a folder; name a file in it");

    built = build("--baseline", absent.toString());
    assertThat(built.code()).as("a first build has none").isZero();
    assertThat(built.err()).contains("--baseline " + absent + ": is not there, so no growth");

    Path file = Files.writeString(folder.resolve("dist.txt"), "a file");
    built = Shell.run("assets", "build", folder.toString(), "-o", file.toString());
    assertThat(built.code()).isEqualTo(2);
    assertThat(built.err()).contains("dist.txt: is not a folder; name a folder of its own");
  }

  @Test
  void helpTeaches() {
    assertThat(Shell.run("assets", "build", "--help").out())
        .contains("freshet assets build web -o dist --watch", "--budget=NAME=SIZE");
  }
}
