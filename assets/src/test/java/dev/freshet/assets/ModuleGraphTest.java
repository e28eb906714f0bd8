package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.freshet.assets.BundleReport.Split;
import dev.freshet.assets.Metafile.Import;
import dev.freshet.assets.Metafile.Input;
import dev.freshet.base.Rolls;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ModuleGraphTest {
  private final Map<String, Input> inputs = new LinkedHashMap<>();
  private final Map<String, Long> octets = new HashMap<>();

  private void module(String name, long size, String... imports) {
    List<Import> all = new ArrayList<>();
    for (String one : imports) {
      boolean isDynamic = one.startsWith("?");
      all.add(
          new Import(
              isDynamic ? one.substring(1) : one,
              isDynamic ? "dynamic-import" : "import-statement",
              false));
    }
    inputs.put(name, new Input(size, all));
    octets.put(name, size);
  }

  private List<Split> splits() {
    return new ModuleGraph("main", new Metafile(inputs, Map.of()), octets).splits();
  }

  @Test
  void namesWhatOneImportAloneBringsWithItWhole() {
    module("main", 500, "list", "chart-view");
    module("list", 30_000, "shared");
    module("chart-view", 2_000, "node_modules/chart/a", "shared");
    module("node_modules/chart/a", 60_000, "node_modules/color/b");
    module("node_modules/color/b", 9_000);
    module("shared", 40_000);

    assertThat(splits())
        .extracting(Split::importer, Split::module, Split::octets)
        .containsExactly(
            tuple("chart-view", "node_modules/chart/a", 69_000L), tuple("main", "list", 30_000L));
  }

  @Test
  void namesNeitherTheWholePageNorWhatTheEntryStartsWithNorWhatIsSmall() {
    module("main", 500, "app", "node_modules/react/r");
    module("app", 90_000, "admin", "small");
    module("admin", 20_000);
    module("small", 9_999);
    module("node_modules/react/r", 20_000);

    assertThat(splits()).extracting(Split::module).containsExactly("admin");
  }

  @Test
  void namesADynamicImportThatAStaticOneDefeats() {
    module("main", 500, "a", "b");
    module("a", 500, "?late");
    module("b", 500, "late", "c");
    module("c", 500, "late");
    module("late", 20_000);

    assertThat(splits())
        .singleElement()
        .satisfies(split -> {
          assertThat(split.importer()).isEqualTo("b, c");
          assertThat(split.evidence()).startsWith("it is imported dynamically elsewhere");
        });
  }

  /// What is said to be spared is what isn't reached any more when the import is gone.
  @Test
  void octetsAreThoseThatOnlyTheImportReaches() {
    Rolls rolls = new Rolls(20_261_127);
    int checked = 0;
    for (int run = 0; run < 500; run++) {
      inputs.clear();
      octets.clear();
      int count = rolls.between(2, 25);
      for (int i = 0; i < count; i++) {
        List<String> imports = new ArrayList<>();
        for (int k = rolls.between(0, 3); k > 0; k--) {
          imports.add("m" + rolls.between(0, count - 1));
        }
        module(i == 0 ? "main" : "m" + i, rolls.between(1, 30_000), imports.toArray(String[]::new));
      }
      for (Split split : splits()) {
        checked++;
        assertThat(split.octets())
            .as("seed %d, run %d, %s", rolls.seed(), run, split)
            .isEqualTo(reached("") - reached(split.module()));
      }
    }
    assertThat(checked).isGreaterThan(500);
  }

  private long reached(String without) {
    Set<String> seen = new HashSet<>(Set.of("main"));
    Deque<String> open = new ArrayDeque<>(seen);
    long sum = 0;
    while (!open.isEmpty()) {
      String next = open.poll();
      sum += octets.getOrDefault(next, 0L);
      Input input = inputs.get(next);
      for (Import one : input == null ? List.<Import>of() : input.imports()) {
        boolean isThere = inputs.containsKey(one.path()) && !one.path().equals(without);
        if (isThere && seen.add(one.path())) {
          open.add(one.path());
        }
      }
    }
    return sum;
  }
}
