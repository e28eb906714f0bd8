package dev.freshet.edge;

import dev.freshet.base.Time;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Trails;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The database behind the app, as far as the edge has to know it.
///
/// @param following false while no database's log is followed: then no request carries a trace. It
///   may begin at any time, and goes on then
/// @param trails where trips to the app and the statements they cause meet
/// @param patience how long an answer to a write may be held until everybody is shown the write;
///   null to hold none
/// @param relation the number of a table that an operator names; null for an unknown one
/// @param name what people call the table with that number
/// @param column what people call one of its columns
/// @param number the number of a column that an operator names; null for an unknown one
public record Database(
    BooleanSupplier following,
    Freshness freshness,
    Trails trails,
    Supplier<@Nullable Duration> patience,
    Function<String, @Nullable Long> relation,
    LongFunction<String> name,
    Column column,
    ColumnNumber number) {

  /// What people call a column: `products.category_id`.
  @FunctionalInterface
  public interface Column {
    String apply(long relation, int number);
  }

  /// Which column is called that: `stock`.
  @FunctionalInterface
  public interface ColumnNumber {
    @Nullable Integer apply(long relation, String column);
  }

  /// Whether its log is followed.
  boolean isThere() {
    return following.getAsBoolean();
  }

  /// How long an answer to a write may be held; null to hold none.
  @Nullable Duration fence() {
    return patience.get();
  }

  /// For an edge before an app whose database is its own business.
  public static Database none(Time time) {
    Freshness blind = new Freshness(1);
    return new Database(
        () -> false,
        blind,
        new Trails(blind, time),
        () -> null,
        table -> null,
        Long::toString,
        (table, number) -> table + "." + number,
        (table, column) -> null);
  }
}
