package dev.freshet.sql;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongPredicate;

/* Where the clock hides in a row.
 *
 * A stored text may be 'today', and cast to a date it is another one tomorrow. Only where a text is
 * cast to a date or time does PostgreSQL read such words, and a text comes from a constant (see
 * [Clock]) or from a column. So the names in what is cast are looked at: a column that holds no
 * text says no such word. A name that is no column's may stand for anything that was computed from
 * those that the statement names.
 *
 * A time of day with a zone has no date, so PostgreSQL takes today's to know what the zone's clocks
 * say: as they do in summer, or not. It does so for a constant, for a time without a zone and for
 * one that is moved to another, all of which takes naming the type or the column. AT TIME ZONE
 * makes a time without a zone one with: so what is moved is looked at like what is cast.
 */

/// What a text casts to a date or time, and whatever else it names.
///
/// @param cast names in what is cast
/// @param named every name in the text, a star where columns are meant without being named, and
///   whether times are moved to another zone
/// @param given names that are given by AS
/// @param moved names in what is moved to another zone
record Moments(Set<String> cast, Set<String> named, Set<String> given, Set<String> moved) {
  static final Moments NONE = new Moments(Set.of(), Set.of(), Set.of(), Set.of());

  private static final String STAR = "*";

  /// Stands for whatever moves a time to another zone.
  private static final String ZONE = "at time zone";

  private static final long TIMETZ = 1266;

  /// Times of day and lists of them, with a zone or without.
  private static final Set<Long> TIMES = Set.of(1083L, 1183L, TIMETZ, 1270L);

  /// Stands for a time of day that is no column's.
  private static final String TIME = "time";

  /// Stands for a text that is made of constants.
  private static final String WORDS = "||";

  private static final Set<String> PICKING = Set.of("||", "->>", "#>>");

  /// What makes a text of others that need not hold it.
  private static final Set<String> JOINING =
      Set.of(
          "array_to_string",
          "btrim",
          "chr",
          "concat",
          "concat_ws",
          "encode",
          "format",
          "json_extract_path_text",
          "jsonb_extract_path_text",
          "left",
          "ltrim",
          "overlay",
          "regexp_replace",
          "regexp_substr",
          "repeat",
          "replace",
          "reverse",
          "right",
          "rtrim",
          "split_part",
          "string_to_array",
          "substr",
          "substring",
          "translate",
          "trim",
          "unistr");

  private static final Set<String> TYPES =
      Set.of(
          "date",
          "time",
          "timetz",
          "timestamp",
          "timestamptz",
          "daterange",
          "tsrange",
          "tstzrange");

  /// bool, the numbers, dates and times with their ranges, interval, uuid.
  private static final Set<Long> WORDLESS =
      Set.of(
          16L, 20L, 21L, 23L, 700L, 701L, 1700L, 1082L, 1083L, 1114L, 1184L, 1186L, 1266L, 2950L,
          3908L, 3910L, 3912L);

  static Moments of(Tokens tokens) {
    Set<String> cast = new HashSet<>();
    Set<String> moved = new HashSet<>();
    for (int i = 0; i < tokens.size(); i++) {
      boolean isZone = tokens.isWord(i + 1, "time") && tokens.isWord(i + 2, "zone");
      if (tokens.isWord(i, "at") && (isZone || tokens.isWord(i + 1, "local"))) {
        moved(tokens, begin(tokens, i), i, moved);
      } else if (tokens.at(i).text().equals("timezone") && tokens.isMark(i + 1, "(")) {
        moved(tokens, i + 2, tokens.close(i + 1), moved);
      }
      boolean isTarget = tokens.at(i).kind() == SqlLexer.Kind.WORD && isType(tokens, i);
      if (isTarget && tokens.isMark(i - 1, "::")) {
        operand(tokens, begin(tokens, i - 1), i - 1, cast);
      } else if (isTarget && tokens.isWord(i - 1, "as") && isCast(tokens, tokens.open(i))) {
        operand(tokens, tokens.open(i) + 1, i - 1, cast);
      } else if (tokens.at(i).text().equals("date") && tokens.isMark(i + 1, "(")) {
        operand(tokens, i + 2, tokens.close(i + 1), cast);
      }
    }
    Set<String> named = new HashSet<>();
    Set<String> given = new HashSet<>();
    names(tokens, 0, tokens.size(), named);
    for (int i = 0; i < tokens.size(); i++) {
      if (tokens.at(i).text().equals(STAR) && !tokens.isMark(i - 1, "(")) {
        named.add(STAR);
      }
      if (tokens.isWord(i - 1, "as")) {
        given.add(tokens.at(i).text());
      }
      if (tokens.isWord(i, "zone") || tokens.isWord(i, "local") || tokens.isWord(i, "timezone")) {
        named.add(ZONE);
      }
    }
    return new Moments(cast, named, given, moved);
  }

  private static boolean isType(Tokens tokens, int at) {
    return TYPES.contains(tokens.at(at).text());
  }

  private static boolean isCast(Tokens tokens, int open) {
    return open > 0 && tokens.isWord(open - 1, "cast");
  }

  /// Where the operand begins that ends here.
  private static int begin(Tokens tokens, int end) {
    int at = end - 1;
    if (tokens.isMark(at, "]")) {
      while (at > 0 && !tokens.isMark(at, "[")) {
        at--;
      }
      at--;
    }
    if (tokens.isMark(at, ")")) {
      at = tokens.open(at);
      at = tokens.at(at - 1).isName() ? at - 1 : at;
    }
    for (int depth = tokens.isWord(at, "end") ? 1 : 0; depth > 0 && at > 0; ) {
      at--;
      depth += tokens.isWord(at, "end") ? 1 : tokens.isWord(at, "case") ? -1 : 0;
    }
    while (tokens.isMark(at - 1, ".") || tokens.isMark(at - 1, "::")) {
      at = tokens.isMark(at - 1, ".") ? at - 2 : begin(tokens, at - 1);
    }
    return Math.max(at, 0);
  }

  /// Notes what is in an operand; one that is put together of texts may say any word.
  private static void operand(Tokens tokens, int from, int to, Set<String> out) {
    Set<String> here = new HashSet<>();
    names(tokens, from, to, here);
    boolean isNameless = here.isEmpty();
    for (int i = from; i < to && isNameless; i++) {
      String text = tokens.at(i).text();
      if (PICKING.contains(text) || (JOINING.contains(text) && tokens.isMark(i + 1, "("))) {
        here.add(WORDS);
      }
    }
    out.addAll(here);
  }

  /// Notes what is in an operand that is moved to another zone.
  private static void moved(Tokens tokens, int from, int to, Set<String> out) {
    names(tokens, from, to, out);
    int first = tokens.at(from).kind() == SqlLexer.Kind.STRING ? from - 1 : from;
    for (int i = Math.max(first, 0); i < to; i++) {
      if (tokens.isWord(i, "time") || tokens.isWord(i, "make_time")) {
        out.add(TIME);
      }
    }
  }

  private static void names(Tokens tokens, int from, int to, Set<String> out) {
    for (int i = from; i < to; i++) {
      boolean isOther = tokens.isMark(i + 1, "(") || tokens.isMark(i + 1, ".");
      if (tokens.at(i).isName() && !isOther && !isSyntax(tokens, i)) {
        out.add(tokens.at(i).text());
      }
    }
  }

  private static boolean isSyntax(Tokens tokens, int at) {
    String word = tokens.at(at).text();
    boolean isWord = tokens.at(at).kind() == SqlLexer.Kind.WORD;
    boolean isType =
        tokens.isMark(at - 1, "::") || tokens.at(at + 1).kind() == SqlLexer.Kind.STRING;
    boolean isKnown =
        Known.KEYWORDS.contains(word)
            || word.equals("at")
            || (word.equals("time") && tokens.isWord(at - 1, "at"))
            || (word.equals("zone") && tokens.isWord(at - 1, "time"));
    return isWord && !tokens.isMark(at - 1, ".") && (isKnown || isType);
  }

  /// @param read the relations that the text names
  void check(Collection<Catalog.Relation> read) throws Refusal {
    if (read.stream().flatMap(each -> each.columns().stream()).anyMatch(this::isTimeOfToday)
        || cast.contains(WORDS)
        || moved.contains(TIME)
        || mayBe(cast, read, type -> !WORDLESS.contains(type))
        || mayBe(moved, read, TIMES::contains)) {
      throw new Refusal(NotCacheable.CLOCK);
    }
  }

  /// Whether one of these names may stand for such a type's value.
  private boolean mayBe(
      Set<String> names, Collection<Catalog.Relation> read, LongPredicate isSuch) {
    for (String name : names) {
      boolean isColumn =
          !given.contains(name) && read.stream().anyMatch(each -> each.column(name) != null);
      boolean mayBe =
          read.stream()
              .flatMap(relation -> relation.columns().stream())
              .filter(column -> isColumn ? column.name().equals(name) : isNamed(column.name()))
              .anyMatch(column -> isSuch.test(column.type()));
      if (mayBe) {
        return true;
      }
    }
    return false;
  }

  private boolean isTimeOfToday(Catalog.Column column) {
    boolean isMeant =
        named.contains(column.name()) || (named.contains(STAR) && named.contains(ZONE));
    return column.type() == TIMETZ && isMeant;
  }

  private boolean isNamed(String column) {
    return named.contains(column) || named.contains(STAR);
  }
}
