package dev.freshet.app;

import dev.freshet.assets.Esbuild;
import java.nio.file.Path;
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

  /// Where what is unpacked stays: `$XDG_CACHE_HOME/freshet`, or `~/.cache/freshet`.
  private static Path cache() {
    String folder = System.getenv("XDG_CACHE_HOME");
    return folder == null || folder.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".cache", "freshet")
        : Path.of(folder, "freshet");
  }
}
