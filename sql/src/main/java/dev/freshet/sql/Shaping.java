package dev.freshet.sql;

import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes shapes. The target of a change stands in a fixed place; the tables of a query are left to
/// a parser, and everything that could make its answer vary to [Screening].
final class Shaping {
  private static final int MAX_LENGTH = 64 * 1024;

  private final Tokens tokens;
  private final Scopes scopes;
  private final Duration limit;

  private Shaping(Tokens tokens, Duration limit) throws Refusal {
    this.tokens = tokens;
    this.limit = limit;
    this.scopes = new Scopes(tokens);
  }

  static Shape of(String sql, Duration limit) throws Refusal {
    if (sql.length() > MAX_LENGTH) {
      throw new Refusal(NotCacheable.TOO_LARGE);
    }
    return new Shaping(Tokens.of(sql), limit).shape();
  }

  private Shape shape() throws Refusal {
    int at = scopes.main();
    while (tokens.isMark(at, "(")) {
      at++;
    }
    if (tokens.at(at).kind() != SqlLexer.Kind.WORD) {
      throw new Refusal(NotCacheable.NOT_A_QUERY);
    }
    Set<TableName> changed = changed();
    return switch (tokens.at(at).text()) {
      case "select", "values", "with" ->
          changed.isEmpty() ? reads() : new Shape.Writes(changed, null);
      case "insert", "merge", "update", "delete" -> {
        if (!tokens.isChange(at)) {
          throw new Refusal(NotCacheable.NOT_UNDERSTOOD);
        }
        yield new Shape.Writes(changed, ChangeScreening.of(tokens, scopes));
      }
      case "truncate" -> truncates(at + 1);
      case "copy" -> copies(at + 1);
      default -> throw new Refusal(NotCacheable.NOT_A_QUERY);
    };
  }

  private Shape reads() throws Refusal {
    Screening screening = new Screening(tokens, scopes);
    screening.check();
    Set<TableName> tables = new LinkedHashSet<>();
    Set<Integer> found = Parsing.tables(tokens, scopes, limit);
    for (int at : found) {
      if (tokens.isMark(at + 1, ".") || !scopes.hides(at)) {
        tables.add(table(at));
      }
    }
    return new Shape.Reads(
        Collections.unmodifiableSet(tables), isRepeatable(), outline(found, screening.types()));
  }

  private Outline outline(Set<Integer> tables, Set<TableName> types) {
    Set<String> functions = new HashSet<>();
    Set<String> operators = new HashSet<>();
    Set<String> fields = new HashSet<>();
    for (int i = 0; i < tokens.size(); i++) {
      Tokens.Token token = tokens.at(i);
      if (token.kind() == SqlLexer.Kind.OPERATOR) {
        operators.add(token.text());
      } else if (token.isName() && tokens.isMark(i + 1, "(")) {
        functions.add(token.text());
      } else if (token.isName() && tokens.isMark(i - 1, ".")) {
        fields.add(token.text());
      }
    }
    Outlining.Read read = read(tables);
    Moments moments = Moments.of(tokens);
    return read == null
        ? new Outline(functions, operators, fields, types, null, null, moments)
        : new Outline(functions, operators, fields, types, read.query(), read.mentions(), moments);
  }

  private Outlining.@Nullable Read read(Set<Integer> tables) {
    try {
      return Outlining.of(tokens, scopes, tables);
    } catch (Refusal e) {
      return null;
    }
  }

  /// The targets of all changes, those in table expressions included.
  private Set<TableName> changed() throws Refusal {
    Set<TableName> out = new LinkedHashSet<>();
    for (int i = 0; i < tokens.size(); i++) {
      if (tokens.isChange(i)) {
        out.add(table(behindOnly(tokens.isWord(i, "update") ? i + 1 : i + 2)));
      }
    }
    return Collections.unmodifiableSet(out);
  }

  private Shape truncates(int from) throws Refusal {
    Set<TableName> tables = new LinkedHashSet<>();
    int at = tokens.isWord(from, "table") ? from + 1 : from;
    while (true) {
      at = behindOnly(at);
      tables.add(table(at));
      at = behindName(at);
      if (!tokens.isMark(at, ",")) {
        break;
      }
      at++;
    }
    if (tokens.isWord(tokens.size() - 1, "cascade")) {
      throw new Refusal(NotCacheable.CASCADE);
    }
    return new Shape.Writes(
        Collections.unmodifiableSet(tables), ChangeScreening.of(tokens, scopes));
  }

  private Shape copies(int from) throws Refusal {
    if (!tokens.at(from).isName()) {
      throw new Refusal(NotCacheable.NOT_A_QUERY);
    }
    int at = behindName(from);
    if (tokens.isMark(at, "(")) {
      at = tokens.close(at) + 1;
    }
    if (!tokens.isWord(at, "from")) {
      throw new Refusal(NotCacheable.NOT_A_QUERY);
    }
    return new Shape.Writes(Set.of(table(from)), null);
  }

  private int behindOnly(int from) {
    int at = tokens.isWord(from, "only") ? from + 1 : from;
    return tokens.isMark(at, "(") ? at + 1 : at;
  }

  private int behindName(int from) {
    int at = from + 1;
    while (tokens.isMark(at, ".")) {
      at += 2;
    }
    return tokens.at(at).kind() == SqlLexer.Kind.OPERATOR ? at + 1 : at;
  }

  private TableName table(int at) throws Refusal {
    TableName name = tokens.name(at);
    String schema = name.schema();
    if (schema == null ? name.name().startsWith("pg_") : isCatalog(schema)) {
      throw new Refusal(NotCacheable.CATALOG);
    }
    if (schema != null && schema.startsWith("pg_")) {
      throw new Refusal(NotCacheable.TEMPORARY);
    }
    return name;
  }

  private static boolean isCatalog(String schema) {
    return schema.equals("pg_catalog")
        || schema.equals("information_schema")
        || schema.equals("pg_toast");
  }

  /// Whether each row limit and DISTINCT ON has an ORDER BY in the same parenthesis.
  private boolean isRepeatable() {
    for (int i = 0; i < tokens.size(); i++) {
      boolean isLimit =
          tokens.isWord(i, "limit") || tokens.isWord(i, "offset") || tokens.isWord(i, "fetch");
      boolean isChoice = tokens.isWord(i, "distinct") && tokens.isWord(i + 1, "on");
      if ((isLimit || isChoice) && tokens.isPlain(i) && !hasOrder(tokens.open(i))) {
        return false;
      }
    }
    return true;
  }

  private boolean hasOrder(int open) {
    int end = open < 0 ? tokens.size() : tokens.close(open);
    for (int i = open + 1; i < end; i++) {
      if (tokens.open(i) == open && tokens.isWord(i, "order") && tokens.isWord(i + 1, "by")) {
        return true;
      }
    }
    return false;
  }
}
