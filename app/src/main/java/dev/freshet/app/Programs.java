package dev.freshet.app;

import dev.freshet.assets.Esbuild;
import dev.freshet.assets.RefinerConfig;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Programs beside Freshet that it runs: where they are on this machine.
final class Programs {
  private Programs() {}

  /// @param given by a flag; before what `ESBUILD` says, before the one that comes along
  static Esbuild esbuild(@Nullable Path given) {
    String named = System.getenv("ESBUILD");
    Path other = named == null || named.isEmpty() ? null : Path.of(named);
    return Esbuild.find(given != null ? given : other, cache());
  }

  /// The browser to look with, null where there is none.
  ///
  /// @param given by a flag
  static @Nullable Path chromium(@Nullable Path given) {
    if (given != null) {
      return given;
    }
    String path = System.getenv("PATH");
    return Stream.of((path == null ? "" : path).split(File.pathSeparator))
        .flatMap(folder ->
            Stream.of("chromium", "chromium-browser", "google-chrome")
                .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  /// With esbuild and libvips looked for when they are first needed.
  static RefinerConfig refiner(long memory) {
    String named = System.getenv("LIBVIPS");
    Path libvips = named == null || named.isEmpty() ? null : Path.of(named);
    Supplier<Esbuild> esbuild =
        new Supplier<>() {
          private @Nullable Esbuild found;

          @Override
          public synchronized Esbuild get() {
            Esbuild known = found == null ? esbuild(null) : found;
            found = known;
            return known;
          }
        };
    return new RefinerConfig(esbuild, libvips, beside(), cache(), memory);
  }

  /// Where the program itself lies; null when it runs from folders of classes.
  private static @Nullable Path beside() {
    var source = Programs.class.getProtectionDomain().getCodeSource();
    Path place = source == null ? null : Path.of(URI.create(source.getLocation().toString()));
    return place == null || !place.toString().endsWith(".jar") ? null : place.getParent();
  }

  /// Where what is unpacked stays: `$XDG_CACHE_HOME/freshet`, or `~/.cache/freshet`.
  private static Path cache() {
    String folder = System.getenv("XDG_CACHE_HOME");
    return folder == null || folder.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".cache", "freshet")
        : Path.of(folder, "freshet");
  }
}
