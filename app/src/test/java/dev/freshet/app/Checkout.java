package dev.freshet.app;

import java.nio.file.Files;
import java.nio.file.Path;

/// The repository that the tests run in.
final class Checkout {
  private Checkout() {}

  /// The folder that holds `freshet`, the script.
  static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.isRegularFile(at.resolve("freshet"))) {
      Path up = at.getParent();
      if (up == null) {
        throw new IllegalStateException("run inside the repository");
      }
      at = up;
    }
    return at;
  }
}
