package dev.freshet.app;

import dev.freshet.app.Plans.Plan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// An index that the database lacks, with the statements it is for.
///
/// @param rows of the table
/// @param distinctValues of the column; 0 where PostgreSQL does not say
/// @param millis that these statements took in all, since the start
/// @param statements with `?` for constants, the one that took most first
/// @param sql that creates it, without keeping anybody from writing meanwhile
public record IndexAdvice(
    String schema,
    String table,
    String column,
    long rows,
    double distinctValues,
    double millis,
    List<String> statements,
    String sql) {
  /// An index costs every write; what takes less is not worth one.
  private static final double OF_ALL = 0.01;

  private static final int MAX_STATEMENTS = 5;

  /// A statement that costs something.
  ///
  /// @param text with `?` for constants
  /// @param sent what the database can be asked the plan for
  /// @param millis it took in all
  record Costly(String text, String sent, double millis) {}

  /// Each index once, the one first whose statements took most.
  ///
  /// @param allMillis of all statements
  static List<IndexAdvice> of(
      List<Costly> costly, double allMillis, Function<List<String>, Map<String, Plan>> plans) {
    List<Costly> worth =
        costly.stream()
            .filter(each -> each.millis() >= OF_ALL * allMillis)
            .sorted(Comparator.comparingDouble(Costly::millis).reversed())
            .toList();
    Map<String, Plan> told = plans.apply(worth.stream().map(Costly::sent).distinct().toList());
    Map<String, IndexAdvice> found = new LinkedHashMap<>();
    for (Costly each : worth) {
      Plan plan = told.get(each.sent());
      if (plan != null) {
        plan.indexes().stream()
            .distinct()
            .forEach(index -> found.merge(index.creation(), of(index, each), IndexAdvice::plus));
      }
    }
    List<IndexAdvice> out = new ArrayList<>(found.values());
    out.sort(Comparator.comparingDouble(IndexAdvice::millis).reversed());
    return out;
  }

  private static IndexAdvice of(MissingIndex index, Costly statement) {
    return new IndexAdvice(
        index.schema(),
        index.table(),
        index.column(),
        index.rows(),
        index.distinctValues(),
        statement.millis(),
        List.of(statement.text()),
        index.creation());
  }

  private IndexAdvice plus(IndexAdvice more) {
    List<String> all = new ArrayList<>(statements);
    if (all.size() < MAX_STATEMENTS) {
      all.addAll(more.statements);
    }
    return new IndexAdvice(
        schema, table, column, rows, distinctValues, millis + more.millis, all, sql);
  }

  /// `reviews (product_id)`.
  String name() {
    return table + " (" + column + ")";
  }
}
