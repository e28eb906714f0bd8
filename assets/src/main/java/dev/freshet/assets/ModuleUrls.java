package dev.freshet.assets;

import dev.freshet.assets.BuildFailed.Complaint;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/* esbuild leaves new URL("./file", import.meta.url) as it is written, and so a built page asks for
 * a source that is not there. This looks for such URLs in what esbuild made, makes what they name,
 * and puts its name into their place. A script that has another content then has to have another
 * name, and so has each that names it: old name and the names put in make the new one, so it is the
 * same in every build of the same sources.
 */

/// Files that modules name by `new URL("./file", import.meta.url)`: workers and other scripts are
/// bundled, each for itself; everything else is copied.
final class ModuleUrls {
  private static final Pattern URL =
      Pattern.compile(
          "new URL\\(\\s*([\"'`])([^\"'`\\\\$]+)\\1\\s*,\\s*import\\.meta\\.url\\s*\\)");

  private static final Pattern ELSEWHERE = Pattern.compile("^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|/).*");
  private static final Set<String> SCRIPTS = Set.of("js", "mjs", "jsx", "ts", "mts", "tsx");

  /// Bundles entries, each for itself.
  interface Bundler {
    Metafile run(Collection<String> entries) throws IOException, InterruptedException;
  }

  private final BuildConfig config;
  private final Path stage;
  private final Metafile bundle;
  private final List<Complaint> warnings;

  /// Script of the result to what it names: text of the URL to source.
  private final Map<String, Map<String, String>> named = new LinkedHashMap<>();

  private ModuleUrls(BuildConfig config, Path stage, Metafile bundle, List<Complaint> warnings) {
    this.config = config;
    this.stage = stage;
    this.bundle = bundle;
    this.warnings = warnings;
  }

  /// The bundle with what its modules name so.
  ///
  /// @param warnings hears of URLs that lead nowhere
  static Metafile resolved(
      Metafile bundle, BuildConfig config, Path stage, List<Complaint> warnings, Bundler bundler)
      throws IOException, InterruptedException {
    ModuleUrls urls = new ModuleUrls(config, stage, bundle, warnings);
    urls.look();
    return urls.named.isEmpty() ? bundle : urls.made(bundler);
  }

  // ---- what is named ----

  private void look() throws IOException {
    for (String file : bundle.outputs().keySet()) {
      if (Sizes.ending(file).equals("js")) {
        Matcher found = URL.matcher(Files.readString(stage.resolve(file)));
        while (found.find()) {
          String text = found.group(2);
          String source = source(file, text);
          if (source != null) {
            named.computeIfAbsent(file, f -> new TreeMap<>()).put(text, source);
          }
        }
      }
    }
  }

  /// The file that a URL in a script leads to from the module where it is written; null where it is
  /// of another site, or leads nowhere.
  private @Nullable String source(String file, String text) throws IOException {
    if (ELSEWHERE.matcher(text).matches()) {
      return null;
    }
    Metafile.Output output = bundle.outputs().get(file);
    Map<String, String> found = new TreeMap<>();
    String writer = "";
    for (String module : output == null ? Set.<String>of() : output.modules().keySet()) {
      Path path = config.source().resolve(module).normalize();
      if (Files.isRegularFile(path) && names(path, text)) {
        writer = module;
        Path target = path.resolveSibling(file(text)).normalize();
        if (Files.isRegularFile(target)) {
          found.put(config.name(target), module);
        }
      }
    }
    String what = "new URL(\"" + text + "\", import.meta.url)";
    if (found.size() > 1) {
      throw new BuildFailed(
          new Trouble(
              String.join(" and ", found.values()),
              "say " + what + " and mean different files",
              "give these files names of their own"));
    }
    if (found.isEmpty() && !Packages.isPackaged(writer)) {
      warnings.add(
          new Complaint(
              new Trouble(
                  writer.isEmpty() ? file : writer,
                  what + " leads to no file",
                  "correct the path, or put the file into public/ and name it by /"),
              ""));
    }
    return found.isEmpty() ? null : found.keySet().iterator().next();
  }

  private static String file(String url) {
    return url.split("[?#]", 2)[0];
  }

  /// Query and fragment: which part of a picture is meant, say.
  private static String behind(String url) {
    return url.substring(file(url).length());
  }

  private static boolean names(Path module, String text) throws IOException {
    Matcher found =
        URL.matcher(new String(Files.readAllBytes(module), StandardCharsets.ISO_8859_1));
    while (found.find()) {
      if (found.group(2).equals(text)) {
        return true;
      }
    }
    return false;
  }

  // ---- what is made ----

  private Metafile made(Bundler bundler) throws IOException, InterruptedException {
    Set<String> scripts = new TreeSet<>();
    Map<String, String> files = new TreeMap<>();
    Map<String, Metafile.Output> copies = new LinkedHashMap<>();
    for (Map<String, String> urls : named.values()) {
      for (String source : urls.values()) {
        if (SCRIPTS.contains(Sizes.ending(source))) {
          scripts.add(source);
        } else if (!files.containsKey(source)) {
          files.put(source, copied(source, copies));
        }
      }
    }
    Metafile workers = scripts.isEmpty() ? Metafile.empty() : bundler.run(scripts);
    workers
        .outputs()
        .forEach((file, output) -> {
          if (output.entryPoint() != null) {
            files.put(output.entryPoint(), file);
          }
        });
    return renamed(files)
        .and(workers.named(this::nameOfWorker))
        .and(new Metafile(Map.of(), copies));
  }

  /// Under its own name, unless the same source is a module of the page too.
  private String nameOfWorker(String source) {
    boolean isTaken =
        bundle.outputs().values().stream().anyMatch(o -> source.equals(o.entryPoint()));
    return isTaken ? source + " (by URL)" : source;
  }

  private String copied(String source, Map<String, Metafile.Output> copies) throws IOException {
    for (var output : bundle.outputs().entrySet()) {
      boolean isOfIt = output.getValue().modules().keySet().equals(Set.of(source));
      if (isOfIt && Sizes.ending(output.getKey()).equals(Sizes.ending(source))) {
        return output.getKey();
      }
    }
    byte[] octets = Files.readAllBytes(config.source().resolve(source));
    String file = "media/" + ContentNames.named(Path.of(source).getFileName().toString(), octets);
    Files.createDirectories(stage.resolve("media"));
    Files.write(stage.resolve(file), octets);
    Map<String, Long> modules = Map.of(source, (long) octets.length);
    copies.put(file, new Metafile.Output(octets.length, List.of(), null, null, modules));
    return file;
  }

  // ---- what names it ----

  /// Puts the names in, and gives who has them another name.
  ///
  /// @param files source to what was made of it
  private Metafile renamed(Map<String, String> files) throws IOException {
    Map<String, String> names = newNames(files);
    for (String file : names.keySet()) {
      String text = Files.readString(stage.resolve(file));
      SourceMapShift shift = new SourceMapShift();
      Map<String, String> urls = named.getOrDefault(file, Map.of());
      Matcher found = URL.matcher(text);
      StringBuilder out = new StringBuilder();
      while (found.find()) {
        String source = urls.get(found.group(2));
        if (source != null) {
          String url = config.base() + files.getOrDefault(source, source) + behind(found.group(2));
          String by = "new URL(\"" + url + "\",import.meta.url)";
          shift.replaced(text, found.start(), found.end(), by.length());
          found.appendReplacement(out, Matcher.quoteReplacement(by));
        }
      }
      found.appendTail(out);
      String renamed = out.toString();
      for (Map.Entry<String, String> one : names.entrySet()) {
        renamed = renamed.replace(last(one.getKey()), last(one.getValue()));
      }
      Files.delete(stage.resolve(file));
      Files.writeString(stage.resolve(names.getOrDefault(file, file)), renamed);
      moveBeside(file, names.getOrDefault(file, file), shift);
    }
    return bundle.moved(file -> moved(file, names));
  }

  /// Source map and licences, which are named after the script.
  private void moveBeside(String file, String to, SourceMapShift shift) throws IOException {
    Path map = stage.resolve(file + ".map");
    if (Files.isRegularFile(map)) {
      Files.writeString(stage.resolve(to + ".map"), shift.map(Files.readString(map)));
      if (!to.equals(file)) {
        Files.delete(map);
      }
    }
    Path legal = stage.resolve(file + ".LEGAL.txt");
    if (Files.isRegularFile(legal)) {
      Files.move(legal, stage.resolve(to + ".LEGAL.txt"));
    }
  }

  private static String moved(String file, Map<String, String> names) {
    for (Map.Entry<String, String> one : names.entrySet()) {
      if (file.equals(one.getKey()) || file.startsWith(one.getKey() + ".")) {
        return one.getValue() + file.substring(one.getKey().length());
      }
    }
    return file;
  }

  private static String last(String file) {
    return file.substring(file.lastIndexOf('/') + 1);
  }

  /// Of every script that has such a URL, or leads to one that has.
  private Map<String, String> newNames(Map<String, String> files) {
    Map<String, String> names = new HashMap<>();
    for (String file : bundle.outputs().keySet()) {
      Set<String> within = new TreeSet<>();
      for (String reached : reached(file)) {
        named
            .getOrDefault(reached, Map.of())
            .values()
            .forEach(source -> within.add(files.getOrDefault(source, source)));
      }
      if (!within.isEmpty()) {
        names.put(file, ContentNames.renamed(file, within));
      }
    }
    return names;
  }

  private Set<String> reached(String from) {
    Set<String> all = new LinkedHashSet<>();
    List<String> open = new ArrayList<>(List.of(from));
    while (!open.isEmpty()) {
      String next = open.removeLast();
      Metafile.Output output = bundle.outputs().get(next);
      if (output != null && all.add(next)) {
        output.imports().stream()
            .filter(one -> !one.isExternal())
            .forEach(one -> open.add(one.path()));
      }
    }
    return all;
  }
}
