package dev.freshet.assets;

import dev.freshet.assets.BundleReport.Entry;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What grew from one build to another, largest first: the team's own modules one by one, a package
/// of npm's as one. Where nothing grew, or nothing is known of before, what is largest.
final class Growth {
  private static final int MAX_NAMED = 8;

  private Growth() {}

  /// @param files of the entry, or of the route
  /// @param route null for what the entry loads at once
  static List<String> ofScripts(
      BundleReport now,
      List<String> files,
      @Nullable BundleReport before,
      String entry,
      @Nullable String route) {
    Set<String> old = new HashSet<>();
    entries(before, entry)
        .forEach(one -> {
          if (route == null) {
            old.addAll(one.files());
          }
          one.routes().stream()
              .filter(r -> r.name().equals(route))
              .forEach(r -> old.addAll(r.files()));
        });
    return ofModules(now, new LinkedHashSet<>(files), before, old);
  }

  static List<String> ofStyles(BundleReport now, Entry entry, @Nullable BundleReport before) {
    Set<String> old = new HashSet<>();
    entries(before, entry.name())
        .forEach(one -> Stream.ofNullable(one.cssFile()).forEach(old::add));
    Set<String> files = entry.cssFile() == null ? Set.of() : Set.of(entry.cssFile());
    return ofModules(now, files, before, old);
  }

  private static Stream<Entry> entries(@Nullable BundleReport report, String name) {
    return report == null
        ? Stream.empty()
        : report.entries().stream().filter(entry -> entry.name().equals(name));
  }

  private static List<String> ofModules(
      BundleReport now, Set<String> files, @Nullable BundleReport before, Set<String> old) {
    return grown(
        Parts.of(now.modulesOf(files)),
        before == null || old.isEmpty() ? null : Parts.of(before.modulesOf(old)));
  }

  /// Of everything: modules, and sources of other files.
  static List<String> ofFiles(BundleReport now, @Nullable BundleReport before) {
    return grown(
        Parts.of(sources(now)), before == null ? null : Parts.of(sources(before)));
  }

  /// Octets by what doesn't change its name with its contents.
  private static Map<String, Long> sources(BundleReport report) {
    Map<String, Long> all = new HashMap<>();
    for (BundleReport.Product product : report.files()) {
      if (product.kind() != BundleReport.Kind.MAP && product.modules().isEmpty()) {
        String source = product.source();
        all.merge(source == null ? product.file() : source, product.weight().octets(), Long::sum);
      }
      product.modules().forEach(m -> all.merge(m.path(), m.octets(), Long::sum));
    }
    return all;
  }

  /// Modules as they are named: those of one package together.
  private record Parts(Map<String, Long> octets, Map<String, Integer> counts) {
    static Parts of(Map<String, Long> modules) {
      Parts parts = new Parts(new TreeMap<>(), new HashMap<>());
      modules.forEach((module, octets) -> {
        String name = Packages.isPackaged(module) ? Packages.folder(module) : module;
        parts.octets.merge(name, octets, Long::sum);
        parts.counts.merge(name, 1, Integer::sum);
      });
      return parts;
    }

    String named(String part, boolean isNew) {
      int count = counts.getOrDefault(part, 1);
      String modules = count > 1 ? count + " modules" : "";
      String what = isNew ? "new" + (count > 1 ? ", " + modules : "") : modules;
      return part + (what.isEmpty() ? "" : " (" + what + ")");
    }
  }

  private static List<String> grown(Parts now, @Nullable Parts before) {
    record Change(String part, long octets, boolean isNew) {}
    List<String> lines =
        now.octets.entrySet().stream()
            .map(one -> {
              Long known = before == null ? null : before.octets.get(one.getKey());
              long octets = one.getValue() - (known == null ? 0 : known);
              return new Change(one.getKey(), octets, before != null && known == null);
            })
            .filter(change -> change.octets() > 0)
            .sorted(Comparator.comparingLong(Change::octets).reversed())
            .limit(MAX_NAMED)
            .map(change ->
                (before == null ? "" : "+")
                    + Sizes.kilobytes(change.octets())
                    + " "
                    + now.named(change.part(), change.isNew()))
            .toList();
    return lines.isEmpty() && before != null ? grown(now, null) : lines;
  }
}
