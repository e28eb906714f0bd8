package dev.freshet.sql;

import java.util.LinkedHashSet;
import java.util.Set;

/// Looks through a query's tokens for whatever could make two answers differ while no table
/// changed. Works on tokens rather than on a parse tree, where what nobody thought of would be
/// passed over: here a word before a parenthesis is a function until it is known to be something
/// else.
final class Screening {
  private final Tokens tokens;
  private final Scopes scopes;

  /// Types that are cast to and not PostgreSQL's.
  private final Set<TableName> types = new LinkedHashSet<>();

  Screening(Tokens tokens, Scopes scopes) {
    this.tokens = tokens;
    this.scopes = scopes;
  }

  Set<TableName> types() {
    return types;
  }

  void check() throws Refusal {
    if (tokens.namesClock()) {
      throw new Refusal(NotCacheable.CLOCK);
    }
    for (int i = 0; i < tokens.size(); i++) {
      Tokens.Token token = tokens.at(i);
      switch (token.kind()) {
        case WORD -> {
          word(i, token.text());
          name(i, token.text());
        }
        case QUOTED -> name(i, token.text());
        case OPERATOR -> {
          if (Known.operator(token.text()) == null) {
            throw new Refusal(NotCacheable.UNKNOWN_OPERATOR);
          }
        }
        case STRING -> literal(i);
        case MARK -> {
          if (token.isMark("::")) {
            type(i + 1);
          }
        }
        default -> {}
      }
    }
  }

  private void word(int at, String word) throws Refusal {
    if (!tokens.isPlain(at)) {
      return;
    }
    switch (word) {
      case "into" -> throw new Refusal(NotCacheable.INTO);
      case "tablesample" -> throw new Refusal(NotCacheable.SAMPLE);
      case "for" -> {
        String next = tokens.at(at + 1).text();
        if (next.equals("update")
            || next.equals("share")
            || next.equals("no")
            || next.equals("key")) {
          throw new Refusal(NotCacheable.LOCKING);
        }
      }
      // As good as SELECT * FROM, but the parser doesn't say so.
      case "table" -> throw new Refusal(NotCacheable.NOT_UNDERSTOOD);
      case "operator" -> {
        if (tokens.isMark(at + 1, "(")) {
          throw new Refusal(NotCacheable.UNKNOWN_OPERATOR);
        }
      }
      case "cast" -> cast(at + 1);
      default -> {
        if (Known.CLOCK_WORDS.contains(word) || isTimeWithZone(at)) {
          throw new Refusal(NotCacheable.CLOCK);
        }
        if (Known.SESSION_WORDS.contains(word)) {
          throw new Refusal(NotCacheable.SESSION);
        }
      }
    }
  }

  /// What a clock in a zone says depends on the day, and a time of day has none: see [Moments].
  private boolean isTimeWithZone(int at) {
    int behind = tokens.isMark(at + 1, "(") ? tokens.close(at + 1) + 1 : at + 1;
    return tokens.isWord(at, "timetz")
        || (tokens.isWord(at, "time") && tokens.isWord(behind, "with"));
  }

  private void name(int at, String name) throws Refusal {
    if (Known.SYSTEM_COLUMNS.contains(name) && !tokens.isWord(at - 1, "as")) {
      throw new Refusal(NotCacheable.SYSTEM_COLUMN);
    }
    call(at, name);
  }

  private void call(int at, String name) throws Refusal {
    if (isCall(at) && (tokens.isMark(at - 1, ".") || !Known.FUNCTIONS.contains(name))) {
      throw new Refusal(reason(name));
    }
  }

  /// Whether a function is called by the name here: one before a parenthesis.
  boolean isCall(int at) {
    if (!tokens.isMark(at + 1, "(") || tokens.isMark(at - 1, ".")) {
      return tokens.isMark(at + 1, "(");
    }
    // Behind AS and behind a closing parenthesis it is an alias with its columns.
    boolean isAlias = tokens.isWord(at - 1, "as") || tokens.isMark(at - 1, ")");
    boolean isWord = tokens.at(at).kind() == SqlLexer.Kind.WORD;
    return !(isAlias || scopes.declares(at) || (isWord && (isOpener(at) || isSizedType(at))));
  }

  private boolean isOpener(int at) {
    String word = tokens.at(at).text();
    return Known.OPENERS.contains(word)
        || Known.OPENERS_BEHIND.getOrDefault(word, Set.of()).contains(tokens.at(at - 1).text())
        || ((word.equals("like") || word.equals("ilike")) && !tokens.isMark(at - 1, ","));
  }

  private boolean isSizedType(int at) {
    String word = tokens.at(at).text();
    return (Known.TYPES.contains(word) || Known.TYPE_TAILS.contains(word)) && isSized(at);
  }

  private static NotCacheable reason(String function) {
    if (Known.VOLATILE.contains(function) || function.startsWith("pg_")) {
      return NotCacheable.VOLATILE_FUNCTION;
    }
    if (Known.CLOCKS.contains(function)) {
      return NotCacheable.CLOCK;
    }
    return Known.SESSION.contains(function) ? NotCacheable.SESSION : NotCacheable.UNKNOWN_FUNCTION;
  }

  /// Whether only numbers stand in the parenthesis, as in `varchar(10)`.
  private boolean isSized(int at) {
    for (int i = at + 2; i < tokens.close(at + 1); i++) {
      if (tokens.at(i).kind() != SqlLexer.Kind.NUMBER && !tokens.isMark(i, ",")) {
        return false;
      }
    }
    return true;
  }

  /// Behind the word CAST.
  void cast(int open) throws Refusal {
    if (!tokens.isMark(open, "(")) {
      return;
    }
    for (int i = tokens.close(open) - 1; i > open; i--) {
      if (tokens.isWord(i, "as") && tokens.open(i) == open) {
        type(i + 1);
        return;
      }
    }
    throw new Refusal(NotCacheable.NOT_UNDERSTOOD);
  }

  void type(int at) throws Refusal {
    if (isTimeWithZone(at)) {
      throw new Refusal(NotCacheable.CLOCK);
    }
    boolean isKnown =
        tokens.at(at).kind() == SqlLexer.Kind.WORD
            && Known.TYPES.contains(tokens.at(at).text())
            && !tokens.isMark(at + 1, ".");
    if (!isKnown) {
      if (!tokens.at(at).isName()) {
        throw new Refusal(NotCacheable.UNKNOWN_TYPE);
      }
      types.add(tokens.name(at));
    }
  }

  /// A name directly before a string is a type.
  void literal(int at) throws Refusal {
    Tokens.Token before = tokens.at(at - 1);
    boolean isType = before.isName() && !Known.KEYWORDS.contains(before.text());
    if (before.kind() == SqlLexer.Kind.QUOTED || (isType && !isTypeEnd(at - 1))) {
      throw new Refusal(NotCacheable.UNKNOWN_TYPE);
    }
  }

  private boolean isTypeEnd(int at) {
    String word = tokens.at(at).text();
    return !tokens.isMark(at - 1, ".")
        && (Known.TYPES.contains(word) || Known.TYPE_TAILS.contains(word));
  }
}
