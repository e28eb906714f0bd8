package dev.freshet.sql;

import java.util.List;
import java.util.Set;

/// Refuses statements in which something of the user's may be meant by a name of PostgreSQL's that
/// [Screening] let pass.
final class Shadows {
  /// Called by IN, BETWEEN, LIKE and others without being written.
  private static final Set<String> UNWRITTEN =
      Set.of("=", "<>", "<", ">", "<=", ">=", "~~", "!~~", "~~*", "!~~*", "~", "!~");

  private Shadows() {}

  static void check(Outline outline, Catalog catalog, Viewpoint viewpoint) throws Refusal {
    List<String> path = viewpoint.searchPath();
    if (path.indexOf("pg_catalog") > 0) {
      throw new Refusal(NotCacheable.SEARCH_PATH);
    }
    if (catalog.hasOwnCasts()) {
      throw new Refusal(NotCacheable.USER_CAST);
    }
    for (TableName type : outline.types()) {
      if (!catalog.isEnum(type, viewpoint)) {
        throw new Refusal(NotCacheable.UNKNOWN_TYPE);
      }
    }
    for (String function : outline.functions()) {
      if (catalog.hasOwnFunction(function, viewpoint)) {
        throw new Refusal(NotCacheable.USER_FUNCTION);
      }
    }
    for (String field : outline.fields()) {
      if (catalog.hasRowFunction(field)) {
        throw new Refusal(NotCacheable.USER_FUNCTION);
      }
    }
    for (String operator : outline.operators()) {
      if (catalog.hasOwnOperator(operator, viewpoint)) {
        throw new Refusal(NotCacheable.USER_OPERATOR);
      }
    }
    for (String operator : UNWRITTEN) {
      if (catalog.hasOwnOperator(operator, viewpoint)) {
        throw new Refusal(NotCacheable.USER_OPERATOR);
      }
    }
  }
}
