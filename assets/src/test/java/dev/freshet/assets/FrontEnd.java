package dev.freshet.assets;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A copy of the small front-end in the test resources, to be changed and built.
record FrontEnd(Path source, Path out) {

  static FrontEnd copy(Path folder) throws IOException {
    FrontEnd made = new FrontEnd(folder.resolve("web"), folder.resolve("web/dist"));
    Path from;
    try {
      from = Path.of(FrontEnd.class.getResource("/front").toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = made.source.resolve(from.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    return made;
  }

  BuildConfig config(String... budgets) {
    List<Budget> limits = Stream.of(budgets).map(Budget::parse).toList();
    return new BuildConfig(source, out, List.of(), "/", false, true, List.of(), limits, null);
  }

  void append(String file, String text) throws IOException {
    write(file, Files.readString(source.resolve(file)) + text);
  }

  /// At once: whoever watches sees it whole.
  void write(String file, String text) throws IOException {
    Path part = source.resolve(".part");
    Files.writeString(part, text);
    Files.move(part, source.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  /// Everything in the result but its own notes.
  Map<String, String> files() throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(out)) {
      files
          .filter(file -> Files.isRegularFile(file) && !file.startsWith(out.resolve(".freshet")))
          .forEach(file -> {
            try {
              all.put(
                  out.relativize(file).toString(),
                  new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    return all;
  }

  /// The one file whose name begins and ends so.
  String file(String begin, String end) throws IOException {
    List<String> found =
        files().keySet().stream()
            .filter(name -> name.startsWith(begin) && name.endsWith(end))
            .toList();
    if (found.size() != 1) {
      throw new AssertionError(begin + "*" + end + ": " + found);
    }
    return found.getFirst();
  }
}
