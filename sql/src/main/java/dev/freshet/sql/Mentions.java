package dev.freshet.sql;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/* Which columns bear on an answer.
 *
 * Whatever a text says, it can only look at a table's column by its name, by a star, by the name
 * of the whole row, by a natural join, or under a new name given in FROM. So of a text without
 * the last four, a column whose name is nowhere in it bears on nothing. Names are not resolved
 * for that: a name that means something else costs a needless miss.
 *
 * Some columns are only shown: they stand alone in the list of the outermost SELECT. Unless it
 * groups, leaves out duplicates, or has windows, they decide neither which rows there are nor their
 * order, and what one row shows says nothing of the others. So where the row of a table that each
 * row of the answer was made from is known, by a key that is shown too, a column that is only shown
 * matters in these rows only. ORDER BY may mean what is shown by its name or its place.
 *
 * Where every place that names a column compares it with a constant, nothing but the results of
 * these comparisons bears on the answer: see [Tests].
 */

/// The names in a text that may be those of columns.
///
/// @param all every name, with the tokens that say it
/// @param hasStar whether some columns are meant without being named
/// @param deciding the names but for those of columns that are only shown; null where none is
/// @param fields names behind a dot, with the name before
record Mentions(
    Map<String, Set<Integer>> all,
    boolean hasStar,
    @Nullable Map<String, Set<Integer>> deciding,
    Set<Field> fields) {
  /// Stands for a place where a column is meant by another name.
  private static final int ELSEWHERE = -1;

  private static final Set<String> SORTING =
      Set.of("asc", "desc", "nulls", "first", "last", "using");

  /// Which version of a row it is, or whose.
  private static final Set<String> OF_ROWS = Set.of("xmin", "tableoid");

  record Field(String of, String name) {}

  /// The outermost SELECT.
  ///
  /// @param outputs from where to where each stands
  /// @param shown what they are
  /// @param tail where the clauses behind WHERE begin
  /// @param isPlain whether one row of the answer says nothing of the others
  record Block(
      List<int[]> outputs, List<Outline.Output> shown, int tail, int end, boolean isPlain) {}

  /// What stands in FROM.
  ///
  /// @param tokens where tables and their aliases are named
  /// @param names by which whole rows of tables may be meant
  record Declared(Set<Integer> tokens, Set<String> names) {}

  /// Null where any column of any table may be looked at.
  static @Nullable Mentions of(Tokens tokens, Declared declared, @Nullable Block main) {
    Map<String, Set<Integer>> all = new HashMap<>();
    Set<Field> fields = new HashSet<>();
    for (int i = 0; i < tokens.size(); i++) {
      if (!tokens.at(i).isName()) {
        continue;
      }
      String name = tokens.at(i).text();
      boolean isQualifier = tokens.isMark(i + 1, ".");
      boolean isRow = declared.names.contains(name) && !isQualifier && !declared.tokens.contains(i);
      if (isRow || OF_ROWS.contains(name)) {
        return null;
      }
      add(all, name, i);
      if (tokens.isMark(i - 1, ".") && tokens.at(i - 2).isName()) {
        fields.add(new Field(tokens.at(i - 2).text(), name));
      }
    }
    boolean hasStar = hasStar(tokens, 0, tokens.size());
    return new Mentions(all, hasStar, main == null ? null : deciding(tokens, main), fields);
  }

  private static void add(Map<String, Set<Integer>> to, String name, int token) {
    to.computeIfAbsent(name, n -> new HashSet<>()).add(token);
  }

  private static @Nullable Map<String, Set<Integer>> deciding(Tokens tokens, Block main) {
    if (!main.isPlain || isSortedByPlace(tokens, main)) {
      return null;
    }
    boolean[] isShown = new boolean[tokens.size()];
    for (int i = 0; i < main.outputs.size(); i++) {
      if (isAlone(main.shown.get(i))) {
        int[] stretch = main.outputs.get(i);
        Arrays.fill(isShown, stretch[0], stretch[1], true);
      }
    }
    Map<String, Set<Integer>> out = new HashMap<>();
    for (int i = 0; i < tokens.size(); i++) {
      if (!isShown[i] && tokens.at(i).isName()) {
        add(out, tokens.at(i).text(), i);
      }
      if (!isShown[i] && isStar(tokens, i)) {
        return null;
      }
    }
    Set<String> renamed = new HashSet<>();
    for (Outline.Output output : main.shown) {
      if (output instanceof Outline.Item item) {
        Outline.Column column = item.column();
        String name = item.name();
        // Under its own name it is named by the very tokens that are counted.
        boolean isOwn = column != null && column.name().equals(name);
        if (column != null && !isOwn && (name == null || out.containsKey(name))) {
          renamed.add(column.name());
        }
      }
    }
    renamed.forEach(name -> add(out, name, ELSEWHERE));
    return out;
  }

  private static boolean isAlone(Outline.Output output) {
    return switch (output) {
      case Outline.Item item -> item.column() != null;
      case Outline.Star star -> true;
    };
  }

  /// Whether something in ORDER BY names no column, and so may be the number of one.
  private static boolean isSortedByPlace(Tokens tokens, Block main) {
    int from = main.tail;
    while (from < main.end && !(tokens.isWord(from, "order") && tokens.isWord(from + 1, "by"))) {
      from = tokens.isMark(from, "(") ? tokens.close(from) + 1 : from + 1;
    }
    boolean hasName = true;
    for (int i = from + 2; i < main.end; i++) {
      Tokens.Token token = tokens.at(i);
      boolean isOutside = tokens.open(i) == tokens.open(from);
      String word = token.kind() == SqlLexer.Kind.WORD ? token.text() : "";
      if (i == from + 2 || (isOutside && token.isMark(","))) {
        if (!hasName) {
          return true;
        }
        hasName = false;
      }
      if (isOutside && Set.of("limit", "offset", "fetch", "for").contains(word)) {
        break;
      }
      hasName |= token.isName() && !SORTING.contains(token.text());
    }
    return !hasName;
  }

  private static boolean hasStar(Tokens tokens, int from, int to) {
    for (int i = from; i < to; i++) {
      if (isStar(tokens, i)) {
        return true;
      }
    }
    return false;
  }

  /// Whether it may stand for columns: not that of `count(*)`, and not between two operands.
  private static boolean isStar(Tokens tokens, int at) {
    Tokens.Token token = tokens.at(at);
    if (token.kind() != SqlLexer.Kind.OPERATOR || !token.text().equals("*")) {
      return false;
    }
    Tokens.Token next = tokens.at(at + 1);
    if (tokens.isMark(at - 1, "(")) {
      return !next.isMark(")");
    }
    boolean isOperand =
        switch (next.kind()) {
          case NUMBER, STRING, PARAMETER, QUOTED -> true;
          case WORD -> !Known.KEYWORDS.contains(next.text()) && !Known.SYNTAX.contains(next.text());
          case MARK -> next.isMark("(");
          default -> false;
        };
    boolean isBegun =
        tokens.isMark(at - 1, ".")
            || tokens.isMark(at - 1, ",")
            || tokens.isWord(at - 1, "select")
            || tokens.isWord(at - 1, "all")
            || tokens.isWord(at - 1, "distinct");
    return isBegun || !isOperand;
  }

  /// The columns of a relation that are among these names; null where there may be more.
  ///
  /// @param item as which it stands in FROM
  @Nullable List<Catalog.Column> columns(
      Map<String, Set<Integer>> names, Item item, Catalog.Relation relation) {
    for (Field field : fields) {
      // `t.f` may be a function of the row.
      boolean isOther = relation.column(field.name) == null;
      if (isOther && item.isCalled(new TableName(null, field.of))) {
        return null;
      }
    }
    return relation.columns().stream().filter(each -> names.containsKey(each.name())).toList();
  }
}
