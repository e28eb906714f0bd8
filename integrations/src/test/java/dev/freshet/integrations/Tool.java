package dev.freshet.integrations;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// A program of this machine. Tests that lack one are skipped, with a line that says why.
final class Tool {
  private static final int MAX_WAIT_SECONDS = 120;

  private Tool() {}

  /// Its path; skips the test when it is not on the PATH.
  static String of(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(File.pathSeparator, -1))
        .filter(p -> !p.isEmpty())
        .map(p -> Path.of(p, name))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElseGet(() -> skip(name + " is not on the PATH"));
  }

  /// Runs a line that prepares a test; skips the test when it fails.
  static void need(Path directory, List<String> line, String otherwise) {
    try {
      Path log = Files.createTempFile("freshet-tool", ".log");
      log.toFile().deleteOnExit();
      Process started =
          new ProcessBuilder(line)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      boolean ended = started.waitFor(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
      started.destroyForcibly();
      if (!ended || started.exitValue() != 0) {
        skip(otherwise + ": " + Files.readString(log).strip());
      }
    } catch (IOException e) {
      skip(otherwise + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      skip(otherwise);
    }
  }

  static String skip(String why) {
    System.out.println("skipped: " + why);
    Assumptions.abort(why);
    throw new IllegalStateException(why);
  }

  /// The folder `integrations` of this repository.
  static Path folder() {
    Path at = Path.of("").toAbsolutePath();
    return Files.isDirectory(at.resolve("node")) ? at : at.resolve("integrations");
  }
}
