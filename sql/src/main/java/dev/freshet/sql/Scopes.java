package dev.freshet.sql;

import java.util.ArrayList;
import java.util.List;

/// Where which names of common table expressions are in sight.
///
/// Without RECURSIVE, a name is known from behind its own body on, so in `with a as (select * from
/// a) ...` the inner one is a table.
final class Scopes {
  private record Scope(String name, int token, int from, int to) {}

  private final Tokens tokens;
  private final List<Scope> scopes = new ArrayList<>();
  private final List<Integer> names = new ArrayList<>();
  private int main;

  Scopes(Tokens tokens) throws Refusal {
    this.tokens = tokens;
    for (int i = 0; i < tokens.size(); i++) {
      if (tokens.isWord(i, "with") && tokens.isPlain(i) && isList(i)) {
        int behind = list(i);
        main = i == 0 ? behind : main;
      }
    }
  }

  /// Where the statement proper begins, behind a WITH before it.
  int main() {
    return main;
  }

  /// Whether the name at this token is that of a common table expression in sight.
  boolean hides(int token) {
    return declaration(token) >= 0;
  }

  /// Where the innermost table expression in sight is made that the name at this token means; -1
  /// where it means none.
  int declaration(int token) {
    String name = tokens.at(token).text();
    int found = -1;
    int from = -1;
    for (Scope scope : scopes) {
      boolean isSeen = scope.from <= token && token < scope.to && scope.name.equals(name);
      if (isSeen && scope.from >= from) {
        found = scope.token;
        from = scope.from;
      }
    }
    return found;
  }

  /// Whether this token is the name where a common table expression is made.
  boolean declares(int token) {
    return names.contains(token);
  }

  private boolean isList(int with) {
    int name = tokens.isWord(with + 1, "recursive") ? with + 2 : with + 1;
    return body(name) >= 0;
  }

  /// The parenthesis of the body that belongs to the name here, or -1.
  private int body(int name) {
    if (!tokens.at(name).isName()) {
      return -1;
    }
    int at = name + 1;
    if (tokens.isMark(at, "(")) {
      at = tokens.close(at) + 1;
    }
    if (!tokens.isWord(at, "as")) {
      return -1;
    }
    at = tokens.isWord(at + 1, "not") ? at + 2 : at + 1;
    at = tokens.isWord(at, "materialized") ? at + 1 : at;
    return tokens.isMark(at, "(") ? at : -1;
  }

  /// Reads the list behind a WITH; where the statement behind it begins.
  private int list(int with) throws Refusal {
    boolean isRecursive = tokens.isWord(with + 1, "recursive");
    int end = end(with);
    int at = isRecursive ? with + 2 : with + 1;
    int first = at;
    while (true) {
      int body = body(at);
      if (body < 0) {
        throw new Refusal(NotCacheable.NOT_UNDERSTOOD);
      }
      names.add(at);
      int behind = tokens.close(body) + 1;
      scopes.add(new Scope(tokens.at(at).text(), at, isRecursive ? first : behind, end));
      behind = behindClauses(behind);
      if (!tokens.isMark(behind, ",")) {
        return behind;
      }
      at = behind + 1;
    }
  }

  /// Skips SEARCH and CYCLE.
  private int behindClauses(int from) {
    int at = from;
    if (tokens.isWord(at, "search")) {
      at = behind(at, "set");
    }
    if (tokens.isWord(at, "cycle")) {
      at = behind(at, "using");
    }
    return at;
  }

  /// Behind this word and the name that follows.
  private int behind(int from, String word) {
    int at = from;
    while (at < tokens.size() && !tokens.isWord(at, word)) {
      at++;
    }
    return at + 2;
  }

  /// What WITH gives lasts until the parenthesis around it closes. Before an INSERT's query, it
  /// ends where that query does.
  private int end(int with) {
    int around = tokens.open(with);
    int end = around < 0 ? tokens.size() : tokens.close(around);
    if (with == 0 || tokens.isMark(with - 1, "(")) {
      return end;
    }
    for (int i = with; i < end; i++) {
      boolean isBehind =
          tokens.isWord(i, "returning")
              || (tokens.isWord(i, "on") && tokens.isWord(i + 1, "conflict"));
      if (isBehind && tokens.open(i) == around) {
        return i;
      }
    }
    return end;
  }
}
