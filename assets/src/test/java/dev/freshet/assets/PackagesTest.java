package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.freshet.assets.BundleReport.Copy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which packages are there twice.
class PackagesTest {
  @TempDir private Path source;

  private void install(String folder, String name, String version) throws IOException {
    Path to = Files.createDirectories(source.resolve("node_modules").resolve(folder));
    Files.writeString(
        to.resolve("package.json"),
        "{\"name\": \"%s\", \"version\": \"%s\"}".formatted(name, version));
  }

  @Test
  void aPackageThatIsInstalledUnderAnotherNameIsStillTheSame() throws IOException {
    install("lists", "lists", "4.0.0");
    install("lists3", "lists", "3.1.0");
    install("other", "other", "1.0.0");
    Map<String, Long> octets =
        Map.of(
            "node_modules/lists/all.js", 70L,
            "node_modules/lists3/all.js", 50L,
            "node_modules/other/all.js", 10L);

    assertThat(Packages.duplicates(Metafile.empty(), octets, source))
        .singleElement()
        .satisfies(twice -> {
          assertThat(twice.name()).isEqualTo("lists");
          assertThat(twice.octets()).isEqualTo(50);
          assertThat(twice.copies())
              .extracting(Copy::version, Copy::folder)
              .containsExactly(
                  tuple("4.0.0", "node_modules/lists"),
                  tuple("3.1.0", "node_modules/lists3"));
        });
  }
}
