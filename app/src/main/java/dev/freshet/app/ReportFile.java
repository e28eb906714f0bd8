package dev.freshet.app;

import dev.freshet.base.Trouble;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The file that `--report` names: whether it can be there is asked before the work that it tells
/// of, which may take minutes.
final class ReportFile {
  private ReportFile() {}

  /// @throws Trouble.Found where no such file can be
  static void check(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw found(file, "its folder is not there", "make it, or name another file");
    }
    if (Files.isDirectory(file)) {
      throw found(file, "is a folder", "name a file in it");
    }
    boolean mayBe = Files.isWritable(Files.exists(file) ? file : folder);
    if (!mayBe) {
      throw found(file, "can't be written", "name another file");
    }
  }

  static void write(Path file, String text) {
    try {
      Files.writeString(file, text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw found(file, "can't be written (" + e + ")", "name another file");
    }
  }

  private static Trouble.Found found(Path file, String what, String remedy) {
    return new Trouble.Found(new Trouble("--report " + file, what, remedy));
  }
}
