package dev.freshet.sql;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Looks through a change's tokens for whatever could read other tables than the one it changes: a
/// query in it, further tables, a function that is not known. As in [Screening], a word before a
/// parenthesis is a function until it is known to be something else.
final class ChangeScreening {
  /// Words that bring in rows of other tables.
  private static final Set<String> QUERIES = Set.of("select", "from", "using", "with", "table");

  private final Tokens tokens;
  private final Screening screening;
  private final Set<String> functions = new HashSet<>();
  private final Set<String> operators = new HashSet<>();
  private final Set<String> fields = new HashSet<>();

  private ChangeScreening(Tokens tokens, Scopes scopes) {
    this.tokens = tokens;
    this.screening = new Screening(tokens, scopes);
  }

  /// What it calls, all of it PostgreSQL's if names mean what they say; null where it may read
  /// other tables.
  static @Nullable Outline of(Tokens tokens, Scopes scopes) {
    try {
      return new ChangeScreening(tokens, scopes).outline();
    } catch (Refusal e) {
      return null;
    }
  }

  private Outline outline() throws Refusal {
    Set<Integer> lists = lists();
    for (int i = 0; i < tokens.size(); i++) {
      Tokens.Token token = tokens.at(i);
      switch (token.kind()) {
        case WORD, QUOTED -> {
          if (token.kind() == SqlLexer.Kind.WORD) {
            word(i, token.text());
          }
          if (tokens.isMark(i - 1, ".")) {
            fields.add(token.text());
          }
          if (!lists.contains(i + 1) && screening.isCall(i)) {
            call(i, token);
          }
        }
        case OPERATOR -> {
          if (Known.operator(token.text()) == null) {
            throw new Refusal(NotCacheable.UNKNOWN_OPERATOR);
          }
          operators.add(token.text());
        }
        case STRING -> {
          if (!tokens.isWord(i - 1, "returning")) {
            screening.literal(i);
          }
        }
        case MARK -> {
          if (token.isMark("::")) {
            screening.type(i + 1);
          }
        }
        default -> {}
      }
    }
    return new Outline(functions, operators, fields, screening.types(), null, null, Moments.NONE);
  }

  private void word(int at, String word) throws Refusal {
    boolean isOfDelete =
        word.equals("from") && tokens.isWord(at - 1, "delete") && tokens.isChange(at - 1);
    if (QUERIES.contains(word) && !isOfDelete) {
      throw new Refusal(NotCacheable.NOT_A_QUERY);
    }
    if (word.equals("operator") && tokens.isMark(at + 1, "(")) {
      throw new Refusal(NotCacheable.UNKNOWN_OPERATOR);
    }
    if (word.equals("cast") && tokens.isPlain(at)) {
      screening.cast(at + 1);
    }
  }

  private void call(int at, Tokens.Token name) throws Refusal {
    boolean isClock = name.kind() == SqlLexer.Kind.WORD && Known.CLOCK_WORDS.contains(name.text());
    boolean isKnown =
        isClock
            || Known.FUNCTIONS.contains(name.text())
            || Known.CLOCKS.contains(name.text())
            || Known.GENERATORS.contains(name.text());
    if (!isKnown || tokens.isMark(at - 1, ".")) {
      throw new Refusal(NotCacheable.UNKNOWN_FUNCTION);
    }
    functions.add(name.text());
  }

  /// The parentheses that hold columns only, though a name stands before them: behind an INSERT's
  /// target, ON CONFLICT, SET and RETURNING. Told by their places, since `set` and `conflict` may
  /// be functions elsewhere.
  private Set<Integer> lists() {
    Set<Integer> out = new HashSet<>();
    for (int i = 0; i < tokens.size(); i++) {
      boolean isInsert = tokens.isWord(i, "insert") && tokens.isChange(i);
      boolean isUpdate =
          tokens.isWord(i, "update") && (tokens.isChange(i) || tokens.isWord(i - 1, "do"));
      boolean isConflict = tokens.isWord(i, "conflict") && tokens.isWord(i - 1, "on");
      if (isInsert) {
        out.add(behindTarget(i + 2));
      } else if (isUpdate) {
        out.add(behindSet(i));
      } else if (isConflict || tokens.isWord(i, "returning")) {
        out.add(i + 1);
      }
    }
    return out;
  }

  private int behindTarget(int from) {
    int at = from + 1;
    while (tokens.isMark(at, ".")) {
      at += 2;
    }
    return tokens.isWord(at, "as") ? at + 2 : at;
  }

  private int behindSet(int update) {
    int at = update + 1;
    while (at < tokens.size() && !(tokens.isWord(at, "set") && tokens.isPlain(at))) {
      at++;
    }
    return at + 1;
  }
}
