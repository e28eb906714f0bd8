package dev.freshet.sql;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the structure of queries off their tokens: clauses, joins, and the queries within. Refuses
/// what it doesn't know; what stands in expressions is left to [Conditions].
final class Outlining {
  private static final Set<String> SET_OPERATIONS = Set.of("union", "intersect", "except");
  private static final Set<String> TAILS = Set.of("having", "window", "limit", "offset", "fetch");
  private static final Set<String> NO_ALIAS =
      Set.of("on", "using", "join", "inner", "left", "right", "full", "cross", "natural", "with");

  private final Tokens tokens;
  private final Scopes scopes;
  private final Set<Integer> tables;
  private final Conditions conditions;

  /// By the parentheses they stand in.
  private final Map<Integer, Outline.Query> queries = new HashMap<>();

  private int found;

  private final Set<Integer> declared = new HashSet<>();
  private final Set<String> rows = new HashSet<>();
  private final IdentityHashMap<Outline.Body, Mentions.Block> blocks = new IdentityHashMap<>();

  /// Whether columns are looked at that are not named, or not by their names.
  private boolean isLoose;

  /// @param mentions null where any column may be looked at
  record Read(Outline.Query query, @Nullable Mentions mentions) {}

  private Outlining(Tokens tokens, Scopes scopes, Set<Integer> tables) {
    this.tokens = tokens;
    this.scopes = scopes;
    this.tables = tables;
    this.conditions = new Conditions(tokens, this);
  }

  /// @param tables where the parser found tables; the structure must have the same
  static Read of(Tokens tokens, Scopes scopes, Set<Integer> tables) throws Refusal {
    Outlining outlining = new Outlining(tokens, scopes, tables);
    Outline.Query query = outlining.query(0, tokens.size());
    if (outlining.found != tables.size()) {
      throw unclear();
    }
    Mentions.Declared declared = new Mentions.Declared(outlining.declared, outlining.rows);
    Mentions.Block main = outlining.blocks.get(query.body());
    return new Read(query, outlining.isLoose ? null : Mentions.of(tokens, declared, main));
  }

  static Refusal unclear() {
    return new Refusal(NotCacheable.NOT_UNDERSTOOD);
  }

  /// The query in the parenthesis that opens here.
  Outline.Query query(int open) throws Refusal {
    Outline.Query known = queries.get(open);
    if (known == null) {
      known = query(open + 1, tokens.close(open));
      queries.put(open, known);
    }
    return known;
  }

  /// Whether a query stands in the parenthesis that opens here, rather than an expression or join.
  boolean isQuery(int open) {
    int at = open + 1;
    if (tokens.isWord(at, "select") || tokens.isWord(at, "values") || tokens.isWord(at, "with")) {
      return true;
    }
    if (!tokens.isMark(at, "(") || !isQuery(at)) {
      return false;
    }
    int behind = tokens.close(at) + 1;
    String next = tokens.at(behind).text();
    return behind == tokens.close(open)
        || SET_OPERATIONS.contains(next)
        || next.equals("order")
        || TAILS.contains(next);
  }

  /// The queries in a stretch of expressions.
  List<Outline.Query> inner(int from, int to) throws Refusal {
    List<Outline.Query> out = new ArrayList<>();
    for (int i = from; i < to; i++) {
      if (tokens.isMark(i, "(") && isQuery(i)) {
        out.add(query(i));
        i = tokens.close(i);
      }
    }
    return out;
  }

  private Outline.Query query(int from, int to) throws Refusal {
    List<Outline.Expression> expressions = new ArrayList<>();
    int at = from;
    if (tokens.isWord(at, "with")) {
      at = tokens.isWord(at + 1, "recursive") ? at + 2 : at + 1;
      while (true) {
        int name = at;
        at++;
        List<String> columns = List.of();
        if (tokens.isMark(at, "(")) {
          columns = names(at);
          at = tokens.close(at) + 1;
        }
        while (at < to && !tokens.isMark(at, "(")) {
          at++;
        }
        if (at == to) {
          throw unclear();
        }
        Outline.Query query = query(at);
        int behind = tokens.close(at) + 1;
        at = behind;
        while (at < to && !tokens.isMark(at, ",") && !isStart(at)) {
          at++;
        }
        expressions.add(new Outline.Expression(name, columns, query, at != behind));
        if (!tokens.isMark(at, ",")) {
          break;
        }
        at++;
      }
    }
    return new Outline.Query(expressions, body(at, to));
  }

  private boolean isStart(int at) {
    return tokens.isWord(at, "select") || tokens.isWord(at, "values") || tokens.isMark(at, "(");
  }

  private List<String> names(int open) throws Refusal {
    List<String> out = new ArrayList<>();
    for (int i = open + 1; i < tokens.close(open); i += 2) {
      boolean isLast = i + 1 == tokens.close(open);
      if (!tokens.at(i).isName() || (!isLast && !tokens.isMark(i + 1, ","))) {
        throw unclear();
      }
      out.add(tokens.at(i).text());
    }
    return out;
  }

  private Outline.Body body(int from, int to) throws Refusal {
    List<Outline.Body> parts = new ArrayList<>();
    int begin = from;
    for (int i = from; i <= to; i++) {
      boolean isBorder = i == to || (SET_OPERATIONS.contains(tokens.at(i).text()) && isKeyword(i));
      if (isBorder) {
        parts.add(part(begin, i));
        boolean hasWord = tokens.isWord(i + 1, "all") || tokens.isWord(i + 1, "distinct");
        begin = hasWord ? i + 2 : i + 1;
      } else if (tokens.isMark(i, "(")) {
        i = tokens.close(i);
      }
    }
    return parts.size() == 1 ? parts.getFirst() : new Outline.Combined(parts);
  }

  boolean isKeyword(int at) {
    return tokens.at(at).kind() == SqlLexer.Kind.WORD && tokens.isPlain(at);
  }

  private boolean isKeyword(int at, String word) {
    return tokens.isWord(at, word) && tokens.isPlain(at);
  }

  private Outline.Body part(int from, int to) throws Refusal {
    if (tokens.isMark(from, "(") && tokens.close(from) < to) {
      int behind = tokens.close(from) + 1;
      return new Outline.Nested(query(from), behind == to, inner(behind, to));
    }
    if (tokens.isWord(from, "values")) {
      return new Outline.Values(inner(from + 1, to));
    }
    if (!tokens.isWord(from, "select")) {
      throw unclear();
    }
    return select(from + 1, to);
  }

  /// Where the clauses of a SELECT begin; the end where there is none.
  private record Clauses(int from, int where, int group, int tail, boolean isLimited) {}

  private Clauses clauses(int begin, int to) {
    int from = -1;
    int where = -1;
    int group = -1;
    int tail = -1;
    boolean isLimited = false;
    for (int i = begin; i < to; i++) {
      if (tokens.isMark(i, "(")) {
        i = tokens.close(i);
        continue;
      }
      if (!isKeyword(i)) {
        continue;
      }
      String word = tokens.at(i).text();
      if (word.equals("from") && from < 0 && !tokens.isWord(i - 1, "distinct")) {
        from = i;
      } else if (word.equals("where") && where < 0) {
        where = i;
      } else if (word.equals("group") && tokens.isWord(i + 1, "by") && group < 0) {
        group = i;
      } else if (TAILS.contains(word) || (word.equals("order") && tokens.isWord(i + 1, "by"))) {
        tail = tail < 0 ? i : tail;
        isLimited |= word.equals("limit") || word.equals("offset") || word.equals("fetch");
      }
    }
    int end = tail < 0 ? to : tail;
    int beforeGroup = group < 0 ? end : group;
    int beforeWhere = where < 0 ? beforeGroup : where;
    return new Clauses(from < 0 ? beforeWhere : from, beforeWhere, beforeGroup, end, isLimited);
  }

  private Outline.Select select(int begin, int to) throws Refusal {
    Clauses clauses = clauses(begin, to);
    boolean isInOrder =
        begin <= clauses.from
            && clauses.from <= clauses.where
            && clauses.where <= clauses.group
            && clauses.group <= clauses.tail;
    if (!isInOrder) {
      throw unclear();
    }
    boolean isChoice = tokens.isWord(begin, "distinct") && tokens.isWord(begin + 1, "on");
    int outputs = begin;
    if (isChoice) {
      outputs = tokens.close(begin + 2) + 1;
    } else if (tokens.isWord(begin, "distinct") || tokens.isWord(begin, "all")) {
      outputs++;
    }
    List<Outline.Query> inner = new ArrayList<>(inner(begin, clauses.from));
    Outline.@Nullable From from = null;
    if (clauses.from < clauses.where) {
      from = list(clauses.from + 1, clauses.where);
    }
    Outline.Condition where = new Outline.Unclear();
    if (clauses.where < clauses.group) {
      where = conditions.of(clauses.where + 1, clauses.group);
      inner.addAll(inner(clauses.where + 1, clauses.group));
    }
    inner.addAll(inner(clauses.group, to));
    boolean hasWindow = hasOver(begin, clauses.from) || hasOver(clauses.group, to);
    @Nullable List<Outline.Column> groups = groups(clauses.group, clauses.tail);
    Outline.Select made =
        new Outline.Select(
            outputs(outputs, clauses.from),
            !isChoice && !clauses.isLimited && !hasWindow,
            groups,
            from,
            where,
            inner);
    boolean isPlain = !tokens.isWord(begin, "distinct") && groups == null && !hasWindow;
    blocks.put(
        made,
        new Mentions.Block(
            split(outputs, clauses.from), made.outputs(), clauses.tail, to, isPlain));
    return made;
  }

  private boolean hasOver(int from, int to) {
    for (int i = from; i < to; i++) {
      if (isKeyword(i, "over")) {
        return true;
      }
    }
    return false;
  }

  /// Null without GROUP BY; no columns where it groups by anything else.
  private @Nullable List<Outline.Column> groups(int from, int to) throws Refusal {
    boolean hasHaving = isKeyword(to, "having");
    if (from == to) {
      return hasHaving ? List.of() : null;
    }
    List<Outline.Column> out = new ArrayList<>();
    for (int[] part : split(from + 2, to)) {
      Conditions.Read<Outline.Column> column = conditions.column(part[0]);
      if (column == null || column.end() != part[1]) {
        return List.of();
      }
      out.add(column.value());
    }
    return out;
  }

  /// The stretches between commas.
  List<int[]> split(int from, int to) {
    List<int[]> out = new ArrayList<>();
    int begin = from;
    int brackets = 0;
    for (int i = from; i < to; i++) {
      if (tokens.isMark(i, "(")) {
        i = tokens.close(i);
      } else if (tokens.isMark(i, "[")) {
        brackets++;
      } else if (tokens.isMark(i, "]")) {
        brackets--;
      } else if (tokens.isMark(i, ",") && brackets == 0) {
        out.add(new int[] {begin, i});
        begin = i + 1;
      }
    }
    if (begin < to || begin > from) {
      out.add(new int[] {begin, to});
    }
    return out;
  }

  private List<Outline.Output> outputs(int from, int to) throws Refusal {
    List<Outline.Output> out = new ArrayList<>();
    for (int[] part : split(from, to)) {
      out.add(output(part[0], part[1]));
    }
    return out;
  }

  private Outline.Output output(int from, int to) throws Refusal {
    if (to > from && tokens.at(to - 1).text().equals("*")) {
      if (to == from + 1) {
        return new Outline.Star(null);
      }
      if (tokens.isMark(to - 2, ".")) {
        return new Outline.Star(qualifier(from, to - 2));
      }
    }
    boolean hasAs = to - from > 2 && tokens.isWord(to - 2, "as") && tokens.at(to - 1).isName();
    String name = hasAs ? tokens.at(to - 1).text() : null;
    Conditions.Read<Outline.Column> column = conditions.column(from);
    if (column == null) {
      return new Outline.Item(name, null);
    }
    if (column.end() == to) {
      return new Outline.Item(column.value().name(), column.value());
    }
    boolean isBare = column.end() == to - 1 && tokens.at(to - 1).isName();
    if (isBare) {
      return new Outline.Item(tokens.at(to - 1).text(), column.value());
    }
    boolean isNamed = hasAs && column.end() == to - 2;
    return new Outline.Item(name, isNamed ? column.value() : null);
  }

  /// The name of a table before `.*`.
  private TableName qualifier(int from, int to) throws Refusal {
    List<String> parts = new ArrayList<>();
    for (int i = from; i < to; i += 2) {
      boolean isLast = i + 1 == to;
      if (!tokens.at(i).isName() || (!isLast && !tokens.isMark(i + 1, "."))) {
        throw unclear();
      }
      parts.add(tokens.at(i).text());
    }
    if (parts.isEmpty() || parts.size() > 3) {
      throw unclear();
    }
    return new TableName(parts.size() == 1 ? null : parts.get(parts.size() - 2), parts.getLast());
  }

  private Outline.From list(int from, int to) throws Refusal {
    Outline.@Nullable From out = null;
    for (int[] part : split(from, to)) {
      Outline.From next = joins(part[0], part[1]);
      out = out == null ? next : crossed(out, next);
    }
    if (out == null) {
      throw unclear();
    }
    return out;
  }

  private static Outline.From crossed(Outline.From left, Outline.From right) {
    Outline.Condition nothing = new Outline.Unclear();
    return new Outline.Join(Outline.Kind.INNER, left, right, nothing, null, false, List.of());
  }

  private int at;

  /// A chain of joins, from left to right.
  private Outline.From joins(int from, int to) throws Refusal {
    at = from;
    Outline.From left = primary(to);
    while (at < to) {
      boolean isNatural = tokens.isWord(at, "natural");
      at = isNatural ? at + 1 : at;
      boolean isCross = tokens.isWord(at, "cross");
      Outline.Kind kind = kind(tokens.at(at).text());
      at = tokens.isWord(at, "join") ? at : at + 1;
      at = tokens.isWord(at, "outer") ? at + 1 : at;
      if (!tokens.isWord(at, "join")) {
        throw unclear();
      }
      at++;
      Outline.From right = primary(to);
      if (isCross) {
        left = crossed(left, right);
      } else if (isNatural) {
        isLoose = true;
        left = new Outline.Join(kind, left, right, new Outline.Unclear(), null, true, List.of());
      } else if (tokens.isWord(at, "on")) {
        int begin = at + 1;
        int end = endOfOn(begin, to);
        at = end;
        left =
            new Outline.Join(
                kind, left, right, conditions.of(begin, end), null, false, inner(begin, end));
        at = end;
      } else if (tokens.isWord(at, "using") && tokens.isMark(at + 1, "(")) {
        List<String> using = names(at + 1);
        at = tokens.close(at + 1) + 1;
        if (tokens.isWord(at, "as")) {
          throw unclear();
        }
        left = new Outline.Join(kind, left, right, new Outline.Unclear(), using, false, List.of());
      } else {
        throw unclear();
      }
    }
    return left;
  }

  private static Outline.Kind kind(String word) throws Refusal {
    return switch (word) {
      case "join", "inner", "cross" -> Outline.Kind.INNER;
      case "left" -> Outline.Kind.LEFT;
      case "right" -> Outline.Kind.RIGHT;
      case "full" -> Outline.Kind.FULL;
      default -> throw unclear();
    };
  }

  private int endOfOn(int from, int to) {
    int i = from;
    while (i < to && !isJoin(i)) {
      i = tokens.isMark(i, "(") ? tokens.close(i) + 1 : i + 1;
    }
    return i;
  }

  private boolean isJoin(int i) {
    if (!isKeyword(i)) {
      return false;
    }
    String next = tokens.at(i + 1).text();
    return switch (tokens.at(i).text()) {
      case "join" -> true;
      case "inner", "cross" -> next.equals("join");
      case "left", "right", "full" -> next.equals("join") || next.equals("outer");
      case "natural" -> !tokens.isMark(i + 1, "(");
      default -> false;
    };
  }

  private Outline.From primary(int to) throws Refusal {
    boolean isLateral = tokens.isWord(at, "lateral");
    at = isLateral ? at + 1 : at;
    if (tokens.isMark(at, "(")) {
      int open = at;
      int close = tokens.close(open);
      if (isQuery(open)) {
        Outline.Query query = query(open);
        at = close + 1;
        String alias = alias(to);
        return new Outline.Derived(query, alias, columns(), isLateral);
      }
      Outline.From inside = joins(open + 1, close);
      at = close + 1;
      String alias = alias(to);
      if (alias == null) {
        return inside;
      }
      columns();
      isLoose = true;
      return new Outline.Aliased(inside, alias);
    }
    return tokens.isWord(at, "only") ? only(to) : named(to);
  }

  private Outline.From only(int to) throws Refusal {
    boolean isInside = tokens.isMark(at + 1, "(");
    int name = isInside ? at + 2 : at + 1;
    int behind = behindName(name);
    at = isInside ? behind + 1 : behind;
    return table(name, to, true);
  }

  private Outline.From named(int to) throws Refusal {
    int name = at;
    int behind = behindName(name);
    if (tokens.isMark(behind, "(")) {
      List<Outline.Query> inner = inner(behind + 1, tokens.close(behind));
      at = tokens.close(behind) + 1;
      if (tokens.isWord(at, "with")) {
        at += 2;
      }
      String alias = alias(to);
      if (tokens.isMark(at, "(")) {
        at = tokens.close(at) + 1;
      }
      return new Outline.Call(alias == null ? tokens.at(behind - 1).text() : alias, inner);
    }
    at = tokens.at(behind).text().equals("*") ? behind + 1 : behind;
    return table(name, to, false);
  }

  private Outline.From table(int token, int to, boolean isOnly) throws Refusal {
    if (!tables.contains(token)) {
      throw unclear();
    }
    found++;
    boolean isLocal = !tokens.isMark(token + 1, ".");
    int expression = isLocal ? scopes.declaration(token) : -1;
    TableName name = tokens.name(token);
    declared.add(behindName(token) - 1);
    String alias = alias(to);
    if (alias != null) {
      declared.add(at - 1);
    }
    if (expression < 0) {
      rows.add(alias == null ? name.name() : alias);
    }
    List<String> columns = columns();
    isLoose |= !columns.isEmpty() && expression < 0;
    return new Outline.Table(name, alias, columns, isOnly, expression);
  }

  private int behindName(int from) throws Refusal {
    if (!tokens.at(from).isName()) {
      throw unclear();
    }
    int i = from + 1;
    while (tokens.isMark(i, ".")) {
      i += 2;
    }
    return i;
  }

  private @Nullable String alias(int to) {
    int name = tokens.isWord(at, "as") ? at + 1 : at;
    boolean isAlias =
        name < to
            && tokens.at(name).isName()
            && (name > at
                || tokens.at(name).kind() == SqlLexer.Kind.QUOTED
                || !NO_ALIAS.contains(tokens.at(name).text()));
    if (!isAlias) {
      return null;
    }
    at = name + 1;
    return tokens.at(name).text();
  }

  private List<String> columns() throws Refusal {
    if (!tokens.isMark(at, "(")) {
      return List.of();
    }
    List<String> out = names(at);
    at = tokens.close(at) + 1;
    return out;
  }
}
