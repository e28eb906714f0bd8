package dev.freshet.assets;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.assets.BundleReport.Copy;
import dev.freshet.assets.BundleReport.Duplicate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Which package a module is of, and which packages are there twice.
final class Packages {
  private static final String NPM = "node_modules/";
  private static final int MAX_NAMED = 5;
  private static final ObjectMapper JSON = new ObjectMapper();

  private Packages() {}

  static boolean isPackaged(String module) {
    return module.contains(NPM);
  }

  /// `node_modules/a/node_modules/@b/c/d.js` to `node_modules/a/node_modules/@b/c`.
  static String folder(String module) {
    int from = module.lastIndexOf(NPM) + NPM.length();
    int end = module.indexOf('/', from);
    if (end > 0 && module.charAt(from) == '@') {
      end = module.indexOf('/', end + 1);
    }
    return end < 0 ? module : module.substring(0, end);
  }

  /// The name of a package by its folder.
  static String name(String folder) {
    return folder.substring(folder.lastIndexOf(NPM) + NPM.length());
  }

  /// Largest waste first.
  ///
  /// @param octets by module, in the result
  /// @param source the folder that modules are relative to
  static List<Duplicate> duplicates(Metafile metafile, Map<String, Long> octets, Path source) {
    Map<String, Long> folders = new TreeMap<>();
    octets.forEach((module, size) -> {
      if (isPackaged(module) && size > 0) {
        String folder = folder(module);
        folders.merge(folder, size, Long::sum);
      }
    });
    // By the name that the package has itself: it may have been installed under another.
    Map<String, Map<String, Long>> byName = new TreeMap<>();
    folders.forEach((folder, size) ->
        byName
            .computeIfAbsent(
                told(source.resolve(folder), "name", name(folder)), n -> new TreeMap<>())
            .put(folder, size));
    List<Duplicate> all = new ArrayList<>();
    byName.forEach((name, of) -> {
      if (of.size() > 1) {
        List<Copy> copies =
            of.entrySet().stream()
                .map(one ->
                    new Copy(
                        told(source.resolve(one.getKey()), "version", "?"),
                        one.getKey(),
                        one.getValue(),
                        importers(metafile, one.getKey())))
                .sorted(Comparator.comparingLong(Copy::octets).reversed())
                .toList();
        long waste = copies.stream().skip(1).mapToLong(Copy::octets).sum();
        all.add(new Duplicate(name, copies, waste));
      }
    });
    all.sort(Comparator.comparingLong(Duplicate::octets).reversed());
    return all;
  }

  private static List<String> importers(Metafile metafile, String folder) {
    return metafile.inputs().entrySet().stream()
        .filter(input ->
            !input.getKey().startsWith(folder + "/")
                && input.getValue().imports().stream()
                    .anyMatch(one -> one.path().startsWith(folder + "/")))
        .map(Map.Entry::getKey)
        .limit(MAX_NAMED)
        .toList();
  }

  /// What a package says of itself.
  private static String told(Path folder, String what, String otherwise) {
    try {
      return JSON.readTree(Files.readAllBytes(folder.resolve("package.json")))
          .path(what)
          .asText(otherwise);
    } catch (IOException e) {
      return otherwise;
    }
  }
}
