package dev.freshet.sql;

import dev.freshet.base.Rolls;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes queries at random over given tables: joins of every kind, queries within, and equalities
/// wherever they may stand, right and wrong ones.
final class Reader {
  record Col(String name, Sort sort) {}

  record Source(String name, List<Col> columns) {}

  /// @param values as a Bind message has them; null for NULL
  record Query(
      String sql,
      List<Integer> types,
      boolean isBinary,
      List<byte @Nullable []> values,
      List<String> spelled) {}

  /// Something in FROM: its alias and what it has.
  private record Seen(String alias, List<Col> columns) {}

  private static final List<String> ORDERS = List.of(" < ", " <= ", " > ", " >= ", " != ");

  private final Rolls rolls;
  private final List<Source> sources;
  private final boolean mayBind;
  private final List<Integer> types = new ArrayList<>();
  private final List<byte @Nullable []> values = new ArrayList<>();
  private final List<String> spelled = new ArrayList<>();
  private final List<@Nullable Sort> bound = new ArrayList<>();
  private final boolean isBinary;
  private int aliases;

  private Reader(Rolls rolls, List<Source> sources, boolean mayBind) {
    this.rolls = rolls;
    this.sources = sources;
    this.mayBind = mayBind;
    this.isBinary = rolls.chance(0.4);
  }

  static Query query(Rolls rolls, List<Source> sources) {
    Reader reader = new Reader(rolls, sources, rolls.chance(0.5));
    List<Col> outputs = new ArrayList<>();
    String sql = reader.select(List.of(), 2, outputs, true);
    return new Query(sql, reader.types, reader.isBinary, reader.values, reader.spelled);
  }

  /// A query without parameters, and what its columns are.
  static String view(Rolls rolls, List<Source> sources, List<Col> outputs) {
    return new Reader(rolls, sources, false).select(List.of(), 1, outputs, false);
  }

  /// By all that is shown, by its names or its places.
  private String order(List<String> columns, List<String> keys) {
    List<String> order = new ArrayList<>();
    boolean isNamed = rolls.chance(0.5) && columns.size() == keys.size();
    for (int i = 1; i <= columns.size(); i++) {
      order.add(isNamed ? keys.get(i - 1) : Integer.toString(i));
    }
    return " order by " + String.join(", ", order) + " limit 2";
  }

  private void showKey(Seen of, List<String> columns, List<String> keys) {
    if (of.columns.stream().anyMatch(column -> column.name.equals("id"))) {
      int at = rolls.between(0, columns.size());
      columns.add(at, of.alias + ".id as c" + columns.size());
      keys.add(Math.min(at, keys.size()), of.alias + ".id");
    }
  }

  private String select(List<Seen> outer, int depth, List<Col> outputs, boolean mayCombine) {
    StringBuilder out = new StringBuilder();
    if (mayCombine && depth > 0 && rolls.chance(0.1)) {
      return expression(outer, depth, outputs);
    }
    List<Seen> seen = new ArrayList<>();
    String from = from(outer, depth, seen);
    boolean isGrouped = rolls.chance(0.15);
    boolean isDistinct = !isGrouped && rolls.chance(0.1);
    boolean isLimited = rolls.chance(0.1);
    boolean mustBePlain = isGrouped || isDistinct || isLimited;
    List<String> columns = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    for (int i = rolls.between(1, 3); i > 0; i--) {
      Seen of = !outer.isEmpty() && rolls.chance(0.15) ? rolls.oneOf(outer) : rolls.oneOf(seen);
      Col column = rolls.oneOf(of.columns);
      if (!mustBePlain || column.sort.isPlain()) {
        String name = "c" + columns.size();
        columns.add(of.alias + "." + column.name + (rolls.chance(0.5) ? " as " : " ") + name);
        keys.add(of.alias + "." + column.name);
        outputs.add(new Col(name, column.sort));
      }
    }
    if (!isGrouped && depth == 2 && outer.isEmpty() && rolls.chance(0.4)) {
      showKey(rolls.oneOf(seen), columns, keys);
    }
    if (isGrouped) {
      columns.add("count(*) as n" + columns.size());
      outputs.add(new Col("n" + (columns.size() - 1), Sort.INT8));
    } else if (columns.isEmpty() || rolls.chance(0.1)) {
      columns.add(
          depth > 0 && rolls.chance(0.5)
              ? "(" + count(all(seen, outer), depth - 1) + ") as n" + columns.size()
              : "1 as n" + columns.size());
      outputs.add(new Col("n" + (columns.size() - 1), Sort.INT4));
    }
    boolean hasWindow = !mustBePlain && rolls.chance(0.05);
    if (hasWindow) {
      columns.add("count(*) over () as w" + columns.size());
      outputs.add(new Col("w" + (columns.size() - 1), Sort.INT8));
    }
    if (!mustBePlain && seen.size() == 1 && rolls.chance(0.15)) {
      columns.clear();
      columns.add(rolls.chance(0.5) ? "*" : seen.getFirst().alias + ".*");
      outputs.clear();
      outputs.addAll(seen.getFirst().columns);
    }
    out.append("select ").append(isDistinct ? "distinct " : "").append(String.join(", ", columns));
    out.append(" from ").append(from);
    if (rolls.chance(0.85)) {
      out.append(" where ").append(condition(all(seen, outer), depth));
    }
    if (isGrouped && !keys.isEmpty()) {
      out.append(" group by ").append(String.join(", ", keys));
      if (rolls.chance(0.2)) {
        out.append(" having count(*) > 1");
      }
    }
    if (isLimited) {
      out.append(order(columns, keys));
    }
    return out.toString();
  }

  private String count(List<Seen> outer, int depth) {
    return "select count(*) from (" + select(outer, depth, new ArrayList<>(), false) + ") q";
  }

  private static List<Seen> all(List<Seen> seen, List<Seen> outer) {
    List<Seen> out = new ArrayList<>(seen);
    out.addAll(outer);
    return out;
  }

  /// With common table expressions or set operations.
  private String expression(List<Seen> outer, int depth, List<Col> outputs) {
    if (rolls.chance(0.5)) {
      List<Col> inside = new ArrayList<>();
      String query = select(outer, depth - 1, inside, false);
      String name = "x" + aliases++;
      List<Source> more = new ArrayList<>(sources);
      more.add(new Source(name, inside));
      more.add(new Source(name, inside));
      Reader reader = new Reader(rolls, more, false);
      reader.aliases = aliases + 100;
      return "with "
          + name
          + " as "
          + rolls.oneOf(List.of("", "materialized "))
          + "("
          + query
          + ") "
          + reader.select(outer, depth - 1, outputs, false);
    }
    Source one = rolls.oneOf(sources);
    Source other = rolls.oneOf(sources);
    Col first = rolls.oneOf(one.columns);
    List<Col> fitting =
        other.columns.stream().filter(c -> c.sort == first.sort && c.sort.isPlain()).toList();
    if (fitting.isEmpty()) {
      return select(outer, depth, outputs, false);
    }
    outputs.add(new Col("c0", first.sort));
    return "select "
        + first.name
        + " as c0 from "
        + one.name
        + where(one)
        + rolls.oneOf(List.of(" union ", " union all ", " intersect ", " except "))
        + "select "
        + rolls.oneOf(fitting).name
        + " from "
        + other.name
        + where(other);
  }

  private String where(Source source) {
    return " where " + condition(List.of(new Seen(source.name, source.columns)), 0);
  }

  private String from(List<Seen> outer, int depth, List<Seen> seen) {
    StringBuilder out = new StringBuilder(item(List.of(), outer, depth, seen));
    for (int i = rolls.oneOf(List.of(0, 0, 0, 1, 1, 2)); i > 0; i--) {
      switch (rolls.between(0, 9)) {
        case 0 -> out.append(", ").append(item(List.copyOf(seen), outer, depth, seen));
        case 1 -> out.append(" cross join ").append(item(List.copyOf(seen), outer, depth, seen));
        default -> out.append(joined(outer, depth, seen));
      }
    }
    return out.toString();
  }

  private String joined(List<Seen> outer, int depth, List<Seen> seen) {
    String kind =
        rolls.oneOf(
            List.of(
                " join ",
                " inner join ",
                " left join ",
                " left outer join ",
                " right join ",
                " full join "));
    Seen left = rolls.oneOf(seen);
    boolean isFull = kind.contains("full");
    List<Seen> near = isFull || kind.contains("right") ? List.of() : List.copyOf(seen);
    if (depth > 0 && rolls.chance(0.1)) {
      List<Seen> inside = new ArrayList<>();
      String first = item(List.of(), outer, depth - 1, inside);
      String second = joined(outer, depth - 1, inside);
      seen.addAll(inside);
      Seen right = rolls.oneOf(inside);
      String on = isFull ? join(left, right) : on(List.of(left, right), depth);
      return kind + "(" + first + second + ") on " + on;
    }
    String item = item(near, outer, depth, seen);
    Seen right = seen.getLast();
    if (rolls.chance(0.1)) {
      for (Col column : left.columns) {
        if (right.columns.stream().anyMatch(c -> c.name.equals(column.name))) {
          return rolls.chance(0.3)
              ? " natural" + kind + item
              : kind + item + " using (" + column.name + ")";
        }
      }
    }
    return kind + item + " on " + (isFull ? join(left, right) : on(List.of(left, right), depth));
  }

  private String on(List<Seen> both, int depth) {
    String join = join(both.getFirst(), both.getLast());
    return rolls.chance(0.6)
        ? join
        : join + rolls.oneOf(List.of(" and ", " and ", " or ")) + condition(both, depth - 1);
  }

  /// An equality of columns that can be compared, where there are such.
  private String join(Seen left, Seen right) {
    for (int i = 0; i < 10; i++) {
      Col one = rolls.oneOf(left.columns);
      Col other = rolls.oneOf(right.columns);
      if (one.sort.group.equals(other.sort.group)) {
        String first = left.alias + "." + one.name;
        String second = right.alias + "." + other.name;
        return rolls.chance(0.5) ? first + " = " + second : second + " = " + first;
      }
    }
    return "true";
  }

  /// @param near what LATERAL may see
  private String item(List<Seen> near, List<Seen> outer, int depth, List<Seen> seen) {
    if (depth > 0 && rolls.chance(0.15)) {
      boolean isLateral = !near.isEmpty() && rolls.chance(0.5);
      List<Col> inside = new ArrayList<>();
      String query = select(isLateral ? all(near, outer) : outer, depth - 1, inside, false);
      String alias = "d" + aliases++;
      seen.add(new Seen(alias, inside));
      return (isLateral ? "lateral " : "") + "(" + query + ") " + alias;
    }
    Source source = rolls.oneOf(sources);
    boolean isBare = rolls.chance(0.2) && seen.stream().noneMatch(s -> s.alias.equals(source.name));
    if (isBare) {
      seen.add(new Seen(source.name, source.columns));
      return source.name;
    }
    String alias = "a" + aliases++;
    seen.add(new Seen(alias, source.columns));
    return source.name + (rolls.chance(0.3) ? " as " : " ") + alias;
  }

  private String condition(List<Seen> seen, int depth) {
    return switch (rolls.between(0, 19)) {
      case 0, 1, 2, 3 -> atom(seen) + " and " + condition(seen, depth - 1);
      case 4 -> condition(seen, depth - 1) + " and " + condition(seen, depth - 1);
      case 5 -> "(" + condition(seen, depth - 1) + " or " + condition(seen, depth - 1) + ")";
      case 6 -> condition(seen, depth - 1) + " or " + condition(seen, depth - 1);
      case 7 -> "not " + condition(seen, depth - 1);
      case 8 -> "(" + condition(seen, depth - 1) + ")";
      case 9, 10 -> depth > 0 ? within(seen, depth) : atom(seen);
      default -> atom(seen);
    };
  }

  private String within(List<Seen> seen, int depth) {
    List<Col> inside = new ArrayList<>();
    String query = select(seen, depth - 1, inside, false);
    if (rolls.chance(0.5)) {
      return rolls.oneOf(List.of("exists ", "not exists ")) + "(" + query + ")";
    }
    Seen of = rolls.oneOf(seen);
    if (inside.size() == 1) {
      for (Col column : of.columns) {
        if (column.sort.group.equals(inside.getFirst().sort.group)) {
          String how = rolls.oneOf(List.of(" in ", " in ", " not in ", " = any ", " <> all "));
          return name(of, column) + how + "(" + query + ")";
        }
      }
    }
    return "exists (" + query + ")";
  }

  private String name(Seen of, Col column) {
    String name = rolls.chance(0.15) ? column.name : of.alias + "." + column.name;
    return rolls.chance(0.05) ? "(" + name + ")" : name;
  }

  private String atom(List<Seen> seen) {
    // Mostly what is near.
    Seen of = rolls.chance(0.6) ? seen.getFirst() : rolls.oneOf(seen);
    Col column = rolls.oneOf(of.columns);
    String name = name(of, column);
    return switch (rolls.between(0, 24)) {
      case 21, 22, 23 -> name + rolls.oneOf(ORDERS) + constant(column.sort);
      case 24 -> constant(column.sort) + rolls.oneOf(ORDERS) + name;
      case 0 -> name + rolls.oneOf(List.of(" is null", " is not null"));
      case 1 -> name + " is not distinct from " + constant(column.sort);
      case 2 -> name + " <> " + constant(column.sort);
      case 3 -> name + " between " + constant(column.sort) + " and " + constant(column.sort);
      case 4, 5 -> name + " in (" + list(column.sort) + ")";
      case 6 -> name + " not in (" + list(column.sort) + ")";
      case 7 -> name + " = any (" + array(column.sort) + ")";
      case 8 -> constant(column.sort) + " = " + name;
      case 9 -> {
        Seen other = rolls.oneOf(seen);
        yield join(of, other);
      }
      case 10 -> "case when " + name + " = " + constant(column.sort) + " and true then true end";
      case 11 -> {
        Col second = rolls.oneOf(of.columns);
        yield "("
            + name
            + ", "
            + of.alias
            + "."
            + second.name
            + ") = ("
            + constant(column.sort)
            + ", "
            + constant(second.sort)
            + ")";
      }
      default -> name + " = " + constant(column.sort);
    };
  }

  private String list(Sort sort) {
    List<String> out = new ArrayList<>();
    for (int i = rolls.between(1, 3); i > 0; i--) {
      out.add(constant(sort));
    }
    return String.join(", ", out);
  }

  private String constant(Sort sort) {
    if (!mayBind || rolls.chance(0.4)) {
      return sort.literal(rolls);
    }
    if (rolls.chance(0.2)) {
      for (int i = 0; i < bound.size(); i++) {
        if (bound.get(i) == sort) {
          return "$" + (i + 1);
        }
      }
    }
    int declared = sort.declared(rolls);
    String value = typed(declared, sort).value(rolls);
    int type = declared == 0 ? sort.oid : declared;
    boolean isWhole = type == 21 || type == 23 || type == 20;
    value = isWhole && value.contains(".") ? "1" : value;
    boolean hasBinary = type != 0 && type != 701 && sort != Sort.CITEXT;
    if (isBinary && !hasBinary) {
      return sort.literal(rolls);
    }
    value = type == 1700 && value.equals("2.00") ? "2" : value;
    byte[] octets = isBinary ? Sort.binary(type, value) : value.getBytes(StandardCharsets.UTF_8);
    return bind(declared, octets, "'" + value + "'", sort);
  }

  private String bind(int declared, byte[] octets, String text, @Nullable Sort sort) {
    boolean isNull = rolls.chance(0.03);
    types.add(declared);
    values.add(isNull ? null : octets);
    spelled.add(isNull ? "null" : text);
    bound.add(sort);
    return "$" + types.size();
  }

  /// What to take a value of a declared type from.
  private static Sort typed(int declared, Sort otherwise) {
    if (declared == 0 || declared == otherwise.oid) {
      return otherwise;
    }
    for (Sort sort : Sort.values()) {
      if (sort.oid == declared) {
        return sort == Sort.FLOAT ? Sort.INT4 : sort;
      }
    }
    return otherwise;
  }

  private String array(Sort sort) {
    List<String> elements = new ArrayList<>();
    for (int i = rolls.between(0, 3); i > 0; i--) {
      String value = sort.value(rolls);
      boolean isWhole = sort == Sort.INT2 || sort == Sort.INT4 || sort == Sort.INT8;
      elements.add(rolls.chance(0.1) ? "NULL" : isWhole ? value : "\"" + value + "\"");
    }
    String text = "'{" + String.join(",", elements) + "}'";
    if (rolls.chance(0.3)) {
      return "array["
          + sort.quoted(rolls)
          + ", "
          + sort.quoted(rolls)
          + "]"
          + (sort.oid == 0 ? "" : "::" + sort.sql.replaceAll("[ (].*", "") + "[]");
    }
    if (!mayBind || isBinary || rolls.chance(0.3)) {
      return rolls.chance(0.3) && sort.oid != 0 && sort != Sort.CHAR
          ? text + "::" + sort.sql.replaceAll("[ (].*", "") + "[]"
          : text;
    }
    int declared = rolls.chance(0.5) ? Sort.array(sort.oid) : 0;
    return bind(
        declared,
        text.substring(1, text.length() - 1).getBytes(StandardCharsets.UTF_8),
        text,
        null);
  }
}
