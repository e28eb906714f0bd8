package dev.freshet.freshness;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Dependencies as they are kept for long. A list shows rows by the hundred, told by the same
/// column of the same table; kept as a record and a text each, they take ten times what their
/// values do, and more than the page that was made from them.
final class Packed {
  /// So many of one kind are put together.
  static final int WORTH = 4;

  private sealed interface Piece {}

  private record One(Dependency dependency) implements Piece {}

  /// Rows by values of one column.
  ///
  /// @param shown the columns that each of them shows; null where all of the row counts
  /// @param values each behind its length, four octets
  @SuppressWarnings("ArrayRecordComponent")
  private record Run(long relation, int column, @Nullable List<Integer> shown, byte[] values)
      implements Piece {

    Dependency of(String value) {
      Dependency.Rows row = new Dependency.Rows(relation, column, value);
      return shown == null ? row : Dependency.Columns.shown(row, shown);
    }
  }

  private final List<Piece> pieces;

  private Packed(List<Piece> pieces) {
    this.pieces = List.copyOf(pieces);
  }

  static Packed of(List<Dependency> all) {
    List<Piece> out = new ArrayList<>();
    int from = 0;
    while (from < all.size()) {
      int to = end(all, from);
      Dependency.Rows first = row(all.get(from));
      if (to - from >= WORTH && first != null) {
        byte[] values = values(all.subList(from, to));
        out.add(new Run(first.relation(), first.column(), shown(all.get(from)), values));
      } else {
        all.subList(from, to).forEach(each -> out.add(new One(each)));
      }
      from = to;
    }
    return new Packed(out);
  }

  /// Where something of another kind begins.
  private static int end(List<Dependency> all, int from) {
    int to = from + 1;
    Dependency.Rows first = row(all.get(from));
    while (first != null && to < all.size() && isAlike(all.get(from), first, all.get(to))) {
      to++;
    }
    return to;
  }

  private static boolean isAlike(Dependency first, Dependency.Rows its, Dependency other) {
    Dependency.Rows row = row(other);
    return row != null
        && row.relation() == its.relation()
        && row.column() == its.column()
        && Objects.equals(shown(other), shown(first));
  }

  /// What can be told by one value; null where it can't.
  private static Dependency.@Nullable Rows row(Dependency of) {
    return switch (of) {
      case Dependency.Rows rows -> rows;
      case Dependency.Columns columns when columns.isShown() ->
          columns.of() instanceof Dependency.Rows rows ? rows : null;
      default -> null;
    };
  }

  private static @Nullable List<Integer> shown(Dependency of) {
    return of instanceof Dependency.Columns columns ? columns.columns() : null;
  }

  private static byte[] values(List<Dependency> rows) {
    List<byte[]> texts = new ArrayList<>(rows.size());
    int octets = 0;
    for (Dependency each : rows) {
      Dependency.Rows row = row(each);
      String value = row == null ? "" : row.value();
      texts.add(value.getBytes(StandardCharsets.UTF_8));
      octets += Integer.BYTES + texts.getLast().length;
    }
    ByteBuffer out = ByteBuffer.allocate(octets);
    texts.forEach(text -> out.putInt(text.length).put(text));
    return out.array();
  }

  /// In the order they came in.
  List<Dependency> all() {
    List<Dependency> out = new ArrayList<>();
    for (Piece piece : pieces) {
      switch (piece) {
        case One(Dependency dependency) -> out.add(dependency);
        case Run run -> {
          ByteBuffer in = ByteBuffer.wrap(run.values);
          while (in.hasRemaining()) {
            byte[] text = new byte[in.getInt()];
            in.get(text);
            out.add(run.of(new String(text, StandardCharsets.UTF_8)));
          }
        }
      }
    }
    return out;
  }

  /// Octets of heap.
  long weight() {
    long octets = 40;
    for (Piece piece : pieces) {
      octets +=
          switch (piece) {
            case One(Dependency dependency) -> 24 + weight(dependency);
            case Run run ->
                60 + run.values.length + (run.shown == null ? 0 : 40 + 20L * run.shown.size());
          };
    }
    return octets;
  }

  private static long weight(Dependency dependency) {
    return switch (dependency) {
      case Dependency.Table _ -> 32;
      case Dependency.Rows rows -> 88 + rows.value().length();
      case Dependency.Columns(
              Dependency.Whole of,
              List<Integer> columns,
              List<Comparison> comparisons,
              boolean _) ->
          64 + 20L * columns.size() + 80L * comparisons.size() + weight(of);
    };
  }
}
