package dev.freshet.freshness;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/* Apps read whole rows where they show a name and a price. That an answer would come out the same
 * with another stock figure no proxy can know; who wrote the app can. Taken away is only what a
 * statement did no more with than to hand it out: a column by which rows were chosen, sorted or
 * counted goes on to count.
 *
 * Where some column is shown of one row alone, the one that the address names, that row has to be
 * found among those that were read, under the very key that the address says. An address that says
 * it in other words (`/product/042`) names none that was read, and then everything counts.
 */

/// Columns that the app reads for the answers of a route and doesn't show there, as its operator
/// says.
///
/// @param nowhere by table
/// @param beside by table: shown of the row that the address names, and of no other
/// @param named the key in the address
public record Unshown(
    Map<Long, Set<Integer>> nowhere, Map<Long, Set<Integer>> beside, String named) {
  public static final Unshown NOTHING = new Unshown(Map.of(), Map.of(), "");

  public Unshown {
    nowhere = Map.copyOf(nowhere);
    beside = Map.copyOf(beside);
  }

  /// What was read, less what is not shown.
  Map<Dependency, Long> without(Map<Dependency, Long> reads) {
    if (nowhere.isEmpty() && beside.isEmpty()) {
      return reads;
    }
    Set<Long> haveNamed = new HashSet<>();
    for (Dependency each : reads.keySet()) {
      Dependency.Rows row = shown(each);
      if (row != null && row.value().equals(named)) {
        haveNamed.add(row.relation());
      }
    }
    Map<Dependency, Long> out = new LinkedHashMap<>();
    reads.forEach((dependency, since) -> {
      Dependency left = left(dependency, haveNamed);
      if (left != null) {
        out.merge(left, since, Trail::earlier);
      }
    });
    return out;
  }

  private static Dependency.@Nullable Rows shown(Dependency dependency) {
    return dependency instanceof Dependency.Columns columns
            && columns.isShown()
            && columns.of() instanceof Dependency.Rows row
        ? row
        : null;
  }

  /// Null where nothing is: that the row comes or goes another dependency tells.
  private @Nullable Dependency left(Dependency dependency, Set<Long> haveNamed) {
    Dependency.Rows row = shown(dependency);
    if (row == null || !(dependency instanceof Dependency.Columns columns)) {
      return dependency;
    }
    Set<Integer> gone = new HashSet<>(nowhere.getOrDefault(row.relation(), Set.of()));
    if (haveNamed.contains(row.relation()) && !row.value().equals(named)) {
      gone.addAll(beside.getOrDefault(row.relation(), Set.of()));
    }
    List<Integer> kept = columns.columns().stream().filter(each -> !gone.contains(each)).toList();
    if (kept.size() == columns.columns().size()) {
      return dependency;
    }
    return kept.isEmpty() ? null : Dependency.Columns.shown(row, kept);
  }
}
