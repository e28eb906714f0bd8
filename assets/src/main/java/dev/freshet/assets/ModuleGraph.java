package dev.freshet.assets;

import dev.freshet.assets.BundleReport.Split;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What one entry loads at once, as a graph of static imports, with the dominators of each module:
/// a module's dominator is one without which it would not be loaded. What a module dominates is
/// what a page is spared when that module is loaded later (the iterative algorithm of Cooper,
/// Harvey and Kennedy, 2001).
final class ModuleGraph {
  /// Less is not worth a request of its own.
  private static final long MIN_SPLIT = 10_000;

  private static final int MAX_SPLITS = 50;

  private final String entry;
  private final Metafile metafile;
  private final Map<String, Long> octets;

  /// Modules in reverse postorder, the entry first.
  private final List<String> order = new ArrayList<>();

  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<List<Integer>> importers = new ArrayList<>();
  private final int[] dominator;
  private final long[] dominated;
  private final int[] count;

  /// @param octets by module, in the result
  ModuleGraph(String entry, Metafile metafile, Map<String, Long> octets) {
    this.entry = entry;
    this.metafile = metafile;
    this.octets = octets;
    walk();
    dominator = dominators();
    dominated = new long[order.size()];
    count = new int[order.size()];
    for (int i = order.size() - 1; i >= 0; i--) {
      dominated[i] += octets.getOrDefault(order.get(i), 0L);
      count[i]++;
      if (i > 0) {
        dominated[dominator[i]] += dominated[i];
        count[dominator[i]] += count[i];
      }
    }
  }

  /// Depth first without recursion: a chain of imports may be long.
  private void walk() {
    Set<String> seen = new HashSet<>(Set.of(entry));
    Deque<Map.Entry<String, Deque<String>>> path = new ArrayDeque<>();
    path.push(Map.entry(entry, imports(entry)));
    while (!path.isEmpty()) {
      String next = path.peek().getValue().poll();
      if (next == null) {
        order.addFirst(path.pop().getKey());
      } else if (seen.add(next)) {
        path.push(Map.entry(next, imports(next)));
      }
    }
    for (int i = 0; i < order.size(); i++) {
      numbers.put(order.get(i), i);
      importers.add(new ArrayList<>());
    }
    for (int i = 0; i < order.size(); i++) {
      for (String target : imports(order.get(i))) {
        importers.get(number(target)).add(i);
      }
    }
  }

  private int number(String module) {
    return numbers.getOrDefault(module, 0);
  }

  private Deque<String> imports(String module) {
    Deque<String> targets = new ArrayDeque<>();
    Metafile.Input input = metafile.inputs().get(module);
    if (input != null) {
      input.imports().stream()
          .filter(one -> one.isStatic() && metafile.inputs().containsKey(one.path()))
          .map(Metafile.Import::path)
          .distinct()
          .forEach(targets::add);
    }
    return targets;
  }

  private int[] dominators() {
    int[] of = new int[order.size()];
    Arrays.fill(of, -1);
    of[0] = 0;
    boolean isChanged = true;
    while (isChanged) {
      isChanged = false;
      for (int i = 1; i < of.length; i++) {
        int common = -1;
        for (int importer : importers.get(i)) {
          if (of[importer] >= 0) {
            common = common < 0 ? importer : meet(of, common, importer);
          }
        }
        isChanged |= of[i] != common;
        of[i] = common;
      }
    }
    return of;
  }

  private static int meet(int[] of, int a, int b) {
    int left = a;
    int right = b;
    while (left != right) {
      if (left > right) {
        left = of[left];
      } else {
        right = of[right];
      }
    }
    return left;
  }

  /// Which static imports to make dynamic, largest first.
  List<Split> splits() {
    Map<Integer, Split> candidates = new LinkedHashMap<>();
    for (int i = 1; i < order.size(); i++) {
      List<Integer> from = importers.get(i);
      boolean isLate = isImportedDynamically(order.get(i));
      boolean isTheirs =
          from.stream().allMatch(importer -> !Packages.isPackaged(order.get(importer)));
      // Only an import that stands in the team's own source can be changed by the team; of several
      // imports of one module all have to be.
      // And a package that the entry itself imports is what it starts with.
      boolean isStart = from.equals(List.of(0)) && Packages.isPackaged(order.get(i));
      if (dominated[i] >= MIN_SPLIT && isTheirs && (isLate || (from.size() == 1 && !isStart))) {
        candidates.put(i, split(i, isLate));
      }
    }
    // Outer ones have smaller numbers, so they are decided first.
    List<Integer> kept = new ArrayList<>();
    for (int one : candidates.keySet()) {
      if (isPrecise(one, candidates.keySet()) && kept.stream().noneMatch(k -> isWithin(one, k))) {
        kept.add(one);
      }
    }
    return kept.stream()
        .map(candidates::get)
        .sorted(Comparator.comparingLong(Split::octets).reversed())
        .limit(MAX_SPLITS)
        .toList();
  }

  /// Not one with most of it in a single inner one, which is named instead; nor one that holds
  /// nearly the whole page.
  private boolean isPrecise(int one, Set<Integer> all) {
    List<Integer> inner = all.stream().filter(other -> isWithin(other, one)).toList();
    boolean hasLarge =
        inner.stream().anyMatch(other -> dominated[other] * 10 >= dominated[one] * 6);
    boolean isEverything = dominated[one] * 10 > dominated[0] * 8 && !inner.isEmpty();
    return !hasLarge && !isEverything;
  }

  private boolean isWithin(int inner, int outer) {
    int at = inner;
    while (at > outer) {
      at = dominator[at];
    }
    return at == outer && inner != outer;
  }

  private boolean isImportedDynamically(String module) {
    return metafile.inputs().values().stream()
        .flatMap(input -> input.imports().stream())
        .anyMatch(one -> one.isDynamic() && one.path().equals(module));
  }

  private Split split(int i, boolean isLate) {
    String module = order.get(i);
    List<String> from = importers.get(i).stream().map(order::get).toList();
    String largest =
        order.stream()
            .filter(other -> number(other) == i || isWithin(number(other), i))
            .max(Comparator.comparingLong(other -> octets.getOrDefault(other, 0L)))
            .orElse(module);
    String evidence =
        (isLate
                ? "it is imported dynamically elsewhere, which changes nothing while this is static"
                : "only this file imports it")
            + "; "
            + count[i]
            + (count[i] == 1 ? " module" : " modules")
            + " would be loaded when needed, the largest "
            + largest
            + " with "
            + Sizes.kilobytes(octets.getOrDefault(largest, 0L));
    return new Split(entry, String.join(", ", from), module, dominated[i], count[i], evidence);
  }
}
