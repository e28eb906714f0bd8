package dev.freshet.assets;

import dev.freshet.assets.BundleReport.Entry;
import dev.freshet.assets.BundleReport.Kind;
import dev.freshet.assets.BundleReport.Module;
import dev.freshet.assets.BundleReport.Product;
import dev.freshet.assets.BundleReport.Weight;
import dev.freshet.assets.Treemap.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The page about a bundle: a treemap of every module, and what could go.
final class ReportPage {
  private static final List<String> COLORS =
      List.of("#9cc9e3", "#f3c98b", "#a9d8a4", "#dfb4dd", "#f0a8a0", "#c9c6ee", "#d9d48d");
  private static final int MAX_MODULES = 100;

  private ReportPage() {}

  static String of(BundleReport report) {
    StringBuilder body = new StringBuilder();
    body.append("<p>Everything: ").append(Html.text(report.total().toString()));
    body.append(". Sizes are those of minified files in thousands of octets; br is what travels ");
    body.append("to a browser.</p>\n");
    body.append(Treemap.svg(nodes(report), 1200, 700)).append('\n');
    body.append(entries(report)).append(advice(report)).append(files(report));
    body.append(modules(report));
    return Html.page("What the bundle is made of", body.toString());
  }

  private static List<Node> nodes(BundleReport report) {
    List<Node> all = new ArrayList<>();
    int next = 0;
    for (Product product : report.files()) {
      if (product.kind() != Kind.SCRIPT && product.kind() != Kind.STYLE) {
        continue;
      }
      String color = COLORS.get(next++ % COLORS.size());
      Map<String, List<Module>> groups = new TreeMap<>();
      for (Module module : product.modules()) {
        groups.computeIfAbsent(group(module.path()), g -> new ArrayList<>()).add(module);
      }
      List<Node> parts = new ArrayList<>();
      groups.forEach((group, modules) -> parts.add(group(group, modules, color)));
      all.add(node(product.file(), product.weight(), color, parts));
    }
    return all;
  }

  /// The package, or the team's own folder.
  private static String group(String module) {
    int slash = module.lastIndexOf('/');
    return Packages.isPackaged(module)
        ? Packages.folder(module)
        : slash < 0 ? "." : module.substring(0, slash);
  }

  private static Node group(String name, List<Module> modules, String color) {
    List<Node> leaves =
        modules.stream()
            .map(m ->
                node(
                    m.path().substring(m.path().lastIndexOf('/') + 1),
                    m.path(),
                    new Weight(m.octets(), 0),
                    color,
                    List.of()))
            .toList();
    long size = modules.stream().mapToLong(Module::octets).sum();
    String label = name.contains("node_modules/") ? Packages.name(name) : name;
    return node(label, name, new Weight(size, 0), color, leaves);
  }

  private static Node node(String name, Weight weight, String color, List<Node> parts) {
    return node(name, name, weight, color, parts);
  }

  private static Node node(
      String label, String name, Weight weight, String color, List<Node> parts) {
    return new Node(
        label + " " + Sizes.kilobytes(weight.octets()),
        name + ": " + weight,
        weight.octets(),
        color,
        parts);
  }

  private static String entries(BundleReport report) {
    List<List<String>> rows = new ArrayList<>();
    for (Entry entry : report.entries()) {
      rows.add(List.of(entry.name(), entry.first().toString(), entry.css().toString()));
      entry
          .routes()
          .forEach(route ->
              rows.add(List.of("… when asked for " + route.name(), "+ " + route.more(), "")));
    }
    return "<h2>What pages load</h2>\n"
        + Html.table(List.of("entry", "#scripts", "#style sheet"), rows);
  }

  private static String advice(BundleReport report) {
    String heading = "<h2>What could go</h2>\n";
    List<List<String>> rows = new ArrayList<>();
    report
        .splits()
        .forEach(s ->
            rows.add(
                List.of(
                    Sizes.kilobytes(s.octets()),
                    "load " + s.module() + " when it is needed",
                    "import() in " + s.importer() + " (first load of " + s.entry() + ")",
                    s.evidence())));
    report
        .duplicates()
        .forEach(d ->
            rows.add(
                List.of(
                    Sizes.kilobytes(d.octets()),
                    "have " + d.name() + " once",
                    "one version for all who need it",
                    String.join(
                        "; ",
                        d.copies().stream()
                            .map(c ->
                                c.version()
                                    + " in "
                                    + c.folder()
                                    + ", needed by "
                                    + String.join(", ", c.neededBy()))
                            .toList()))));
    if (rows.isEmpty()) {
      return heading
          + "<p>Nothing was found: no package twice, no large part behind one import.</p>\n";
    }
    return heading + Html.table(List.of("#gain", "what", "how", "why"), rows);
  }

  private static String files(BundleReport report) {
    List<List<String>> rows =
        report.files().stream()
            .map(p ->
                List.of(
                    p.file(),
                    Sizes.kilobytes(p.weight().octets()),
                    form(p.weight().br()),
                    form(p.zstd()),
                    form(p.gzip())))
            .toList();
    return "<h2>Files</h2>\n"
        + Html.table(List.of("file", "#octets", "#br", "#zstd", "#gzip"), rows);
  }

  private static String form(long octets) {
    return octets == 0 ? "" : Sizes.kilobytes(octets);
  }

  private static String modules(BundleReport report) {
    Map<String, Long> all = new TreeMap<>();
    report
        .files()
        .forEach(p -> p.modules().forEach(m -> all.merge(m.path(), m.octets(), Long::sum)));
    List<List<String>> rows =
        all.entrySet().stream()
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .limit(MAX_MODULES)
            .map(one -> List.of(one.getKey(), Sizes.kilobytes(one.getValue())))
            .toList();
    return "<h2>Modules, largest first</h2>\n" + Html.table(List.of("module", "#octets"), rows);
  }
}
