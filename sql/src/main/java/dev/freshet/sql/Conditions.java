package dev.freshet.sql;

import dev.freshet.freshness.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads conditions off their tokens: what AND and OR join, down to equalities of columns and
/// constants. An equality must fill its place from one AND to the next with nothing besides, so
/// that no rule of precedence matters; everything else is unclear.
final class Conditions {

  /// What was read, up to a token.
  record Read<T>(T value, int end) {}

  private static final Map<String, Long> TYPES =
      Map.ofEntries(
          Map.entry("int", 23L),
          Map.entry("int4", 23L),
          Map.entry("integer", 23L),
          Map.entry("int8", 20L),
          Map.entry("bigint", 20L),
          Map.entry("int2", 21L),
          Map.entry("smallint", 21L),
          Map.entry("numeric", 1700L),
          Map.entry("decimal", 1700L),
          Map.entry("text", 25L),
          Map.entry("varchar", 1043L),
          Map.entry("bool", 16L),
          Map.entry("boolean", 16L),
          Map.entry("uuid", 2950L),
          Map.entry("date", 1082L),
          Map.entry("timestamp", 1114L),
          Map.entry("timestamptz", 1184L));

  /// A sign and its negation are one.
  private static final Map<String, Comparison.Sign> SIGNS =
      Map.of(
          "<>", Comparison.Sign.EQUAL,
          "!=", Comparison.Sign.EQUAL,
          "<", Comparison.Sign.LESS,
          ">=", Comparison.Sign.LESS,
          "<=", Comparison.Sign.AT_MOST,
          ">", Comparison.Sign.AT_MOST);

  /// With the constant in front.
  private static final Map<String, Comparison.Sign> OPPOSITES =
      Map.of(
          "<>", Comparison.Sign.EQUAL,
          "!=", Comparison.Sign.EQUAL,
          ">", Comparison.Sign.LESS,
          "<=", Comparison.Sign.LESS,
          ">=", Comparison.Sign.AT_MOST,
          "<", Comparison.Sign.AT_MOST);

  private final Tokens tokens;
  private final Outlining outlining;

  Conditions(Tokens tokens, Outlining outlining) {
    this.tokens = tokens;
    this.outlining = outlining;
  }

  Outline.Condition of(int from, int to) throws Refusal {
    List<int[]> parts = split(from, to, "or");
    if (parts.size() > 1) {
      return new Outline.Any(each(parts));
    }
    parts = split(from, to, "and");
    if (parts.size() > 1) {
      return new Outline.All(each(parts));
    }
    return single(from, to);
  }

  private List<Outline.Condition> each(List<int[]> parts) throws Refusal {
    List<Outline.Condition> out = new ArrayList<>();
    for (int[] part : parts) {
      out.add(of(part[0], part[1]));
    }
    return out;
  }

  /// The stretches between ANDs or ORs, leaving alone those in CASE and the AND of BETWEEN.
  private List<int[]> split(int from, int to, String by) {
    List<int[]> out = new ArrayList<>();
    int begin = from;
    int inside = 0;
    int betweens = 0;
    for (int i = from; i < to; i++) {
      if (tokens.isMark(i, "(")) {
        i = tokens.close(i);
        continue;
      }
      if (tokens.isMark(i, "[")) {
        inside++;
      } else if (tokens.isMark(i, "]")) {
        inside--;
      }
      if (!outlining.isKeyword(i)) {
        continue;
      }
      String word = tokens.at(i).text();
      switch (word) {
        case "case" -> inside++;
        case "end" -> inside--;
        case "between" -> betweens += inside == 0 ? 1 : 0;
        default -> {
          boolean isOfBetween = word.equals("and") && betweens > 0 && inside == 0;
          if (isOfBetween) {
            betweens--;
          } else if (word.equals(by) && inside == 0) {
            out.add(new int[] {begin, i});
            begin = i + 1;
          }
        }
      }
    }
    out.add(new int[] {begin, to});
    return out;
  }

  private Outline.Condition single(int from, int to) throws Refusal {
    Outline.Condition unclear = new Outline.Unclear();
    if (from >= to) {
      return unclear;
    }
    if (tokens.isMark(from, "(") && tokens.close(from) == to - 1) {
      boolean isPlain = !outlining.isQuery(from) && outlining.split(from + 1, to - 1).size() == 1;
      return isPlain ? of(from + 1, to - 1) : unclear;
    }
    Read<Outline.Column> column = column(from);
    if (column != null) {
      return compared(column, to);
    }
    Read<Outline.Constant> constant = constant(from);
    if (constant != null && tokens.at(constant.end).kind() == SqlLexer.Kind.OPERATOR) {
      Read<Outline.Column> other = column(constant.end + 1);
      if (other == null || other.end != to) {
        return unclear;
      }
      return isEqual(constant.end)
          ? new Outline.OneOf(other.value, List.of(constant.value))
          : compared(other.value, OPPOSITES.get(operator(constant.end)), constant.value);
    }
    return rows(from, to);
  }

  private String operator(int at) {
    return tokens.at(at).kind() == SqlLexer.Kind.OPERATOR ? tokens.at(at).text() : "";
  }

  private static Outline.Condition compared(
      Outline.Column column, Comparison.@Nullable Sign sign, Outline.Constant constant) {
    return sign == null ? new Outline.Unclear() : new Outline.Compared(column, sign, constant);
  }

  /// What stands behind a column that is neither an equality nor a list.
  private Outline.Condition ordered(Outline.Column column, int at, int to) {
    Outline.Condition unclear = new Outline.Unclear();
    if (tokens.isWord(at, "is")) {
      int word = tokens.isWord(at + 1, "not") ? at + 2 : at + 1;
      return tokens.isWord(word, "null") && word + 1 == to
          ? new Outline.Compared(column, Comparison.Sign.NULL, null)
          : unclear;
    }
    if (tokens.isWord(at, "between")) {
      Read<Outline.Constant> low = constant(at + 1);
      Read<Outline.Constant> high =
          low == null || !tokens.isWord(low.end, "and") ? null : constant(low.end + 1);
      return low == null || high == null || high.end != to
          ? unclear
          : new Outline.All(
              List.of(
                  new Outline.Compared(column, Comparison.Sign.LESS, low.value),
                  new Outline.Compared(column, Comparison.Sign.AT_MOST, high.value)));
    }
    Read<Outline.Constant> constant = constant(at + 1);
    return constant == null || constant.end != to
        ? unclear
        : compared(column, SIGNS.get(operator(at)), constant.value);
  }

  private boolean isEqual(int at) {
    return tokens.at(at).kind() == SqlLexer.Kind.OPERATOR && tokens.at(at).text().equals("=");
  }

  private Outline.Condition compared(Read<Outline.Column> column, int to) throws Refusal {
    int at = column.end;
    if (tokens.isWord(at, "in") && tokens.isMark(at + 1, "(") && tokens.close(at + 1) == to - 1) {
      return outlining.isQuery(at + 1)
          ? new Outline.In(column.value, outlining.query(at + 1))
          : oneOf(column.value, list(at + 1));
    }
    if (!isEqual(at)) {
      return ordered(column.value, at, to);
    }
    at++;
    Read<Outline.Column> other = column(at);
    if (other != null) {
      return other.end == to ? new Outline.Same(column.value, other.value) : new Outline.Unclear();
    }
    Read<Outline.Constant> constant = constant(at);
    if (constant != null && constant.end == to) {
      return new Outline.OneOf(column.value, List.of(constant.value));
    }
    boolean isAny =
        (tokens.isWord(at, "any") || tokens.isWord(at, "some"))
            && tokens.isMark(at + 1, "(")
            && tokens.close(at + 1) == to - 1;
    if (!isAny) {
      return new Outline.Unclear();
    }
    return outlining.isQuery(at + 1)
        ? new Outline.In(column.value, outlining.query(at + 1))
        : oneOf(column.value, array(at + 2, to - 1));
  }

  private static Outline.Condition oneOf(
      Outline.Column column, @Nullable List<Outline.Constant> constants) {
    return constants == null ? new Outline.Unclear() : new Outline.OneOf(column, constants);
  }

  /// The list of an IN; null when not all are constants. A list of plain ones is a single slot.
  private @Nullable List<Outline.Constant> list(int open) {
    int slot = tokens.slot(open);
    if (slot >= 0) {
      return List.of(new Outline.Constant(slot, 0, false));
    }
    return constants(open + 1, tokens.close(open));
  }

  private @Nullable List<Outline.Constant> constants(int from, int to) {
    List<Outline.Constant> out = new ArrayList<>();
    for (int[] part : outlining.split(from, to)) {
      Read<Outline.Constant> constant = constant(part[0]);
      if (constant == null || constant.end != part[1]) {
        return null;
      }
      out.add(constant.value);
    }
    return out;
  }

  /// `$1`, `'{1,2}'::int[]`, `ARRAY[1, 2]`, with parentheses and a cast around it.
  private @Nullable List<Outline.Constant> array(int from, int to) {
    if (tokens.isMark(from, "(")) {
      int close = tokens.close(from);
      if (close == to - 1) {
        return array(from + 1, to - 1);
      }
      // PostgreSQL prints lists of varchar so.
      Read<Long> type = tokens.isMark(close + 1, "::") ? type(close + 2) : null;
      boolean isText = type != null && type.value == 25L && isArrayEnd(type.end, to);
      List<Outline.Constant> inside = isText ? array(from + 1, close) : null;
      boolean areText =
          inside != null && inside.stream().allMatch(c -> c.cast() == 25 || c.cast() == 1043);
      return areText ? inside : null;
    }
    if (tokens.isWord(from, "array") && tokens.isMark(from + 1, "[")) {
      return tokens.isMark(to - 1, "]") ? constants(from + 2, to - 1) : null;
    }
    int slot = tokens.slot(from);
    if (slot < 0) {
      return null;
    }
    int end = behindSlot(from);
    if (end == to) {
      return List.of(new Outline.Constant(slot, 0, true));
    }
    Read<Long> type = tokens.isMark(end, "::") ? type(end + 1) : null;
    return type != null && isArrayEnd(type.end, to)
        ? List.of(new Outline.Constant(slot, type.value, true))
        : null;
  }

  private boolean isArrayEnd(int at, int to) {
    return tokens.isMark(at, "[") && tokens.isMark(at + 1, "]") && at + 2 == to;
  }

  /// `(a, b) = (1, 2)`.
  private Outline.Condition rows(int from, int to) throws Refusal {
    Outline.Condition unclear = new Outline.Unclear();
    int close = tokens.isMark(from, "(") ? tokens.close(from) : to;
    boolean isRows =
        close < to - 2
            && isEqual(close + 1)
            && tokens.isMark(close + 2, "(")
            && tokens.close(close + 2) == to - 1
            && !outlining.isQuery(from)
            && !outlining.isQuery(close + 2);
    if (!isRows) {
      return unclear;
    }
    List<int[]> left = outlining.split(from + 1, close);
    List<int[]> right = outlining.split(close + 3, to - 1);
    if (left.size() != right.size() || left.size() < 2) {
      return unclear;
    }
    List<Outline.Condition> out = new ArrayList<>();
    for (int i = 0; i < left.size(); i++) {
      out.add(pair(left.get(i), right.get(i)));
    }
    return new Outline.All(out);
  }

  private Outline.Condition pair(int[] left, int[] right) {
    Read<Outline.Column> one = column(left[0]);
    Read<Outline.Column> other = column(right[0]);
    if (one != null && one.end == left[1]) {
      if (other != null && other.end == right[1]) {
        return new Outline.Same(one.value, other.value);
      }
      Read<Outline.Constant> constant = constant(right[0]);
      if (constant != null && constant.end == right[1]) {
        return new Outline.OneOf(one.value, List.of(constant.value));
      }
    } else if (other != null && other.end == right[1]) {
      Read<Outline.Constant> constant = constant(left[0]);
      if (constant != null && constant.end == left[1]) {
        return new Outline.OneOf(other.value, List.of(constant.value));
      }
    }
    return new Outline.Unclear();
  }

  /// A column's name, perhaps in parentheses and cast to text, as PostgreSQL prints a varchar; null
  /// where something else begins.
  @Nullable Read<Outline.Column> column(int from) {
    if (tokens.isMark(from, "(")) {
      Read<Outline.Column> inside = column(from + 1);
      if (inside == null || inside.end != tokens.close(from)) {
        return null;
      }
      int behind = inside.end + 1;
      boolean isCast = tokens.isMark(behind, "::") && tokens.isWord(behind + 1, "text");
      if (!isCast || tokens.isMark(behind + 2, "[")) {
        return new Read<>(inside.value, behind);
      }
      Outline.Column column = inside.value;
      return new Read<>(
          new Outline.Column(column.of(), column.name(), true, column.token()), behind + 2);
    }
    Tokens.Token token = tokens.at(from);
    boolean isName =
        token.kind() == SqlLexer.Kind.QUOTED
            || (token.kind() == SqlLexer.Kind.WORD
                && !Known.KEYWORDS.contains(token.text())
                && tokens.slot(from) < 0);
    if (!isName || tokens.isMark(from - 1, ".")) {
      return null;
    }
    List<String> parts = new ArrayList<>();
    parts.add(token.text());
    int at = from + 1;
    while (tokens.isMark(at, ".") && tokens.at(at + 1).isName()) {
      parts.add(tokens.at(at + 1).text());
      at += 2;
    }
    if (parts.size() > 3) {
      return null;
    }
    String name = parts.removeLast();
    TableName of =
        parts.isEmpty()
            ? null
            : new TableName(parts.size() == 1 ? null : parts.getFirst(), parts.getLast());
    return new Read<>(new Outline.Column(of, name, false, at - 1), at);
  }

  /// A constant or parameter with at most one cast; null where something else begins.
  private @Nullable Read<Outline.Constant> constant(int from) {
    Read<Outline.Constant> inside = null;
    if (tokens.isMark(from, "(")) {
      inside = constant(from + 1);
      if (inside == null || inside.end != tokens.close(from)) {
        return null;
      }
      inside = new Read<>(inside.value, inside.end + 1);
    } else if (tokens.isWord(from, "cast") && tokens.isMark(from + 1, "(")) {
      return cast(from + 1);
    } else if (tokens.slot(from) >= 0) {
      inside = new Read<>(new Outline.Constant(tokens.slot(from), 0, false), behindSlot(from));
    }
    if (inside == null || !tokens.isMark(inside.end, "::")) {
      return inside;
    }
    Read<Long> type = type(inside.end + 1);
    return type != null && inside.value.cast() == 0
        ? new Read<>(new Outline.Constant(inside.value.slot(), type.value, false), type.end)
        : null;
  }

  private @Nullable Read<Outline.Constant> cast(int open) {
    Read<Outline.Constant> inside = constant(open + 1);
    if (inside == null || inside.value.cast() != 0 || !tokens.isWord(inside.end, "as")) {
      return null;
    }
    Read<Long> type = type(inside.end + 1);
    return type != null && type.end == tokens.close(open)
        ? new Read<>(new Outline.Constant(inside.value.slot(), type.value, false), type.end + 1)
        : null;
  }

  private int behindSlot(int from) {
    int at = from;
    while (tokens.slot(at) == tokens.slot(from)) {
      at++;
    }
    return at;
  }

  /// A type without length or precision, which would change the value.
  private @Nullable Read<Long> type(int at) {
    if (tokens.at(at).kind() != SqlLexer.Kind.WORD || tokens.isMark(at + 1, ".")) {
      return other(at);
    }
    String word = tokens.at(at).text();
    boolean isVarying = word.equals("character") && tokens.isWord(at + 1, "varying");
    Long type = isVarying ? Long.valueOf(1043) : TYPES.get(word);
    if (type == null) {
      return Known.TYPES.contains(word) ? null : other(at);
    }
    int end = isVarying ? at + 2 : at + 1;
    if (word.equals("timestamp") && tokens.isWord(end + 1, "time")) {
      boolean isWith = tokens.isWord(end, "with");
      type = isWith ? Long.valueOf(1184) : type;
      end += 3;
    }
    return tokens.isMark(end, "(") ? null : new Read<>(type, end);
  }

  private @Nullable Read<Long> other(int from) {
    int end = from;
    while (tokens.at(end).isName() && tokens.isMark(end + 1, ".")) {
      end += 2;
    }
    boolean isPlain = tokens.at(end).isName() && !tokens.isMark(end + 1, "(");
    return isPlain ? new Read<>(Values.OTHER, end + 1) : null;
  }
}
