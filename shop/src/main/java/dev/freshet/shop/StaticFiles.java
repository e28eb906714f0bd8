package dev.freshet.shop;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/// What lies under `/static/`: photos, styles and scripts from the data folder, the rest from the
/// program itself. Read anew for each request, and sent without any validator.
final class StaticFiles {
  private static final Pattern NAME = Pattern.compile("[a-z]+/[a-z0-9][a-z0-9.-]*");
  private static final Map<String, String> TYPES =
      Map.of(
          "jpg", "image/jpeg",
          "png", "image/png",
          "svg", "image/svg+xml",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "woff", "font/woff",
          "txt", "text/plain; charset=utf-8");

  private final Path folder;

  /// @param folder where [Warehouse] has put what it made
  StaticFiles(Path folder) {
    this.folder = folder;
  }

  /// @param name such as `css/shop.css`; the pattern leaves no way out of the folder
  Answer read(String name) throws IOException {
    String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
    if (type == null || !NAME.matcher(name).matches()) {
      throw Refusal.missing("/static/" + name);
    }
    try (InputStream in = StaticFiles.class.getResourceAsStream("static/" + name)) {
      if (in != null) {
        return Answer.of(type, in.readAllBytes());
      }
    }
    try {
      return Answer.of(type, Files.readAllBytes(folder.resolve(name)));
    } catch (NoSuchFileException e) {
      throw Refusal.missing("/static/" + name);
    }
  }
}
