package dev.freshet.freshness;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

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
  /// @param values each behind its length, four octets
  @SuppressWarnings("ArrayRecordComponent")
  private record Run(long relation, int column, byte[] values) implements Piece {}

  private final List<Piece> pieces;

  private Packed(List<Piece> pieces) {
    this.pieces = List.copyOf(pieces);
  }

  static Packed of(List<Dependency> all) {
    List<Piece> out = new ArrayList<>();
    int from = 0;
    while (from < all.size()) {
      int to = end(all, from);
      if (to - from >= WORTH && all.get(from) instanceof Dependency.Rows first) {
        out.add(new Run(first.relation(), first.column(), values(all.subList(from, to))));
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
    if (all.get(from) instanceof Dependency.Rows first) {
      while (to < all.size()
          && all.get(to) instanceof Dependency.Rows next
          && next.relation() == first.relation()
          && next.column() == first.column()) {
        to++;
      }
    }
    return to;
  }

  private static byte[] values(List<Dependency> rows) {
    List<byte[]> texts = new ArrayList<>(rows.size());
    int octets = 0;
    for (Dependency row : rows) {
      String value = row instanceof Dependency.Rows(long _, int _, String text) ? text : "";
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
        case Run(long relation, int column, byte[] values) -> {
          ByteBuffer in = ByteBuffer.wrap(values);
          while (in.hasRemaining()) {
            byte[] text = new byte[in.getInt()];
            in.get(text);
            String value = new String(text, StandardCharsets.UTF_8);
            out.add(new Dependency.Rows(relation, column, value));
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
            case Run run -> 56 + run.values.length;
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
              List<Comparison> comparisons) ->
          64 + 20L * columns.size() + 80L * comparisons.size() + weight(of);
    };
  }
}
