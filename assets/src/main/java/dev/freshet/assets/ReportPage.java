package dev.freshet.assets;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.assets.BundleReport.Entry;
import dev.freshet.assets.BundleReport.Kind;
import dev.freshet.assets.BundleReport.Module;
import dev.freshet.assets.BundleReport.Product;
import dev.freshet.assets.BundleReport.Weight;
import dev.freshet.assets.Treemap.Node;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
    body.append(treemap(report));
    body.append(entries(report)).append(advice(report)).append(files(report));
    body.append(modules(report));
    return Html.page("What the bundle is made of", body.toString());
  }

  /// One box of the picture.
  ///
  /// @param parts what is in it, largest first; null for a module
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Part(
      String name, String path, long size, long br, String color, @Nullable List<Part> parts) {

    Node node() {
      List<Node> inner = parts == null ? List.of() : parts.stream().map(Part::node).toList();
      String label = name + " " + Sizes.kilobytes(size);
      return new Node(label, path + ": " + new Weight(size, br), size, color, inner);
    }
  }

  private static List<Part> parts(BundleReport report) {
    List<Part> all = new ArrayList<>();
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
      List<Part> inner = new ArrayList<>();
      groups.forEach((group, modules) -> inner.add(group(group, modules, color)));
      Weight weight = product.weight();
      all.add(
          new Part(
              product.file(), product.file(), weight.octets(), weight.br(), color, sorted(inner)));
    }
    return sorted(all);
  }

  private static List<Part> sorted(List<Part> parts) {
    return parts.stream().sorted(Comparator.comparingLong(Part::size).reversed()).toList();
  }

  /// The package, or the team's own folder.
  private static String group(String module) {
    int slash = module.lastIndexOf('/');
    return Packages.isPackaged(module)
        ? Packages.folder(module)
        : slash < 0 ? "." : module.substring(0, slash);
  }

  private static Part group(String name, List<Module> modules, String color) {
    List<Part> leaves =
        modules.stream()
            .map(m ->
                new Part(
                    m.path().substring(m.path().lastIndexOf('/') + 1),
                    m.path(),
                    m.octets(),
                    0,
                    color,
                    null))
            .toList();
    long size = modules.stream().mapToLong(Module::octets).sum();
    String label = Packages.isPackaged(name + "/") ? Packages.name(name) : name;
    return new Part(label, name, size, 0, color, sorted(leaves));
  }

  /// A picture that is there without scripts, and a script that makes it one to walk through.
  private static String treemap(BundleReport report) {
    List<Part> parts = parts(report);
    long size = parts.stream().mapToLong(Part::size).sum();
    Part whole = new Part("everything", "everything", size, 0, "none", parts);
    String svg = Treemap.svg(parts.stream().map(Part::node).toList(), 1200, 700);
    try (InputStream in = ReportPage.class.getResourceAsStream("treemap.js")) {
      if (in == null) {
        throw new IllegalStateException("treemap.js is missing");
      }
      // Nothing in a name can end the element that holds it.
      String tree = new ObjectMapper().writeValueAsString(whole).replace("<", "\\u003c");
      String script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return svg
          + "\n<script type=\"application/json\" id=\"tree\">"
          + tree
          + "</script>\n<script>\n"
          + script
          + "</script>\n";
    } catch (IOException e) {
      throw new UncheckedIOException("a resource", e);
    }
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
