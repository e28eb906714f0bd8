package dev.freshet.sql;

import dev.freshet.freshness.Dependency;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a statement touches in one database, as one reader's names have it: what a cached answer
/// depends on, or what a write may change.
///
/// Make one for each shape, catalog and viewpoint, and keep it; ask it for each execution. What is
/// told of reads is exact in one direction: when the answer changes, a row has changed that one of
/// the dependencies names, by its old or its new values. Rights to read are another matter: an
/// answer is for the user it was made for.
///
/// The values in dependencies are those of [Catalog#canonical].
public sealed interface Footprint {

  /// Reads tables that the change feed follows, and nothing else.
  final class Reads implements Footprint {
    private final List<Rows.Bound> rows;
    private final long[] slots;
    private final boolean isRepeatable;
    private final int width;
    private final boolean showsKeys;

    /// @param width how many columns the answer has; -1 where that is not known
    Reads(List<Rows.Bound> rows, long[] slots, boolean isRepeatable, int width) {
      this.width = width;
      this.rows = List.copyOf(rows);
      this.slots = slots;
      this.isRepeatable = isRepeatable;
      this.showsKeys = width >= 0 && rows.stream().anyMatch(each -> each.shown() != null);
    }

    /// As in [Shape.Reads], views included.
    public boolean isRepeatable() {
      return isRepeatable;
    }

    /// What the answer to this execution is made from: for each table either all of it or rows by
    /// the values of one column, and of these perhaps some columns only. Takes about a microsecond.
    ///
    /// @param arguments of a statement with the same fingerprint as the shape's
    public List<Dependency> dependencies(Arguments arguments) {
      return dependencies(arguments, Map.of());
    }

    /// Whether less can be told of an answer when its rows are seen.
    public boolean showsKeys() {
      return showsKeys;
    }

    /// To be shown the rows of one answer.
    public ShownRows shown(Arguments arguments) {
      List<Rows.Key> keys = new ArrayList<>();
      for (Rows.Bound each : rows) {
        Rows.Shown shown = each.shown();
        if (shown != null) {
          keys.add(shown.key());
        }
      }
      return new ShownRows(this, arguments, keys, width);
    }

    /// @param keys that were seen, by the place of their column in the answer
    List<Dependency> dependencies(Arguments arguments, Map<Integer, Set<String>> keys) {
      Set<Dependency> out = new LinkedHashSet<>();
      for (Rows.Bound each : rows) {
        Rows.Shown shown = each.shown();
        each.dependencies(
            arguments, slots, shown == null ? null : keys.get(shown.key().place()), out);
      }
      List<Dependency> kept = new ArrayList<>(out.size());
      for (Dependency dependency : out) {
        Dependency.Table table = new Dependency.Table(dependency.relation());
        if (dependency.equals(table) || !out.contains(table)) {
          kept.add(dependency);
        }
      }
      return kept;
    }
  }

  /// Changes tables.
  ///
  /// @param relations OIDs as the change feed gives them
  /// @param isAll false where triggers, cascades or rules may write further ones
  /// @param mayRead whether it may tell of rows of other tables
  record Writes(Set<Long> relations, boolean isAll, boolean mayRead) implements Footprint {
    public Writes {
      relations = Set.copyOf(relations);
    }
  }

  /// An answer that must not be kept, or a statement that may have changed anything.
  record Unknown(NotCacheable reason) implements Footprint {}

  /// Takes microseconds, but milliseconds for a view that it meets first: not for an event loop.
  static Footprint of(Shape shape, Catalog catalog, Viewpoint viewpoint) {
    try {
      return switch (shape) {
        case Shape.Reads reads -> {
          Shadows.check(reads.outline(), catalog, viewpoint);
          Findings findings = new Findings();
          Resolving.read(reads, findings, Tables.of(catalog, viewpoint));
          findings.spread();
          yield findings.reads();
        }
        case Shape.Writes writes -> writes(writes, catalog, viewpoint);
        case Shape.Unknown(NotCacheable reason) -> new Unknown(reason);
      };
    } catch (Refusal e) {
      return new Unknown(e.reason());
    }
  }

  private static Writes writes(Shape.Writes shape, Catalog catalog, Viewpoint viewpoint)
      throws Refusal {
    Set<Long> out = new HashSet<>();
    boolean isAll = true;
    boolean mayRead = mayRead(shape.outline(), catalog, viewpoint);
    for (TableName name : shape.tables()) {
      Catalog.Relation named = catalog.find(name, viewpoint);
      isAll &= named.kind() != Catalog.Kind.VIEW && !named.reachesOthers();
      mayRead |= consultsOthers(named, catalog);
      out.add(named.root());
      for (long child : named.children()) {
        Catalog.Relation heir = catalog.relation(child);
        isAll &= heir != null && !heir.reachesOthers();
        out.add(child);
      }
    }
    return new Writes(out, isAll, mayRead);
  }

  /// Partitions and heirs have defaults and checks of their own.
  private static boolean consultsOthers(Catalog.Relation named, Catalog catalog) {
    return named.consultsOthers()
        || catalog.partitions(named).stream().anyMatch(Catalog.Relation::consultsOthers)
        || named.children().stream()
            .map(catalog::relation)
            .anyMatch(heir -> heir == null || heir.consultsOthers());
  }

  private static boolean mayRead(@Nullable Outline outline, Catalog catalog, Viewpoint viewpoint) {
    if (outline == null) {
      return true;
    }
    try {
      Shadows.check(outline, catalog, viewpoint);
      return false;
    } catch (Refusal e) {
      return true;
    }
  }
}
