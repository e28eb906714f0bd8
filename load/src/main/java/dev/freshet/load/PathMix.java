package dev.freshet.load;

import dev.freshet.base.Rolls;
import dev.freshet.load.Shot.Kind;
import java.util.List;
import java.util.Set;

/// Visitors who ask for paths of a list, each as often as any other.
public final class PathMix implements Mix {
  private static final Set<String> FILES =
      Set.of(
          "css", "js", "mjs", "png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "ico", "woff",
          "woff2", "ttf", "map", "mp4", "webm", "pdf");

  private final List<Shot> shots;

  /// @param paths with queries; at least one
  public PathMix(List<String> paths) {
    if (paths.isEmpty()) {
      throw new IllegalArgumentException("no path to ask for");
    }
    shots = paths.stream().map(path -> Shot.get(kind(path), path)).toList();
  }

  @Override
  public Script of(long seed, int user) {
    Rolls rolls = new Rolls(seed * 1_000_003 + user);
    return () -> rolls.oneOf(shots);
  }

  /// Whether a path looks like that of a page.
  public static boolean isPage(String target) {
    return kind(target) == Kind.PAGE;
  }

  /// What a path is for, as far as it shows.
  static Kind kind(String target) {
    int query = target.indexOf('?');
    String path = query < 0 ? target : target.substring(0, query);
    String name = path.substring(path.lastIndexOf('/') + 1);
    String ending = name.substring(name.lastIndexOf('.') + 1);
    if (name.contains(".") && FILES.contains(ending)) {
      return Kind.STATIC;
    }
    boolean isApi = path.equals("/api") || path.startsWith("/api/") || ending.equals("json");
    return isApi || path.equals("/graphql") ? Kind.API : Kind.PAGE;
  }
}
