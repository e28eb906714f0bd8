package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.assets.BundleReport.Entry;
import dev.freshet.assets.BundleReport.Kind;
import dev.freshet.assets.BundleReport.Module;
import dev.freshet.assets.BundleReport.Product;
import dev.freshet.assets.BundleReport.Weight;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a broken budget says has grown.
class GrowthTest {
  private static BundleReport report(List<Module> scripts, List<Module> styles) {
    Product script =
        new Product("main-A.js", Kind.SCRIPT, "main.ts", weight(scripts), 0, 0, scripts);
    Product style = new Product("main-B.css", Kind.STYLE, null, weight(styles), 0, 0, styles);
    Entry entry =
        new Entry(
            "main.ts",
            script.weight(),
            style.weight(),
            List.of("main-A.js"),
            List.of(),
            "main-B.css");
    Weight total = script.weight().and(style.weight());
    return new BundleReport(
        total, List.of(entry), List.of(script, style), List.of(), List.of());
  }

  private static Weight weight(List<Module> modules) {
    return new Weight(modules.stream().mapToLong(Module::octets).sum(), 0);
  }

  private static List<Module> withDates(int count) {
    List<Module> all = new ArrayList<>(List.of(new Module("main.ts", 1_000)));
    for (int i = 0; i < count; i++) {
      all.add(new Module("node_modules/dates/part" + i + ".js", 300));
    }
    return all;
  }

  @Test
  void aPackageIsNamedAsOneThoughItHasManyModules() {
    BundleReport before = report(withDates(0), List.of());
    BundleReport now = report(withDates(40), List.of());

    assertThat(Budget.parse("main=2KB").breaches(now, before).getFirst().grown())
        .containsExactly("+12 kB node_modules/dates (new, 40 modules)");
    assertThat(Budget.parse("total=2KB").breaches(now, before).getFirst().grown())
        .containsExactly("+12 kB node_modules/dates (new, 40 modules)");
    assertThat(Budget.parse("main=2KB").breaches(now, null).getFirst().grown())
        .containsExactly("12 kB node_modules/dates (40 modules)", "1.0 kB main.ts");
  }

  @Test
  void aStyleSheetSaysWhatGrewToo() {
    BundleReport before = report(withDates(0), List.of(new Module("app.css", 900)));
    BundleReport now =
        report(
            withDates(0),
            List.of(new Module("app.css", 950), new Module("node_modules/boots/all.css", 9_000)));

    assertThat(Budget.parse("css=1KB").breaches(now, before).getFirst().grown())
        .containsExactly("+9.0 kB node_modules/boots (new)", "+50 B app.css");
  }
}
