package dev.freshet.gateway;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/// Programs that are found on PATH, or where Debian hides PostgreSQL's.
final class Tool {
  private final Path program;
  private final Path folder;

  private Tool(Path program, Path folder) {
    this.program = program;
    this.folder = folder;
  }

  /// Skips the test, with a line that says so, where there is none.
  static Tool find(String name, Path folder) throws IOException {
    Optional<Path> found =
        places().map(place -> place.resolve(name)).filter(Files::isExecutable).findFirst();
    if (found.isEmpty()) {
      System.out.println("skipped: this test needs " + name + " (not found on PATH)");
    }
    Assumptions.assumeTrue(found.isPresent(), name + " was not found on PATH");
    return new Tool(found.orElseThrow(), folder);
  }

  private static java.util.stream.Stream<Path> places() throws IOException {
    List<Path> all = new ArrayList<>();
    for (String place : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      all.add(Path.of(place));
    }
    Path debian = Path.of("/usr/lib/postgresql");
    if (Files.isDirectory(debian)) {
      try (var versions = Files.list(debian)) {
        versions.map(version -> version.resolve("bin")).forEach(all::add);
      }
    }
    return all.stream();
  }

  /// @param code how it ended
  /// @param text what it said, to both ends
  record Ended(int code, String text) {}

  Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(folder.toFile());
    builder.environment().put("PGPASSWORD", Backstage.PASSWORD);
    builder.environment().put("PGSSLMODE", "disable");
    builder.environment().put("NO_UPDATE_NOTIFIER", "1");
    return builder.start();
  }

  Ended run(String... arguments) throws IOException, InterruptedException {
    return ended(start(arguments));
  }

  /// Waits for its end; a minute at most.
  static Ended ended(Process process) throws IOException, InterruptedException {
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    return new Ended(process.waitFor(), text);
  }
}
