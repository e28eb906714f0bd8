package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutFolderTest {
  @TempDir private Path folder;

  private void publish(String name) throws IOException {
    try (OutFolder out = OutFolder.open(folder.resolve("dist"))) {
      Files.writeString(out.stage().resolve(name), "made");
      out.publish(Set.of(name), Map.of());
    }
  }

  @Test
  void notesOfABuildLeadToNothingOutside() throws IOException {
    publish("a-1.js");
    Path outside = Files.writeString(folder.resolve("outside.txt"), "mine");
    Path aside = Files.writeString(folder.resolve("dist/.freshet/report.html"), "kept");
    Files.writeString(
        folder.resolve("dist/.freshet/made.json"),
        """
        {"now": ["../outside.txt", "%s", "x/../../outside.txt", ".freshet/report.html"],
         "before": ["../outside.txt", "x/../.freshet/report.html", ""],
         "plain": ["../outside.txt", ".freshet/report.html"]}
        """
            .formatted(outside));
    Files.delete(folder.resolve("dist/a-1.js"));
    publish("b-1.js");
    publish("c-1.js");
    publish("d-1.js");
    assertThat(outside).hasContent("mine");
    assertThat(aside).hasContent("kept");
    assertThat(folder.resolve("dist/b-1.js")).doesNotExist();
  }

  @Test
  void whatNoBuildMadeIsInTheWayWhateverItsName() throws IOException {
    Path own = Files.createDirectories(folder.resolve("dist")).resolve("a-1.js");
    Files.writeString(own, "mine");
    assertThatThrownBy(() -> publish("a-1.js"))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("was not made by a build");
    assertThat(own).hasContent("mine");
  }
}
