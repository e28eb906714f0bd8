package dev.freshet.assets;

import dev.freshet.assets.BundleReport.Entry;
import dev.freshet.assets.BundleReport.Route;
import dev.freshet.base.ByteSize;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How large something may be: `main`, the scripts that an entry loads at once; `route`, the
/// scripts that one dynamic import loads beyond those; `css`, an entry's style sheet; `total`,
/// everything. Octets of minified files, not of their coded forms.
public record Budget(Of of, long octets) {
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
              Growth.ofScripts(now, entry.files(), before, entry.name(), null),
              all);
        }
      }
      case ROUTE -> {
        for (Entry entry : now.entries()) {
          for (Route route : entry.routes()) {
            check(
                route.name() + " loads " + route.more() + " of scripts more than " + entry.name(),
                route.more().octets(),
                Growth.ofScripts(now, route.files(), before, entry.name(), route.name()),
                all);
          }
        }
      }
      case CSS -> {
        for (Entry entry : now.entries()) {
          check(
              entry.name() + " has " + entry.css() + " of style sheet",
              entry.css().octets(),
              Growth.ofStyles(now, entry, before),
              all);
        }
      }
      case TOTAL ->
          check("everything is " + now.total(), now.total().octets(), Growth.ofFiles(now, before), all);
    }
    return all;
  }

  private void check(String what, long size, List<String> grown, List<Breach> all) {
    if (size > octets) {
      all.add(new Breach(what, size, octets, grown));
    }
  }
}
