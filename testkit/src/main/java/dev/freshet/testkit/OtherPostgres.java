package dev.freshet.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// PostgreSQL of another version than the one that tests use by themselves, from the archive that
/// Maven has put beside them.
public final class OtherPostgres {
  private static final @Nullable String CHOSEN = System.getProperty("postgres.jar");

  private OtherPostgres() {}

  /// The version for all tests: the usual one, or that of the archive named by `-Dpostgres.jar`.
  public static EmbeddedPostgres.Builder usual() {
    return CHOSEN == null || CHOSEN.isEmpty() ? EmbeddedPostgres.builder() : of(Path.of(CHOSEN));
  }

  /// The archives below `target/postgres`; none on a machine that they are not for.
  public static List<Path> archives() {
    Path folder = Path.of("target", "postgres");
    boolean isFor =
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64");
    if (!isFor) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(jar -> jar.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  public static EmbeddedPostgres.Builder of(Path archive) {
    return EmbeddedPostgres.builder()
        .setPgBinaryResolver((system, architecture) -> binary(archive));
  }

  private static InputStream binary(Path archive) throws IOException {
    try (JarFile jar = new JarFile(archive.toFile())) {
      JarEntry packed =
          jar.stream()
              .filter(entry -> entry.getName().endsWith(".txz"))
              .findFirst()
              .orElseThrow(() -> new IOException("nothing packed in " + archive));
      try (InputStream in = jar.getInputStream(packed)) {
        return new ByteArrayInputStream(in.readAllBytes());
      }
    }
  }
}
