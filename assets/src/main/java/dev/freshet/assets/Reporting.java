package dev.freshet.assets;

import dev.freshet.assets.BundleReport.Entry;
import dev.freshet.assets.BundleReport.Kind;
import dev.freshet.assets.BundleReport.Module;
import dev.freshet.assets.BundleReport.Product;
import dev.freshet.assets.BundleReport.Route;
import dev.freshet.assets.BundleReport.Split;
import dev.freshet.assets.BundleReport.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Makes the report of what is staged.
final class Reporting {
  private final BuildConfig config;
  private final Metafile bundle;
  private final Staging staging;
  private final Map<String, Product> products = new LinkedHashMap<>();

  Reporting(BuildConfig config, Metafile bundle, Staging staging) {
    this.config = config;
    this.bundle = bundle;
    this.staging = staging;
  }

  BundleReport report() throws IOException {
    for (String file : staging.files()) {
      if (!file.equals("manifest.json")) {
        products.put(file, product(file));
      }
    }
    Weight total = Weight.NONE;
    Map<String, Long> octets = new HashMap<>();
    for (Product product : products.values()) {
      if (product.kind() != Kind.MAP) {
        total = total.and(product.weight());
      }
      product.modules().forEach(m -> octets.merge(m.path(), m.octets(), Long::sum));
    }
    List<Entry> entries = new ArrayList<>();
    List<Split> splits = new ArrayList<>();
    bundle
        .outputs()
        .forEach((file, output) -> {
          String source = output.entryPoint();
          if (source != null && staging.isEntry(source)) {
            entries.add(entry(source, file, output));
            if (Kind.of(file) == Kind.SCRIPT && !staging.isClassic(source)) {
              splits.addAll(new ModuleGraph(source, bundle, scriptOctets()).splits());
            }
          }
        });
    splits.sort(Comparator.comparingLong(Split::octets).reversed());
    return new BundleReport(
        total,
        entries,
        products.values().stream()
            .sorted(Comparator.comparingLong((Product p) -> p.weight().octets()).reversed())
            .toList(),
        Packages.duplicates(bundle, octets, config.source()),
        splits);
  }

  /// Octets by module, of scripts only: style sheets and pictures don't go with a split.
  private Map<String, Long> scriptOctets() {
    Map<String, Long> all = new HashMap<>();
    products.values().stream()
        .filter(product -> product.kind() == Kind.SCRIPT)
        .flatMap(product -> product.modules().stream())
        .forEach(module -> all.merge(module.path(), module.octets(), Long::sum));
    return all;
  }

  private Product product(String file) throws IOException {
    Metafile.Output output = bundle.outputs().get(file);
    long size = Files.size(staging.stage().resolve(file));
    CodedForms forms = staging.forms(file);
    // What is not made smaller by Brotli travels as it is.
    Weight weight = new Weight(size, forms.br() > 0 ? forms.br() : config.isCoded() ? size : 0);
    Kind kind = Kind.of(file);
    boolean isBundle = kind == Kind.SCRIPT || kind == Kind.STYLE;
    List<Module> modules =
        output == null || !isBundle
            ? List.of()
            : output.modules().entrySet().stream()
                .map(one -> new Module(one.getKey(), one.getValue()))
                .filter(module -> module.octets() > 0)
                .sorted(Comparator.comparingLong(Module::octets).reversed())
                .toList();
    String source = staging.source(file);
    if (source == null && output != null && output.modules().size() == 1 && !isBundle) {
      source = output.modules().keySet().iterator().next();
    }
    return new Product(file, kind, source, weight, forms.zstd(), forms.gzip(), modules);
  }

  private Entry entry(String source, String file, Metafile.Output output) {
    Set<String> first = staging.closure(file);
    boolean isStyle = Kind.of(file) == Kind.STYLE;
    String css = isStyle ? file : output.cssBundle();
    Set<String> scripts = isStyle ? Set.of() : first;
    List<Route> routes = new ArrayList<>();
    for (String route : routes(first)) {
      Set<String> more = new LinkedHashSet<>(staging.closure(route));
      more.removeAll(first);
      Metafile.Output of = bundle.outputs().get(route);
      String name = of == null ? null : of.entryPoint();
      routes.add(new Route(name == null ? route : name, weight(more), List.copyOf(more)));
    }
    routes.sort(Comparator.comparingLong((Route r) -> r.more().octets()).reversed());
    Weight styles = css == null ? Weight.NONE : weight(List.of(css));
    return new Entry(source, weight(scripts), styles, List.copyOf(scripts), routes, css);
  }

  /// Everything that dynamic imports lead to, also those of what they lead to.
  private Set<String> routes(Set<String> first) {
    Set<String> found = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(first);
    while (!open.isEmpty()) {
      Metafile.Output output = bundle.outputs().get(open.poll());
      if (output != null) {
        output.imports().stream()
            .filter(one -> one.isDynamic() && !first.contains(one.path()))
            .forEach(one -> {
              if (found.add(one.path())) {
                open.addAll(staging.closure(one.path()));
              }
            });
      }
    }
    return found;
  }

  private Weight weight(Collection<String> files) {
    Weight all = Weight.NONE;
    for (String file : files) {
      Product product = products.get(file);
      all = product == null ? all : all.and(product.weight());
    }
    return all;
  }
}
