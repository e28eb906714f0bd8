package dev.freshet.assets;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one build of a front-end is asked for.
///
/// @param source the folder with pages, modules and style sheets
/// @param out where the result goes; made when it isn't there
/// @param entries paths in `source`; none for what is found there by convention
/// @param base what URLs of the result begin with: a path that begins and ends with a slash, or an
///   origin and such a path
/// @param hasMaps whether source maps are written beside scripts and style sheets
/// @param isCoded whether br, zstd and gzip forms are written beside what they make smaller
/// @param more further arguments for esbuild
/// @param budgets what nothing may grow beyond
/// @param baseline the report to hold budgets against, or null for that of the build in `out`
public record BuildConfig(
    Path source,
    Path out,
    List<String> entries,
    String base,
    boolean hasMaps,
    boolean isCoded,
    List<String> more,
    List<Budget> budgets,
    @Nullable Path baseline) {

  public BuildConfig {
    source = source.toAbsolutePath().normalize();
    out = out.toAbsolutePath().normalize();
    entries = List.copyOf(entries);
    more = List.copyOf(more);
    budgets = List.copyOf(budgets);
  }

  /// The same with coded forms or without.
  public BuildConfig withCoded(boolean coded) {
    return new BuildConfig(source, out, entries, base, hasMaps, coded, more, budgets, baseline);
  }

  /// The path of a file in `source`, or of one beside it, as esbuild writes it.
  String name(Path file) {
    return source.relativize(file).toString().replace('\\', '/');
  }
}
