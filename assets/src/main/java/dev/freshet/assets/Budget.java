package dev.freshet.assets;

import dev.freshet.assets.BundleReport.Entry;
import dev.freshet.assets.BundleReport.Route;
import dev.freshet.base.ByteSize;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How large something may be: `main`, the scripts that an entry loads at once; `route`, the
/// scripts that one dynamic import loads beyond those; `css`, an entry's style sheet; `total`,
/// everything. Octets of minified files, not of their coded forms.
public record Budget(Of of, long octets) {
  private static final int MAX_NAMED = 8;

  /// What it is a limit of.
  public enum Of {
    MAIN,
    ROUTE,
    CSS,
    TOTAL
  }

  /// A budget that doesn't hold.
  ///
  /// @param grown what grew since the report it was held against, with a plus; without one, or when
  ///   nothing grew, what is largest
  public record Breach(String what, long octets, long limit, List<String> grown) {
    /// For a terminal.
    public String text() {
      return what
          + ", "
          + Sizes.kilobytes(octets - limit)
          + " beyond the budget of "
          + new ByteSize(limit);
    }
  }

  /// Reads one, as `main=500KB`; throws [IllegalArgumentException] that says what is wrong.
  public static Budget parse(String text) {
    String[] parts = text.split("=", 2);
    for (Of of : Of.values()) {
      if (parts.length == 2 && of.name().equalsIgnoreCase(parts[0].strip())) {
        return new Budget(of, ByteSize.parse(parts[1]).bytes());
      }
    }
    throw new IllegalArgumentException(
        "'"
            + text
            + "' is not a budget; write it like main=500KB, route=200KB, css=50KB, total=2MB");
  }

  /// Where it doesn't hold.
  List<Breach> breaches(BundleReport now, @Nullable BundleReport before) {
    List<Breach> all = new ArrayList<>();
    switch (of) {
      case MAIN -> {
        for (Entry entry : now.entries()) {
          check(
              entry.name() + " loads " + entry.first() + " of scripts at once",
              entry.first().octets(),
              growth(now, entry.files(), before, filesOf(before, entry.name(), null)),
              all);
        }
      }
      case ROUTE -> {
        for (Entry entry : now.entries()) {
          for (Route route : entry.routes()) {
            check(
                route.name() + " loads " + route.more() + " of scripts more than " + entry.name(),
                route.more().octets(),
                growth(now, route.files(), before, filesOf(before, entry.name(), route.name())),
                all);
          }
        }
      }
      case CSS -> {
        for (Entry entry : now.entries()) {
          check(
              entry.name() + " has " + entry.css() + " of style sheet",
              entry.css().octets(),
              List.of(),
              all);
        }
      }
      case TOTAL ->
          check("everything is " + now.total(), now.total().octets(), fileGrowth(now, before), all);
    }
    return all;
  }

  private void check(String what, long size, List<String> grown, List<Breach> all) {
    if (size > octets) {
      all.add(new Breach(what, size, octets, grown));
    }
  }

  private static Set<String> filesOf(
      @Nullable BundleReport report, String entry, @Nullable String route) {
    Set<String> files = new HashSet<>();
    for (Entry one : report == null ? List.<Entry>of() : report.entries()) {
      if (one.name().equals(entry)) {
        if (route == null) {
          files.addAll(one.files());
        }
        one.routes().stream()
            .filter(r -> r.name().equals(route))
            .forEach(r -> files.addAll(r.files()));
      }
    }
    return files;
  }

  private static List<String> growth(
      BundleReport now, List<String> files, @Nullable BundleReport before, Set<String> old) {
    return grown(
        now.modulesOf(new LinkedHashSet<>(files)),
        before == null || old.isEmpty() ? null : before.modulesOf(old));
  }

  private static List<String> fileGrowth(BundleReport now, @Nullable BundleReport before) {
    return grown(sources(now), before == null ? null : sources(before));
  }

  /// Octets by what doesn't change its name with its contents: modules, and sources of other files.
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

  private static List<String> grown(Map<String, Long> now, @Nullable Map<String, Long> before) {
    record Change(String path, long octets, boolean isNew) {}
    List<String> lines =
        now.entrySet().stream()
            .map(one ->
                new Change(
                    one.getKey(),
                    one.getValue() - (before == null ? 0 : before.getOrDefault(one.getKey(), 0L)),
                    before != null && !before.containsKey(one.getKey())))
            .filter(change -> change.octets() > 0)
            .sorted(Comparator.comparingLong(Change::octets).reversed())
            .limit(MAX_NAMED)
            .map(change ->
                (before == null ? "" : "+")
                    + Sizes.kilobytes(change.octets())
                    + " "
                    + change.path()
                    + (change.isNew() ? " (new)" : ""))
            .toList();
    return lines.isEmpty() && before != null ? grown(now, null) : lines;
  }
}
