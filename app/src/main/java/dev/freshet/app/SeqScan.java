package dev.freshet.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A table that a plan reads from end to end, and what it looks for there.
///
/// @param filter as PostgreSQL writes it; empty where it wants all rows
/// @param planned rows that are left, as PostgreSQL reckons
/// @param sought equalities that all must hold, of which an index could serve each; empty where
///   there is none, as below an OR or of what is no plain column
record SeqScan(String schema, String table, String filter, double planned, List<Sought> sought) {
  private static final int MAX_DEPTH = 100;
  private static final String NAME = "(?:[a-z_][a-z0-9_$]*|\"(?:[^\"]|\"\")+\")";
  private static final String COLUMN = NAME + "\\." + NAME;
  private static final String TYPE = "(?:::[a-z][a-z0-9_ ]*(?:\\(\\d+(?:,\\d+)?\\))?(?:\\[])?)?";
  private static final String BARE =
      "(?:\\$\\d+|'(?:[^']|'')*'|\\d+(?:\\.\\d+)?|" + COLUMN + "|\\(InitPlan \\d+\\)\\.col\\d+)";
  private static final String VALUE = "(?:" + BARE + "|\\(" + BARE + "\\))" + TYPE;
  private static final String LOOKED_UP =
      "(?:(?<bare>%s)|\\((?<cast>%s)\\)::text)".formatted(COLUMN, COLUMN);
  private static final List<Pattern> EQUALITIES =
      List.of(
          Pattern.compile(
              "%s = (?:(?<value>%s)|(?:ANY \\(%s\\)))".formatted(LOOKED_UP, VALUE, VALUE)),
          Pattern.compile("(?<value>%s) = %s".formatted(VALUE, LOOKED_UP)));
  private static final Pattern JOINED =
      Pattern.compile("(?<left>%s) = (?<right>%s)".formatted(COLUMN, COLUMN));
  private static final Pattern QUALIFIED =
      Pattern.compile("(?<table>%s)\\.(?<name>%s)".formatted(NAME, NAME));

  /// A column that must be equal to something.
  ///
  /// @param isCast whether it is compared as text, which it need not be
  /// @param times how many values are looked for, one after the other: one for a filter, the rows
  ///   of the other side for a join
  record Sought(String column, boolean isCast, boolean isJoin, double times) {}

  /// All of a plan.
  ///
  /// @param plan as EXPLAIN (VERBOSE, FORMAT JSON) has it, which names schemas and says of each
  ///   column whose it is
  static List<SeqScan> in(JsonNode plan) {
    List<SeqScan> out = new ArrayList<>();
    read(plan, List.of(), 0, 0, out);
    return out;
  }

  /// @param conditions of the join that this is a side of
  /// @param others rows of the other side
  private static void read(
      JsonNode node, List<String> conditions, double others, int depth, List<SeqScan> out) {
    String type = node.path("Node Type").asText();
    if (type.endsWith("Seq Scan")) {
      out.add(scan(node, conditions, others));
    }
    JsonNode children = node.path("Plans");
    boolean passes = type.equals("Hash") || type.equals("Materialize");
    for (int i = 0; i < children.size() && depth < MAX_DEPTH; i++) {
      JsonNode child = children.path(i);
      if (passes) {
        read(child, conditions, others, depth + 1, out);
      } else if (i < 2 && mayBeLookedUp(node, i)) {
        double rows = children.path(1 - i).path("Plan Rows").asDouble(Double.MAX_VALUE);
        read(child, conditions(node), rows, depth + 1, out);
      } else {
        read(child, List.of(), 0, depth + 1, out);
      }
    }
  }

  /// Whether PostgreSQL could, for each row of a join's other side, look up this one's rows: not
  /// where it needs all of this side.
  private static boolean mayBeLookedUp(JsonNode join, int side) {
    String type = join.path("Node Type").asText();
    boolean isSide = type.equals("Hash Join") || (type.equals("Nested Loop") && side == 1);
    return isSide
        && switch (join.path("Join Type").asText()) {
          case "Inner" -> true;
          case "Left", "Semi", "Anti" -> side == 1;
          case "Right" -> side == 0;
          default -> false;
        };
  }

  private static List<String> conditions(JsonNode join) {
    List<String> out = new ArrayList<>(conjuncts(join.path("Hash Cond").asText()));
    if (join.path("Node Type").asText().equals("Nested Loop")) {
      out.addAll(conjuncts(join.path("Join Filter").asText()));
    }
    return out;
  }

  private static SeqScan scan(JsonNode node, List<String> conditions, double others) {
    String alias = node.path("Alias").asText();
    String filter = node.path("Filter").asText();
    List<Sought> sought = new ArrayList<>();
    for (String each : conjuncts(filter)) {
      EQUALITIES.forEach(form -> equality(alias, form.matcher(each), sought));
    }
    for (String each : conditions) {
      Matcher found = JOINED.matcher(each);
      if (found.matches()) {
        join(alias, found.group("left"), found.group("right"), others, sought);
        join(alias, found.group("right"), found.group("left"), others, sought);
      }
    }
    return new SeqScan(
        node.path("Schema").asText(),
        node.path("Relation Name").asText(),
        filter,
        node.path("Plan Rows").asDouble(),
        sought);
  }

  private static void equality(String alias, Matcher found, List<Sought> sought) {
    if (found.matches() && !mentions(alias, found.group("value"))) {
      boolean isCast = found.group("cast") != null;
      Matcher column = QUALIFIED.matcher(isCast ? found.group("cast") : found.group("bare"));
      if (column.matches() && plain(column.group("table")).equals(alias)) {
        sought.add(new Sought(plain(column.group("name")), isCast, false, 1));
      }
    }
  }

  private static void join(
      String alias, String own, String other, double others, List<Sought> sought) {
    Matcher column = QUALIFIED.matcher(own);
    if (column.matches() && plain(column.group("table")).equals(alias) && !mentions(alias, other)) {
      sought.add(new Sought(plain(column.group("name")), false, true, others));
    }
  }

  /// Whether a value is a column of the same table, so that nothing can be looked up by it.
  private static boolean mentions(String alias, @Nullable String value) {
    if (value == null) {
      return false;
    }
    Matcher column = QUALIFIED.matcher(value);
    while (column.find()) {
      if (plain(column.group("table")).equals(alias)) {
        return true;
      }
    }
    return false;
  }

  private static String plain(String name) {
    return name.startsWith("\"")
        ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
        : name;
  }

  /// What must hold all at once, without the parentheses around.
  static List<String> conjuncts(String condition) {
    String inner = unwrapped(condition.strip());
    List<String> parts = parts(inner);
    if (parts.size() == 1) {
      return inner.isEmpty() ? List.of() : List.of(inner);
    }
    List<String> out = new ArrayList<>();
    parts.forEach(part -> out.addAll(conjuncts(part)));
    return out;
  }

  private static String unwrapped(String text) {
    String out = text;
    while (out.startsWith("(") && closing(out) == out.length() - 1) {
      out = out.substring(1, out.length() - 1).strip();
    }
    return out;
  }

  /// Where the parenthesis closes that the text begins with.
  private static int closing(String text) {
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\'' || c == '"') {
        i = quoted(text, i);
      } else if (c == '(') {
        depth++;
      } else if (c == ')' && --depth == 0) {
        return i;
      }
    }
    return -1;
  }

  /// Cut at each AND that stands in no parentheses and no quotes.
  private static List<String> parts(String text) {
    List<String> out = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\'' || c == '"') {
        i = quoted(text, i);
      } else if (c == '(') {
        depth++;
      } else if (c == ')') {
        depth--;
      } else if (depth == 0 && text.startsWith(" AND ", i)) {
        out.add(text.substring(from, i));
        from = i + 5;
      }
    }
    out.add(text.substring(from));
    return out;
  }

  /// Where the quotes close that open there.
  private static int quoted(String text, int at) {
    int end = text.indexOf(text.charAt(at), at + 1);
    return end < 0 ? text.length() : end;
  }
}
