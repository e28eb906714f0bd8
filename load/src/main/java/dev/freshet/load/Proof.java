package dev.freshet.load;

import dev.freshet.load.Target.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// What was shown of a site bare and through Freshet, and why it is as slow as it still is.
///
/// @param work what was done, one sentence
/// @param method how it was measured, a paragraph
/// @param notes what makes figures doubtful, or was not measured
public record Proof(
    String title,
    String work,
    String method,
    List<Table> tables,
    List<String> notes,
    List<Reason> reasons,
    List<Stack> stacks,
    List<Index> indexes) {

  /// Some rows under one heading.
  public record Table(String title, List<Row> rows) {}

  /// One figure on both sides.
  ///
  /// @param bare null where it was not measured, or there is none
  /// @param ratio how many times better it is through Freshet, of rounds that belong together: of
  ///   times bare by through, of rates through by bare; null where it makes no sense
  /// @param target null where nothing is asked
  /// @param believed whether it was the site that was measured, and not the load generator
  public record Row(
      String name,
      String unit,
      @Nullable Interval bare,
      @Nullable Interval through,
      @Nullable Interval ratio,
      @Nullable Target target,
      Believed believed) {

    /// A figure to be believed.
    public Row(
        String name,
        String unit,
        @Nullable Interval bare,
        @Nullable Interval through,
        @Nullable Interval ratio,
        @Nullable Target target) {
      this(name, unit, bare, through, ratio, target, Believed.BOTH);
    }

    /// The same, of which nothing is asked.
    Row untargeted() {
      return new Row(name, unit, bare, through, ratio, null, believed);
    }

    /// Never `met` for what was not measured.
    public Verdict verdict() {
      Target asked = target;
      Interval figure = through;
      if (asked == null) {
        return Verdict.NONE;
      }
      if (figure == null) {
        return Verdict.NOT_MEASURED;
      }
      return believed.through() ? asked.verdict(figure) : Verdict.INVALID;
    }
  }

  /// Which side's figure may be believed: where the generator was late in every round, it was the
  /// machine that was measured.
  public record Believed(boolean bare, boolean through) {
    static final Believed BOTH = new Believed(true, true);
  }

  /// One reason why it is as slow as it is.
  ///
  /// @param trips to the app that were measured for it: few tell little
  /// @param statement that it is about, or null
  /// @param plan of that
  public record Reason(
      String says,
      String remedy,
      double shareOfAll,
      double millisPerTrip,
      long trips,
      @Nullable String statement,
      List<String> plan) {}

  /// An index that the database lacks.
  ///
  /// @param name table and column, for people
  /// @param rows of the table
  /// @param millis that the statements it is for took in all
  /// @param sql that creates it
  public record Index(String name, long rows, double millis, List<String> statements, String sql) {}

  /// The parts of the time of one route's trips, by name, as shares.
  public record Stack(String route, double meanMillis, Map<String, Double> shares) {}

  /// Whether a figure is shown that can't be believed.
  boolean hasDoubtful() {
    return tables.stream().flatMap(table -> table.rows().stream()).anyMatch(Proof::isDoubtful);
  }

  private static boolean isDoubtful(Row row) {
    return (row.bare() != null && !row.believed().bare())
        || (row.through() != null && !row.believed().through());
  }

  /// One sentence for who reads no tables: how many targets are met, and which are not, by why.
  public String summary() {
    Map<Verdict, Map<String, List<String>>> rest = new EnumMap<>(Verdict.class);
    int all = 0;
    int met = 0;
    for (Table table : tables) {
      for (Row row : table.rows()) {
        Verdict verdict = row.verdict();
        all += verdict == Verdict.NONE ? 0 : 1;
        met += verdict == Verdict.MET ? 1 : 0;
        if (verdict.isShort()) {
          rest.computeIfAbsent(verdict, key -> new LinkedHashMap<>())
              .computeIfAbsent(table.title(), key -> new ArrayList<>())
              .add(row.name());
        }
      }
    }
    StringBuilder out = new StringBuilder().append(met).append(" of ").append(all);
    out.append(" targets met");
    rest.forEach((verdict, where) -> {
      StringJoiner names = new StringJoiner(", ");
      where.forEach((title, rows) -> names.add(title + " (" + String.join(", ", rows) + ")"));
      out.append("; ").append(verdict.text()).append(": ").append(names);
    });
    return out.append('.').toString();
  }

  /// Whether every target is met for certain.
  public boolean isMet() {
    return tables.stream().flatMap(t -> t.rows().stream()).noneMatch(r -> r.verdict().isShort());
  }
}
