package dev.freshet.app;

import dev.freshet.app.Finding.Level;
import dev.freshet.edge.RouteRule;
import dev.freshet.sql.Catalog;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The tables and columns that a configuration names: a rule that names another than there is takes
/// nothing away and keeps nothing, and nobody would see why.
final class ConfiguredNames {
  private static final int SHOWN = 12;

  private final Catalog catalog;
  private final List<Finding> findings = new ArrayList<>();

  private ConfiguredNames(Catalog catalog) {
    this.catalog = catalog;
  }

  /// One finding for each that is not there.
  static List<Finding> missing(Settings settings, Catalog catalog) {
    ConfiguredNames names = new ConfiguredNames(catalog);
    for (String table : settings.rows().visitorTables()) {
      names.table("rows", "visitor-tables", table);
    }
    for (RouteRule rule : settings.edge().routes()) {
      RouteRule.Rows rows = rule.rows();
      if (rows != null) {
        String place = "route " + rule.match();
        rows.depends().forEach(table -> names.table(place, "depends", table));
        rows.unshown().forEach(column -> names.column(place, "unshown", column));
        rows.unshownBeside().forEach(column -> names.column(place, "unshown-beside", column));
      }
    }
    return names.findings;
  }

  private void table(String place, String key, String name) {
    if (catalog.named(name) == null) {
      wrong(
          place,
          key + ": there is no table '" + name + "', or more than one",
          "correct it, or write it with its schema");
    }
  }

  private void column(String place, String key, String name) {
    int dot = name.lastIndexOf('.');
    String table = name.substring(0, dot);
    Catalog.Relation found = catalog.named(table);
    if (found == null) {
      table(place, key, table);
    } else if (found.column(name.substring(dot + 1)) == null) {
      String all =
          found.columns().stream()
              .limit(SHOWN)
              .map(Catalog.Column::name)
              .collect(Collectors.joining(", "));
      String more = found.columns().size() > SHOWN ? ", ..." : "";
      wrong(
          place,
          key + ": there is no column '" + name + "'",
          "correct it; " + table + " has " + all + more);
    }
  }

  private void wrong(String place, String what, String remedy) {
    findings.add(new Finding(Level.WRONG, place, what, remedy));
  }
}
