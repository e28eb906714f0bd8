package dev.freshet.sql;

import dev.freshet.base.Rolls;
import java.util.List;

/// Makes queries at random: tables, table expressions and aliases share few names, many of them
/// keywords to one parser or another, and subqueries stand wherever they may.
final class Queries {
  private static final List<String> NAMES =
      List.of(
          "a",
          "b",
          "c",
          "A",
          "\"A\"",
          "\"b\"",
          "final",
          "top",
          "apply",
          "pivot",
          "sample",
          "minus",
          "key",
          "value",
          "first",
          "skip",
          "\"from\"",
          "\"a.b\"",
          "level",
          "connect",
          "qualify",
          "prior",
          "unpivot",
          "optimize",
          "straight",
          "force",
          "ignore",
          "files",
          "start",
          "table_x",
          "outer_",
          "emit",
          "xml",
          "of",
          "date",
          "a1$",
          "größe",
          "window_",
          "sets",
          "view");
  private static final List<String> SCHEMAS = List.of("", "", "", "", "a.", "shop.", "\"S\".");
  private static final List<String> JOINS =
      List.of(" join ", " left join ", " right outer join ", " full join ", " inner join ");

  private final Rolls rolls;

  Queries(Rolls rolls) {
    this.rolls = rolls;
  }

  String next() {
    return query(3);
  }

  private String query(int depth) {
    String with = depth > 0 && rolls.chance(0.35) ? with(depth - 1) : "";
    String first = select(depth);
    if (depth > 0 && rolls.chance(0.2)) {
      String word = rolls.oneOf(List.of(" union ", " union all ", " intersect ", " except "));
      first = rolls.chance(0.5) ? first + word + select(depth - 1) : grouped(first, word, depth);
    }
    return with + first + tail(depth);
  }

  private String grouped(String first, String word, int depth) {
    return "(" + first + ")" + word + "(" + query(depth - 1) + ")";
  }

  private String with(int depth) {
    StringBuilder out = new StringBuilder(rolls.chance(0.4) ? "with recursive " : "with ");
    for (int i = rolls.between(1, 3); i > 0; i--) {
      String kind = rolls.oneOf(List.of(" as (", " as (", "(q) as (", " as materialized ("));
      out.append(name()).append(kind).append(query(depth)).append(i > 1 ? "), " : ") ");
    }
    return out.toString();
  }

  private String select(int depth) {
    StringBuilder out = new StringBuilder("select ");
    out.append(rolls.oneOf(List.of("", "", "distinct ", "all ")));
    out.append(rolls.oneOf(List.of("*", "a.*", "1", expression(depth), "count(*) as " + name())));
    out.append(rolls.chance(0.3) ? ", " + expression(depth) : "");
    if (rolls.chance(0.95)) {
      out.append(" from ").append(item(depth));
      for (int i = rolls.between(0, 2); i > 0; i--) {
        out.append(rolls.chance(0.5) ? ", " + item(depth) : join(depth));
      }
    }
    out.append(rolls.chance(0.5) ? " where " + condition(depth) : "");
    out.append(rolls.chance(0.2) ? " group by " + expression(depth) : "");
    out.append(rolls.chance(0.1) ? " having " + condition(depth) : "");
    return out.toString();
  }

  private String join(int depth) {
    return switch (rolls.between(0, 3)) {
      case 0 -> " cross join " + item(depth);
      case 1 -> " natural join " + item(depth);
      case 2 -> rolls.oneOf(JOINS) + item(depth) + " using (q)";
      default -> rolls.oneOf(JOINS) + item(depth) + " on " + condition(depth - 1);
    };
  }

  private String item(int depth) {
    String alias = rolls.oneOf(List.of("", " as " + name(), " x", " " + rolls.oneOf(NAMES)));
    if (depth > 0 && rolls.chance(0.25)) {
      String lateral = rolls.chance(0.2) ? "lateral (" : "(";
      return lateral + query(depth - 1) + ") as " + name();
    }
    if (depth > 0 && rolls.chance(0.15)) {
      return "(" + item(depth - 1) + join(depth - 1) + ")";
    }
    if (rolls.chance(0.08)) {
      return "unnest(" + name() + ".q) as " + name();
    }
    return (rolls.chance(0.05) ? "only " : "") + rolls.oneOf(SCHEMAS) + name() + alias;
  }

  private String expression(int depth) {
    return switch (rolls.between(0, depth > 0 ? 11 : 5)) {
      case 0 -> "1";
      case 1 -> name() + "." + name();
      case 2 -> "lower('from " + "a')";
      case 3 -> "q::text";
      case 4 -> "$1";
      case 5 -> "-q";
      case 6 -> "(" + query(depth - 1) + ")";
      case 7 ->
          "case when " + condition(depth - 1) + " then 1 else " + expression(depth - 1) + " end";
      case 8 -> "coalesce(" + expression(depth - 1) + ", " + expression(depth - 1) + ")";
      case 9 -> "array(" + query(depth - 1) + ")";
      case 10 -> "sum(q) over (order by " + expression(depth - 1) + ")";
      default -> "extract(year from " + expression(depth - 1) + ")";
    };
  }

  private String condition(int depth) {
    return switch (rolls.between(0, depth > 0 ? 8 : 3)) {
      case 0 -> "true";
      case 1 -> "q = 'x'";
      case 2 -> "q in (1, 2, 3)";
      case 3 -> "q is distinct from 1";
      case 4 -> "exists (" + query(depth - 1) + ")";
      case 5 -> "q not in (" + query(depth - 1) + ")";
      case 6 -> "q = any (" + query(depth - 1) + ")";
      case 7 -> condition(depth - 1) + " and not (" + condition(depth - 1) + ")";
      default -> expression(depth - 1) + " between 1 and " + expression(depth - 1);
    };
  }

  private String tail(int depth) {
    String order = rolls.chance(0.2) ? " order by " + expression(depth - 1) : "";
    return order + (rolls.chance(0.1) ? " limit " + (depth > 0 ? "(select 1 from a)" : "1") : "");
  }

  private String name() {
    return rolls.oneOf(NAMES);
  }
}
