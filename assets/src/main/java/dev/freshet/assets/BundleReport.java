package dev.freshet.assets;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a bundle is made of and what of it could go. Octets are those of the minified files, br
/// beside them those of their Brotli form (0 where none was made).
///
/// @param total of everything that a browser may ask for: no source maps, no coded forms
@JsonIgnoreProperties(ignoreUnknown = true)
public record BundleReport(
    Weight total,
    List<Entry> entries,
    List<Product> files,
    List<Duplicate> duplicates,
    List<Split> splits) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// How much something is.
  public record Weight(long octets, long br) {
    static final Weight NONE = new Weight(0, 0);

    Weight and(Weight other) {
      return new Weight(octets + other.octets, br + other.br);
    }

    @Override
    public String toString() {
      return Sizes.kilobytes(octets) + (br > 0 ? " (br " + Sizes.kilobytes(br) + ")" : "");
    }
  }

  /// Where a page's bundle begins.
  ///
  /// @param first its scripts that are loaded at once: its own file and what that imports
  /// @param css its style sheet
  /// @param files names of the files of `first`
  /// @param cssFile name of the style sheet's file, null without one
  public record Entry(
      String name,
      Weight first,
      Weight css,
      List<String> files,
      List<Route> routes,
      @Nullable String cssFile) {}

  /// What is loaded when it is asked for by a dynamic import.
  ///
  /// @param name the module that is imported
  /// @param more scripts beyond those that the entry has loaded at once
  public record Route(String name, Weight more, List<String> files) {}

  /// One file of the result.
  ///
  /// @param source the file it was made from, where it is one
  /// @param zstd octets of that form, 0 without; likewise `gzip`
  /// @param modules what is in it, largest first; none for what isn't bundled
  public record Product(
      String file,
      Kind kind,
      @Nullable String source,
      Weight weight,
      long zstd,
      long gzip,
      List<Module> modules) {}

  /// One source file's part in a product.
  public record Module(String path, long octets) {}

  /// One package that is there in several versions or copies.
  ///
  /// @param octets what all copies but the largest cost
  public record Duplicate(String name, List<Copy> copies, long octets) {}

  /// @param neededBy who imports it, some of them
  public record Copy(String version, String folder, long octets, List<String> neededBy) {}

  /// A static import to be made dynamic.
  ///
  /// @param octets that the entry's first load would lose
  public record Split(
      String entry, String importer, String module, long octets, int modules, String evidence) {}

  /// What a file is.
  public enum Kind {
    SCRIPT,
    STYLE,
    PAGE,
    IMAGE,
    FONT,
    MAP,
    OTHER;

    private static final Map<String, Kind> BY_ENDING =
        Map.ofEntries(
            Map.entry("js", SCRIPT),
            Map.entry("mjs", SCRIPT),
            Map.entry("css", STYLE),
            Map.entry("html", PAGE),
            Map.entry("png", IMAGE),
            Map.entry("jpg", IMAGE),
            Map.entry("jpeg", IMAGE),
            Map.entry("gif", IMAGE),
            Map.entry("webp", IMAGE),
            Map.entry("avif", IMAGE),
            Map.entry("svg", IMAGE),
            Map.entry("ico", IMAGE),
            Map.entry("woff", FONT),
            Map.entry("woff2", FONT),
            Map.entry("ttf", FONT),
            Map.entry("otf", FONT),
            Map.entry("map", MAP));

    static Kind of(String file) {
      return BY_ENDING.getOrDefault(Sizes.ending(file), OTHER);
    }
  }

  /// Octets by module of the named files.
  Map<String, Long> modulesOf(Set<String> names) {
    Map<String, Long> all = new HashMap<>();
    for (Product product : files) {
      if (names.contains(product.file())) {
        product.modules().forEach(m -> all.merge(m.path(), m.octets(), Long::sum));
      }
    }
    return all;
  }

  /// Pretty-printed.
  public String json() {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report is plain records", e);
    }
  }

  /// @return null where there is none
  static @Nullable BundleReport read(Path file) {
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      return JSON.readValue(Files.readAllBytes(file), BundleReport.class);
    } catch (IOException e) {
      throw new Trouble.Found(
          new Trouble(
              file.toString(),
              "is no report of a build (" + e.getClass().getSimpleName() + ")",
              "name a report.json, or remove it"));
    }
  }
}
