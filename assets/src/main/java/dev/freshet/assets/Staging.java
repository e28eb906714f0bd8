package dev.freshet.assets;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.assets.SourcePage.Kind;
import dev.freshet.assets.SourcePage.Reference;
import dev.freshet.assets.SourcePage.Replacement;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Puts everything beside what esbuild made: pictures of pages under hashed names, what `public/`
/// has under its own, the pages with their references rewritten, coded forms, the manifest.
final class Staging {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final BuildConfig config;
  private final OutFolder out;
  private final Path stage;
  private final Metafile bundle;
  private final Entries entries;

  /// Entry or copied file to what came of it.
  private final Map<String, String> made = new TreeMap<>();

  private final Set<String> hashed = new HashSet<>();
  private final Map<String, CodedForms> coded = new ConcurrentHashMap<>();

  Staging(BuildConfig config, OutFolder out, Metafile bundle, Entries entries) {
    this.config = config;
    this.out = out;
    this.stage = out.stage();
    this.bundle = bundle;
    this.entries = entries;
  }

  /// @param lighter makes pictures smaller, null leaves them as they are
  /// @param progress hears what takes long
  /// @return what became of pictures
  StagedPictures run(@Nullable Lighter lighter, Consumer<String> progress) throws IOException {
    bundle
        .outputs()
        .forEach((file, output) -> {
          String entry = output.entryPoint();
          if (entry != null) {
            made.put(entry, file);
          }
        });
    dropStylesOfRoutes();
    copyFiles();
    for (String file : files()) {
      hashed.add(file);
    }
    StagedPictures pictures =
        lighter == null
            ? StagedPictures.NONE
            : StagedPictures.make(
                out,
                hashed.stream().filter(Lighter::isPicture).sorted().toList(),
                lighter,
                progress);
    copyPublic();
    for (SourcePage page : entries.pages()) {
      write(page.name(), page.with(reference -> replacement(page, reference)));
    }
    if (config.isCoded()) {
      code();
    }
    write("manifest.json", manifest());
    return pictures;
  }

  /// A style sheet that a dynamic import has is part of its entry's: nobody asks for it alone.
  private void dropStylesOfRoutes() throws IOException {
    for (Metafile.Output output : List.copyOf(bundle.outputs().values())) {
      String css = output.cssBundle();
      String entry = output.entryPoint();
      if (css != null && (entry == null || !entries.bundled().contains(entry))) {
        Files.deleteIfExists(stage.resolve(css));
        Files.deleteIfExists(stage.resolve(css + ".map"));
        bundle.outputs().remove(css);
      }
    }
  }

  private void copyFiles() throws IOException {
    for (SourcePage page : entries.pages()) {
      for (Reference reference : page.references()) {
        if (reference.kind() == Kind.FILE && !made.containsKey(reference.target())) {
          Path from = config.source().resolve(reference.target());
          String known = copiedBefore(reference.target(), from);
          if (known != null) {
            made.put(reference.target(), known);
            continue;
          }
          byte[] octets = Files.readAllBytes(from);
          String to = "media/" + ContentNames.named(from.getFileName().toString(), octets);
          Files.createDirectories(stage.resolve("media"));
          Files.write(stage.resolve(to), octets);
          made.put(reference.target(), to);
        }
      }
    }
  }

  /// What stands for that file already, since a style sheet or a script names it too: browsers load
  /// it once under one name. Null where none does.
  private @Nullable String copiedBefore(String source, Path from) throws IOException {
    for (var output : bundle.outputs().entrySet()) {
      boolean isOfIt = output.getValue().modules().keySet().equals(Set.of(source));
      Path copy = stage.resolve(output.getKey());
      if (isOfIt && Files.isRegularFile(copy) && Files.mismatch(copy, from) < 0) {
        return output.getKey();
      }
    }
    return null;
  }

  private void copyPublic() throws IOException {
    Path open = config.source().resolve("public");
    if (!Files.isDirectory(open)) {
      return;
    }
    try (Stream<Path> files = Files.walk(open)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = stage.resolve(open.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
  }

  private void write(String name, String text) throws IOException {
    Path to = stage.resolve(name);
    Files.createDirectories(to.getParent());
    try {
      Files.createFile(to);
    } catch (FileAlreadyExistsException e) {
      throw new BuildFailed(
          new Trouble(
              "public/" + name, "has the name of what the build makes", "name it otherwise"));
    }
    Files.writeString(to, text, StandardCharsets.UTF_8);
  }

  private Replacement replacement(SourcePage page, Reference reference) {
    String target = reference.target();
    String file =
        made.get(reference.kind() == Kind.SCRIPT ? entries.nameOfClassic(target) : target);
    if (file == null) {
      throw new IllegalStateException("nothing was made of " + reference.target());
    }
    String before = reference.kind() == Kind.MODULE ? preloads(page, reference, file) : "";
    return new Replacement(url(file), before, seal(file));
  }

  /// What the module will ask for first, so that the browser need not find out step by step.
  private String preloads(SourcePage page, Reference reference, String file) {
    // Once is enough where a page names a module twice.
    boolean isFirst =
        page.references().stream()
            .filter(r -> r.kind() == Kind.MODULE && r.target().equals(reference.target()))
            .findFirst()
            .filter(reference::equals)
            .isPresent();
    StringBuilder out = new StringBuilder();
    if (isFirst) {
      Metafile.Output output = bundle.outputs().get(file);
      String css = output == null ? null : output.cssBundle();
      if (css != null) {
        out.append("<link rel=\"stylesheet\" href=\"").append(url(css)).append("\">");
      }
      for (String needed : closure(file)) {
        if (!needed.equals(file)) {
          out.append("<link rel=\"modulepreload\" href=\"").append(url(needed)).append("\">");
        }
      }
    }
    return out.toString();
  }

  /// The script and every script that it imports statically, itself first.
  Set<String> closure(String file) {
    Set<String> all = new LinkedHashSet<>();
    List<String> open = new ArrayList<>(List.of(file));
    while (!open.isEmpty()) {
      String next = open.removeLast();
      Metafile.Output output = bundle.outputs().get(next);
      if (output != null && all.add(next)) {
        output.imports().stream()
            .filter(one -> one.kind().equals("import-statement") && !one.isExternal())
            .forEach(one -> open.add(one.path()));
      }
    }
    return all;
  }

  private void code() throws IOException {
    try {
      files().parallelStream()
          // Only tools ask for maps, and they are the largest of all.
          .filter(file -> BundleReport.Kind.of(file) != BundleReport.Kind.MAP)
          .forEach(file -> {
            try {
              coded.put(file, CodedForms.write(stage.resolve(file)));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    for (String file : List.copyOf(hashed)) {
      for (String form : List.of(".br", ".zst", ".gz")) {
        hashed.add(file + form);
      }
    }
  }

  private String manifest() throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    for (var one : made.entrySet()) {
      Metafile.Output output = bundle.outputs().get(one.getValue());
      Map<String, Object> about = new LinkedHashMap<>();
      about.put("file", one.getValue());
      about.put("url", url(one.getValue()));
      about.put("integrity", seal(one.getValue()));
      about.put("isEntry", isEntry(one.getKey()));
      if (output != null) {
        String css = output.cssBundle();
        about.put("css", css == null || !isEntry(one.getKey()) ? List.of() : List.of(css));
        about.put(
            "imports",
            closure(one.getValue()).stream().filter(f -> !f.equals(one.getValue())).toList());
        about.put(
            "dynamicImports",
            output.imports().stream()
                .filter(Metafile.Import::isDynamic)
                .map(Metafile.Import::path)
                .toList());
      }
      all.put(one.getKey(), about);
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n";
  }

  boolean isEntry(String source) {
    return entries.has(source);
  }

  boolean isClassic(String source) {
    return entries.isClassic(source);
  }

  /// What is staged, but for coded forms.
  List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(stage)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> stage.relativize(file).toString().replace('\\', '/'))
          .filter(file -> !isForm(file))
          .sorted()
          .toList();
    }
  }

  private boolean isForm(String file) {
    int dot = file.lastIndexOf('.');
    return dot > 0 && coded.containsKey(file.substring(0, dot));
  }

  Path stage() {
    return stage;
  }

  CodedForms forms(String file) {
    return coded.getOrDefault(file, CodedForms.NONE);
  }

  /// Names that change with what is in the files.
  Set<String> hashed() {
    return hashed;
  }

  /// What a file was made from, null when it is not one source's.
  @Nullable String source(String file) {
    return made.entrySet().stream()
        .filter(one -> one.getValue().equals(file))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  private String url(String file) {
    try {
      return config.base() + new URI(null, null, "/" + file, null).toASCIIString().substring(1);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("every path can be written as one", e);
    }
  }

  private String seal(String file) {
    try {
      byte[] hash = ContentNames.digest("SHA-384", Files.readAllBytes(stage.resolve(file)));
      return "sha384-" + Base64.getEncoder().encodeToString(hash);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
