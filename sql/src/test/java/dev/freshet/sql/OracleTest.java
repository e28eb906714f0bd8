package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Our reading of SQL beside that of PostgreSQL's own parser.
class OracleTest {
  private static final Rolls ROLLS = new Rolls(20_260_801);
  private static final int VARIANTS = 3;
  private static final Set<String> CONSTANTS =
      Set.of("SCONST", "ICONST", "FCONST", "BCONST", "XCONST", "USCONST", "PARAM");

  private static List<Oracle.Answer> answers = List.of();

  @BeforeAll
  static void ask() {
    List<Oracle.Answer> originals = Oracle.ask(Corpus.statements());
    List<String> variants = new ArrayList<>();
    for (Oracle.Answer original : originals) {
      for (int i = 0; original.valid() && i < VARIANTS; i++) {
        variants.add(Corpus.variant(original, ROLLS));
      }
    }
    answers = new ArrayList<>(originals);
    answers.addAll(Oracle.ask(variants));
    assertThat(answers.stream().filter(Oracle.Answer::valid).count()).isGreaterThan(1_300);
  }

  @Test
  void cutsTokensWherePostgresDoes() {
    Map<String, String> wrong = new LinkedHashMap<>();
    for (Oracle.Answer answer : answers) {
      if (!answer.isScanned() || continuesBehindComment(answer.tokens())) {
        continue;
      }
      byte[] sql = answer.sql().getBytes(StandardCharsets.UTF_8);
      List<String> ours = new ArrayList<>();
      SqlLexer at = new SqlLexer(sql, 0, sql.length);
      while (at.next()) {
        if (at.kind() != SqlLexer.Kind.SPACE) {
          ours.add(at.start() + "-" + at.end());
        }
      }
      List<String> theirs =
          answer.tokens().stream().map(token -> token.start() + "-" + token.end()).toList();
      if (!ours.equals(theirs)) {
        wrong.put(answer.sql(), ours + " not " + theirs);
      }
    }
    assertThat(wrong).isEmpty();
  }

  /// The oracle's scanner was changed to show comments, so that no string goes on behind one; in
  /// the server one does.
  private static boolean continuesBehindComment(List<Oracle.Token> tokens) {
    for (int i = 2; i < tokens.size(); i++) {
      if (tokens.get(i).name().equals("SCONST")
          && tokens.get(i - 1).name().equals("SQL_COMMENT")
          && tokens.get(i - 2).name().equals("SCONST")) {
        return true;
      }
    }
    return false;
  }

  @Test
  void cutsStatementsWherePostgresDoes() {
    Map<String, String> wrong = new LinkedHashMap<>();
    for (Oracle.Answer answer : answers) {
      if (!answer.valid()) {
        continue;
      }
      byte[] sql = answer.sql().getBytes(StandardCharsets.UTF_8);
      List<String> ours = new ArrayList<>();
      for (SqlScript.Part part : SqlScript.read(sql, 0, sql.length).parts()) {
        Statement one = Statement.read(sql, part.from(), part.to());
        // The oracle leaves out hints too.
        ours.add(
            new String(one.text(), StandardCharsets.UTF_8).replaceFirst("^/[*][+].*[*]/ ", ""));
      }
      List<String> theirs = new ArrayList<>();
      for (Oracle.Part part : answer.parts()) {
        int end = part.length() == 0 ? sql.length : part.start() + part.length();
        Statement one = Statement.read(sql, part.start(), end);
        theirs.add(new String(one.text(), StandardCharsets.UTF_8));
        assertThat(one.count()).as(answer.sql()).isEqualTo(1);
      }
      if (!ours.equals(theirs)) {
        wrong.put(answer.sql(), ours + " not " + theirs);
      }
      assertThat(Statement.read(answer.sql()).count()).isEqualTo(theirs.size());
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void textsThatDifferInConstantsOnlyShareAFingerprint() {
    Map<String, Map<String, String>> groups = new HashMap<>();
    int compared = 0;
    for (Oracle.Answer answer : answers) {
      // The oracle takes EXTRACT's field and LIMIT's ALL for constants.
      if (answer.valid() && !answer.sql().matches("(?is).*(extract|limit.*all).*")) {
        String key = canonical(answer.normal());
        Statement ours = Statement.read(answer.sql());
        compared += groups.computeIfAbsent(key, k -> new LinkedHashMap<>()).isEmpty() ? 0 : 1;
        groups.get(key).put(ours.normalised() + " #" + ours.fingerprint(), answer.sql());
      }
    }
    assertThat(groups.values().stream().filter(group -> group.size() > 1)).isEmpty();
    assertThat(compared).isGreaterThan(800);
  }

  @Test
  void textsThatDifferInMoreNeverShareAFingerprint() {
    Map<Long, Map<String, String>> groups = new HashMap<>();
    for (Oracle.Answer answer : answers) {
      if (answer.valid()) {
        Statement ours = Statement.read(answer.sql());
        groups
            .computeIfAbsent(ours.fingerprint(), k -> new LinkedHashMap<>())
            .put(masked(answer), answer.sql());
      }
    }
    assertThat(groups.values().stream().filter(group -> group.size() > 1)).isEmpty();
    assertThat(groups).hasSizeGreaterThan(300);
  }

  /// Where a shape says anything about tables, PostgreSQL says the same.
  @Test
  void shapesNameTheTablesThatPostgresNames() {
    Map<String, String> wrong = new LinkedHashMap<>();
    int reads = 0;
    int writes = 0;
    for (Oracle.Answer answer : answers) {
      switch (Shape.of(answer.sql(), Duration.ofSeconds(60))) {
        case Shape.Reads(Set<TableName> tables, boolean repeatable, Outline outline) -> {
          reads++;
          boolean isSame = named(tables).equals(answer.reads()) && answer.writes().isEmpty();
          if (answer.valid() && !isSame) {
            wrong.put(answer.sql(), tables + " not " + answer.reads() + answer.writes());
          }
        }
        case Shape.Writes(Set<TableName> tables, _) -> {
          writes++;
          if (answer.valid() && !named(tables).equals(answer.writes())) {
            wrong.put(answer.sql(), tables + " not " + answer.writes());
          }
        }
        case Shape.Unknown(NotCacheable reason) -> {}
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(reads).isGreaterThan(600);
    assertThat(writes).isGreaterThan(100);
  }

  /// A table left out would mean answers that stay when it changes.
  @Test
  void shapesOfQueriesMadeAtRandomNameTheSameTables() {
    Rolls rolls = new Rolls(4_711);
    Queries queries = new Queries(rolls);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      texts.add(queries.next());
    }
    Map<String, String> wrong = new LinkedHashMap<>();
    int compared = 0;
    for (Oracle.Answer answer : Oracle.ask(texts)) {
      if (answer.valid()
          && Shape.of(answer.sql(), Duration.ofSeconds(60)) instanceof Shape.Reads reads) {
        compared++;
        if (!named(reads.tables()).equals(answer.reads())) {
          wrong.put(answer.sql(), reads.tables() + " not " + answer.reads());
        }
      }
    }
    assertThat(wrong).as("seed %d", rolls.seed()).isEmpty();
    assertThat(compared).isGreaterThan(300);
  }

  private static List<String> named(Set<TableName> tables) {
    List<String> out = new ArrayList<>();
    for (TableName table : tables) {
      String schema = table.schema() == null ? "" : "\"" + table.schema() + "\".";
      out.add(schema + "\"" + table.name() + "\"");
    }
    out.sort(null);
    return out;
  }

  /// What is sent to the server must mean the same as what the client sent.
  @Test
  void textWithoutCommentsMeansTheSame() {
    List<Oracle.Answer> valid =
        answers.stream().filter(answer -> answer.valid() && !answer.parts().isEmpty()).toList();
    List<String> stripped = new ArrayList<>();
    for (Oracle.Answer answer : valid) {
      stripped.add(new String(Statement.read(answer.sql()).text(), StandardCharsets.UTF_8));
    }
    List<Oracle.Answer> again = Oracle.ask(stripped);
    Set<String> wrong = new LinkedHashSet<>();
    for (int i = 0; i < valid.size(); i++) {
      if (!again.get(i).fingerprint().equals(valid.get(i).fingerprint())) {
        wrong.add(valid.get(i).sql());
      }
    }
    assertThat(wrong).isEmpty();
  }

  /// The oracle's normal text without what it leaves to the writer: layout, comments, case, the
  /// numbers of parameters.
  private static String canonical(String normal) {
    byte[] sql = normal.getBytes(StandardCharsets.UTF_8);
    List<String> out = new ArrayList<>();
    SqlLexer at = new SqlLexer(sql, 0, sql.length);
    while (at.next()) {
      String text = new String(sql, at.start(), at.end() - at.start(), StandardCharsets.UTF_8);
      switch (at.kind()) {
        case SPACE, LINE_COMMENT, BLOCK_COMMENT -> {}
        case PARAMETER -> out.add("?1");
        case WORD -> out.add(lower(text));
        default -> out.add(text);
      }
    }
    return String.join(" ", trimmed(out));
  }

  /// The oracle's tokens with a mask on each constant.
  private static String masked(Oracle.Answer answer) {
    List<String> out = new ArrayList<>();
    for (Oracle.Token token : answer.tokens()) {
      String text = Oracle.slice(answer.sql(), token.start(), token.end());
      boolean isConstant =
          CONSTANTS.contains(token.name())
              || text.matches("(?i)true|false|null|[ub]&?'(?s:.)*'|x'(?s:.)*'");
      if (token.name().endsWith("_COMMENT")) {
        continue;
      }
      if (isConstant) {
        if (!out.isEmpty() && out.getLast().equals("-")) {
          out.removeLast();
        }
        out.add("?1");
      } else {
        out.add(text.startsWith("\"") || text.startsWith("U&\"") ? text : lower(text));
      }
    }
    String joined = String.join(" ", trimmed(out));
    return joined.replaceAll(" in \\( \\?1(?: , \\?1)* \\)", " in (?1...)");
  }

  private static List<String> trimmed(List<String> tokens) {
    List<String> out = new ArrayList<>();
    for (String token : tokens) {
      boolean isDoubled = token.equals(";") && (out.isEmpty() || out.getLast().equals(";"));
      if (!isDoubled) {
        out.add(token);
      }
    }
    if (!out.isEmpty() && out.getLast().equals(";")) {
      out.removeLast();
    }
    return out;
  }

  private static String lower(String text) {
    StringBuilder out = new StringBuilder();
    text.chars().forEach(c -> out.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : (char) c));
    return out.toString();
  }
}
