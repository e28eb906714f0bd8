package dev.freshet.freshness;

/// Something an answer was made from. Relations are named by their OID in the one database that the
/// feed follows.
public sealed interface Dependency {

  long relation();

  /// Any row of a table.
  record Table(long relation) implements Dependency {}

  /// The rows of a table where a column has a value.
  ///
  /// @param column its number in the table, as in `pg_attribute.attnum`
  /// @param value in the one form that all equal values of the column's type share
  record Rows(long relation, int column, String value) implements Dependency {}
}
