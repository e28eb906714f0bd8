package dev.freshet.freshness;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// What an answer was made from, and when: all that is needed to tell later whether it would come
/// out the same. Immutable; made by [Freshness#evidence].
public final class Evidence {
  private final long history;
  private final long asOf;
  private final Packed packed;
  private final long[] marks;
  private final List<Limited> limited;

  /// The last state of affairs under which this was found current. A race only repeats the look.
  private long foundCurrentAt;

  /// Rows of which some columns count.
  ///
  /// @param marks of the rows
  @SuppressWarnings("ArrayRecordComponent")
  record Limited(
      long[] marks, long relation, int[] columns, List<Comparisons.Watched> comparisons) {}

  /// @param marks of what must not have changed at all
  Evidence(
      long history, long asOf, List<Dependency> dependencies, long[] marks, List<Limited> limited) {
    this.history = history;
    this.asOf = asOf;
    this.packed = Packed.of(dependencies);
    this.marks = marks;
    this.limited = merged(limited);
  }

  /// Rows of which the same columns count are looked at together. Each of them has to be as it was,
  /// or the columns have; so all of them have to be, or the columns have.
  private static List<Limited> merged(List<Limited> all) {
    Map<Of, LongStream.Builder> marks = new LinkedHashMap<>();
    for (Limited each : all) {
      List<Integer> columns = IntStream.of(each.columns).boxed().toList();
      LongStream.Builder rows =
          marks.computeIfAbsent(
              new Of(each.relation, columns, each.comparisons), of -> LongStream.builder());
      LongStream.of(each.marks).forEach(rows);
    }
    List<Limited> out = new ArrayList<>(marks.size());
    marks.forEach((of, rows) -> {
      int[] columns = of.columns.stream().mapToInt(Integer::intValue).toArray();
      out.add(new Limited(rows.build().distinct().toArray(), of.relation, columns, of.comparisons));
    });
    return List.copyOf(out);
  }

  /// Which columns of a table count.
  private record Of(long relation, List<Integer> columns, List<Comparisons.Watched> comparisons) {}

  /// Which log its position belongs to: see [Freshness.Feed#attach].
  public long history() {
    return history;
  }

  /// The position that had been published before the first thing was read.
  public long asOf() {
    return asOf;
  }

  /// Without duplicates; of a table named as a whole there is nothing beside. Made anew each time.
  public List<Dependency> dependencies() {
    return packed.all();
  }

  /// Octets of heap.
  public long weight() {
    long octets = 80 + 8L * marks.length + packed.weight();
    for (Limited each : limited) {
      octets +=
          88 + 8L * each.marks.length + 4L * each.columns.length + 4L * each.comparisons.size();
    }
    return octets;
  }

  long[] marks() {
    return marks;
  }

  List<Limited> limited() {
    return limited;
  }

  /// Every mark under which something may be told that concerns it.
  long[] allMarks() {
    LongStream all = LongStream.of(marks);
    for (Limited each : limited) {
      all = LongStream.concat(all, LongStream.of(each.marks));
    }
    return all.distinct().toArray();
  }

  long foundCurrentAt() {
    return foundCurrentAt;
  }

  void foundCurrentAt(long state) {
    foundCurrentAt = state;
  }
}
