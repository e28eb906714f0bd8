package dev.freshet.assets;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What front-ends are written to be built with, so that sources made for another build tool do
/// here what they did there.
final class Conventions {
  private Conventions() {}

  /// For esbuild; a `tsconfig.json` and what the user hands on have the last word.
  static List<String> arguments(BuildConfig config) {
    List<String> all = new ArrayList<>();
    all.add("--define:process.env.NODE_ENV=\"production\"");
    // As Vite has it. Names that only it knows are undefined, not an error.
    String base = config.base().replace("\\", "\\\\").replace("\"", "\\\"");
    List<String> known =
        List.of("MODE=\"production\"", "PROD=true", "DEV=false", "SSR=false");
    known.forEach(one -> all.add("--define:import.meta.env." + one));
    all.add("--define:import.meta.env.BASE_URL=\"" + base + "\"");
    all.add(
        "--define:import.meta.env={\"MODE\":\"production\",\"PROD\":true,\"DEV\":false,"
            + "\"SSR\":false,\"BASE_URL\":\""
            + base
            + "\"}");
    all.addAll(elements(config.source()));
    return all;
  }

  /// Elements are made by the package's own function, without an import of React in each file,
  /// where the package that is installed has one (React 16.14, Preact 10.5).
  private static List<String> elements(Path source) {
    for (Path at = source.toAbsolutePath(); at != null; at = at.getParent()) {
      Path packages = at.resolve("node_modules");
      if (Files.isRegularFile(packages.resolve("react/jsx-runtime.js"))) {
        return List.of("--jsx=automatic");
      }
      if (Files.isDirectory(packages.resolve("preact/jsx-runtime"))) {
        return List.of("--jsx=automatic", "--jsx-import-source=preact");
      }
    }
    return List.of();
  }
}
