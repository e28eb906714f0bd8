package dev.freshet.trial;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The repository's own files, for tests that read them.
final class Sources {
  static final List<String> ROOMS =
      List.of(
          "base",
          "freshness",
          "http",
          "pgwire",
          "sql",
          "cache",
          "recording",
          "edge",
          "gateway",
          "changes",
          "live",
          "assets",
          "console",
          "load",
          "app",
          "testkit",
          "shop");

  /// No rooms, but under the rules of tidiness: what stands aside.
  static final List<String> ASIDE = List.of("integrations", "integrations/java");

  private Sources() {}

  /// The folder that holds the reactor's pom.
  static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.exists(at.resolve("freshet"))) {
      Path up = at.getParent();
      if (up == null) {
        throw new IllegalStateException("run inside the repository");
      }
      at = up;
    }
    return at;
  }

  static List<Path> java(String room, String kind) {
    Path folder = root().resolve(room).resolve("src").resolve(kind).resolve("java");
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(p -> p.toString().endsWith(".java")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
