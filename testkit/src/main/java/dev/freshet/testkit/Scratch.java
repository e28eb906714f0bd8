package dev.freshet.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/// Folders for what tests write that share a server: gone when the JVM ends. Where one test writes,
/// JUnit's `@TempDir` is for that.
public final class Scratch {
  private Scratch() {}

  /// A new folder, with all in it deleted at the end. Who needs something in it until then has a
  /// copy open, as a server does: a shutdown waits for nobody.
  public static Path folder(String name) {
    try {
      Path folder = Files.createTempDirectory(name);
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> deleteAtLast(folder), "scratch-" + name));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void deleteAtLast(Path folder) {
    try {
      delete(folder);
    } catch (UncheckedIOException e) {
      // A server was quicker, or writes still: the next one of that name has another number.
    }
  }

  /// Deletes a folder with all in it.
  static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
