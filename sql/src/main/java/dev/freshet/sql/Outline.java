package dev.freshet.sql;

import dev.freshet.freshness.Comparison;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a query's text says about the rows it looks at, names not yet resolved.
///
/// @param functions names that are called
/// @param operators that are written; those behind IN, LIKE and others are not
/// @param fields names behind a dot, as functions of a row are called too
/// @param types those of the user's that are cast to
/// @param query null where the structure is not understood, only the tables
/// @param mentions null where any column may be looked at
/// @param moments what is cast to a date or time
record Outline(
    Set<String> functions,
    Set<String> operators,
    Set<String> fields,
    Set<TableName> types,
    @Nullable Query query,
    @Nullable Mentions mentions,
    Moments moments) {

  /// @param expressions the table expressions in front
  record Query(List<Expression> expressions, Body body) {}

  /// A common table expression.
  ///
  /// @param token where its name is declared
  /// @param columns new names of its first columns
  /// @param hasMore whether it has further columns, by SEARCH or CYCLE
  record Expression(int token, List<String> columns, Query query, boolean hasMore) {}

  sealed interface Body {}

  /// @param isOpen whether leaving out rows of one output value leaves the rows of all others as
  ///   they are: no row limit, no windows
  /// @param groups null without GROUP BY; empty where its items are not all columns
  /// @param inner the queries in its expressions
  record Select(
      List<Output> outputs,
      boolean isOpen,
      @Nullable List<Column> groups,
      @Nullable From from,
      Condition where,
      List<Query> inner)
      implements Body {}

  /// UNION, INTERSECT, EXCEPT.
  record Combined(List<Body> parts) implements Body {}

  /// A query in parentheses, with what follows it.
  record Nested(Query query, boolean isOpen, List<Query> inner) implements Body {}

  record Values(List<Query> inner) implements Body {}

  sealed interface Output {}

  /// @param name null where it is not known
  /// @param column null where it is computed
  record Item(@Nullable String name, @Nullable Column column) implements Output {}

  record Star(@Nullable TableName of) implements Output {}

  sealed interface From {}

  /// @param expression the token that declares the table expression it is, or -1
  record Table(
      TableName name, @Nullable String alias, List<String> columns, boolean isOnly, int expression)
      implements From {}

  record Derived(Query query, @Nullable String alias, List<String> columns, boolean isLateral)
      implements From {}

  /// A function.
  record Call(String alias, List<Query> inner) implements From {}

  enum Kind {
    INNER,
    LEFT,
    RIGHT,
    FULL
  }

  /// @param using null without USING
  record Join(
      Kind kind,
      From left,
      From right,
      Condition on,
      @Nullable List<String> using,
      boolean isNatural,
      List<Query> inner)
      implements From {}

  /// A join in parentheses under a name that hides those in it.
  record Aliased(From join, String alias) implements From {}

  /// @param isText cast to text
  /// @param token where its name stands
  record Column(@Nullable TableName of, String name, boolean isText, int token) {}

  /// A constant or parameter of the text, or a list of them.
  ///
  /// @param slot as in [Slots]
  /// @param cast the OID of the type it is cast to, [Values#OTHER] for one of the user's, or 0
  /// @param isArray whether its elements are meant, and the cast is that of an element
  record Constant(int slot, long cast, boolean isArray) {}

  sealed interface Condition {}

  record All(List<Condition> of) implements Condition {}

  record Any(List<Condition> of) implements Condition {}

  record Same(Column one, Column other) implements Condition {}

  record OneOf(Column column, List<Constant> constants) implements Condition {}

  record In(Column column, Query query) implements Condition {}

  /// A column and a constant in some order of sizes, or whether it is null.
  ///
  /// @param constant null for that
  record Compared(Column column, Comparison.Sign sign, @Nullable Constant constant)
      implements Condition {}

  /// Whatever it says.
  record Unclear() implements Condition {}
}
