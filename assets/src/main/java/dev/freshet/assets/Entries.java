package dev.freshet.assets;

import dev.freshet.assets.SourcePage.Kind;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Where a bundle begins: the pages, and what they or the command line name.
///
/// @param bundled modules and style sheets, to be bundled
/// @param classic scripts that aren't modules: their names are everybody's, so each is made smaller
///   for itself
record Entries(List<SourcePage> pages, Set<String> bundled, Set<String> classic) {
  private static final List<String> SCRIPTS = List.of(".js", ".mjs", ".jsx", ".ts", ".mts", ".tsx");
  private static final List<String> USUAL = List.of("index", "main", "app");

  /// Under which name the manifest and the report know a script that is no module: its own, or
  /// another where a page uses the same file as a module too.
  String nameOfClassic(String source) {
    return bundled.contains(source) ? source + " (no module)" : source;
  }

  /// Whether something was made of a source for its own sake.
  ///
  /// @param name as the manifest knows it
  boolean has(String name) {
    return bundled.contains(name) || isClassic(name);
  }

  /// Whether this is a script that is no module.
  ///
  /// @param name as the manifest knows it
  boolean isClassic(String name) {
    return classic.stream().anyMatch(source -> nameOfClassic(source).equals(name));
  }

  static Entries find(BuildConfig config) throws IOException {
    Entries found = new Entries(new ArrayList<>(), new LinkedHashSet<>(), new LinkedHashSet<>());
    Collection<String> names = config.entries().isEmpty() ? usual(config) : config.entries();
    List<Trouble> troubles = new ArrayList<>();
    for (String name : names) {
      Path file = config.source().resolve(name).normalize();
      if (!file.startsWith(config.source()) || !Files.isRegularFile(file)) {
        troubles.add(
            new Trouble(
                "--entry " + name,
                "is not a file in " + config.source(),
                "name a page, script or style sheet by its path in there"));
      } else if (name.endsWith(".html")) {
        found.addPage(config.name(file), file, config, troubles);
      } else {
        found.bundled.add(config.name(file));
      }
    }
    if (!troubles.isEmpty()) {
      throw new BuildFailed(troubles.stream().map(t -> new BuildFailed.Complaint(t, "")).toList());
    }
    return found;
  }

  private void addPage(String name, Path file, BuildConfig config, List<Trouble> troubles)
      throws IOException {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      troubles.add(
          new Trouble(name, "is not UTF-8", "save it as UTF-8, which is what it is built as"));
      return;
    }
    SourcePage page = SourcePage.read(name, text, config.source(), config.base());
    pages.add(page);
    troubles.addAll(page.troubles());
    for (SourcePage.Reference reference : page.references()) {
      if (reference.kind() == Kind.MODULE || reference.kind() == Kind.STYLE) {
        bundled.add(reference.target());
      } else if (reference.kind() == Kind.SCRIPT) {
        classic.add(reference.target());
      }
    }
  }

  private static Collection<String> usual(BuildConfig config) throws IOException {
    Set<String> pages = new TreeSet<>();
    Path open = config.source().resolve("public");
    eachFile(
        config,
        file -> {
          if (file.toString().endsWith(".html") && !file.startsWith(open)) {
            pages.add(config.name(file));
          }
        });
    if (!pages.isEmpty()) {
      return pages;
    }
    List<String> found = new ArrayList<>();
    for (String folder : List.of("", "src/")) {
      for (String name : USUAL) {
        SCRIPTS.stream()
            .map(end -> folder + name + end)
            .filter(path -> Files.isRegularFile(config.source().resolve(path)))
            .findFirst()
            .ifPresent(found::add);
        if (Files.isRegularFile(config.source().resolve(folder + name + ".css"))) {
          found.add(folder + name + ".css");
        }
      }
    }
    if (found.isEmpty()) {
      throw new BuildFailed(
          new Trouble(
              config.source().toString(),
              "has no page (*.html) and no index, main or app with .js, .ts, .jsx, .tsx or .css",
              "name where to begin: --entry PATH"));
    }
    return found;
  }

  /// Every file of the team's own: not what npm put there, not the result, nothing hidden.
  static void eachFile(BuildConfig config, Consumer<Path> each) throws IOException {
    each(config, each, folder -> {});
  }

  static void each(BuildConfig config, Consumer<Path> files, Consumer<Path> folders)
      throws IOException {
    Files.walkFileTree(
        config.source(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes about) {
            String name = folder.getFileName().toString();
            boolean isOther =
                !folder.equals(config.source())
                    && (name.startsWith(".")
                        || name.equals("node_modules")
                        || folder.equals(config.out()));
            if (isOther) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            folders.accept(folder);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              // It was removed since its folder was read.
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes about) {
            files.accept(file);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
