package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlLexerTest {
  private static final List<String> PIECES =
      List.of(
          "'",
          "''",
          "\"",
          "$",
          "$$",
          "$a$",
          "$1",
          "/*",
          "*/",
          "--",
          "\n",
          " ",
          ";",
          "(",
          ")",
          "E'",
          "U&'",
          "U&\"",
          "b'",
          "x'",
          "\\",
          "\\'",
          ".",
          "..",
          "1",
          "1e",
          "1.5",
          "0x",
          "_",
          "a",
          "é",
          "::",
          ":=",
          ":",
          ",",
          "+",
          "-",
          "*",
          "/",
          "<",
          ">",
          "=",
          "@",
          "?",
          "begin",
          "atomic",
          "end",
          "create function",
          "in (",
          "order by",
          "select",
          "uescape",
          "null",
          "\u0000",
          "[",
          "]",
          "{",
          "\r",
          "\t",
          "now",
          "/*+",
          "//",
          "traceparent='");

  @Test
  void tokensCoverAnyInputWithoutGapOrOverlap() {
    Rolls rolls = new Rolls(77);
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = rolls.between(0, 12); i > 0; i--) {
        text.append(rolls.oneOf(PIECES));
      }
      byte[] padded = ("'/*" + text + "*/'").getBytes(StandardCharsets.UTF_8);
      int to = padded.length - 3;
      SqlLexer at = new SqlLexer(padded, 3, to);
      int end = 3;
      while (at.next()) {
        assertThat(at.start()).as("seed %d: %s", rolls.seed(), text).isEqualTo(end);
        assertThat(at.end()).as("seed %d: %s", rolls.seed(), text).isBetween(end + 1, to);
        end = at.end();
      }
      assertThat(end).as("seed %d: %s", rolls.seed(), text).isEqualTo(to);
    }
  }

  /// Whatever comes, there is an answer, and it doesn't depend on what stands around.
  @Test
  void everyReaderTakesAnyInput() {
    Rolls rolls = new Rolls(78);
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = rolls.between(0, 15); i > 0; i--) {
        text.append(rolls.oneOf(PIECES));
      }
      byte[] sql = text.toString().getBytes(StandardCharsets.UTF_8);
      byte[] padded = ("'/*" + text + "*/'").getBytes(StandardCharsets.UTF_8);
      Statement alone = Statement.read(sql, 0, sql.length);
      Statement within = Statement.read(padded, 3, 3 + sql.length);
      assertThat(within.normalised()).as("seed %d", rolls.seed()).isEqualTo(alone.normalised());
      assertThat(within.text()).isEqualTo(alone.text());
      assertThat(within.fingerprint()).isEqualTo(alone.fingerprint());
      assertThat(SqlComment.of(padded, 3, 3 + sql.length, within))
          .isEqualTo(SqlComment.of(sql, 0, sql.length, alone));
      assertThat(SqlScript.read(sql, 0, sql.length).parts())
          .as("seed %d: %s", rolls.seed(), text)
          .hasSize(alone.count());
      Statement again = Statement.read(alone.text(), 0, alone.text().length);
      assertThat(again.text()).as("seed %d: %s", rolls.seed(), text).isEqualTo(alone.text());
      assertThat(again.normalised()).isEqualTo(alone.normalised());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'abc",
        "'it''s",
        "'a'\n'b",
        "E'a\\'",
        "U&'a",
        "B'01",
        "X'ff",
        "\"abc",
        "U&\"abc",
        "$$abc",
        "$tag$abc$tga$",
        "/* abc",
        "/* /* abc */",
        "'abc\\",
        "E'abc\\"
      })
  void whatNeverEndsIsOneErrorToken(String text) {
    assertThat(tokens("a " + text)).containsExactly("WORD a", "ERROR " + text);
  }

  @Test
  void knowsStrings() {
    assertThat(tokens("'a\\' E'\\'' u&'\\0041' B'01' x'f' $$'$$ $t$ $$ $t$ 'a' 'b'"))
        .containsExactly(
            "STRING 'a\\'",
            "STRING E'\\''",
            "STRING u&'\\0041'",
            "STRING B'01'",
            "STRING x'f'",
            "STRING $$'$$",
            "STRING $t$ $$ $t$",
            "STRING 'a'",
            "STRING 'b'");
  }

  @Test
  void stringsGoOnBehindTheEndOfALine() {
    assertThat(tokens("'a' \n 'b'")).containsExactly("STRING 'a' \n 'b'");
    assertThat(tokens("'a' -- why\n 'b'")).containsExactly("STRING 'a' -- why\n 'b'");
    assertThat(tokens("E'a'\n'\\''")).containsExactly("STRING E'a'\n'\\''");
    assertThat(tokens("'a' /**/\n 'b'"))
        .containsExactly("STRING 'a'", "BLOCK_COMMENT /**/", "STRING 'b'");
  }

  @Test
  void dollarsInNamesQuoteNothing() {
    assertThat(tokens("a$b$ c$$ $1$2"))
        .containsExactly("WORD a$b$", "WORD c$$", "PARAMETER $1", "PARAMETER $2");
  }

  @Test
  void operatorsGiveUpTrailingSignsAndEndAtComments() {
    assertThat(tokens("a=-1")).containsExactly("WORD a", "OPERATOR =", "OPERATOR -", "NUMBER 1");
    assertThat(tokens("@-")).containsExactly("OPERATOR @-");
    assertThat(tokens("<->-")).containsExactly("OPERATOR <->", "OPERATOR -");
    assertThat(tokens("*--x")).containsExactly("OPERATOR *", "LINE_COMMENT --x");
    assertThat(tokens("+/*x*/+"))
        .containsExactly("OPERATOR +", "BLOCK_COMMENT /*x*/", "OPERATOR +");
    assertThat(tokens("*+-")).containsExactly("OPERATOR *", "OPERATOR +", "OPERATOR -");
    assertThat(tokens("?| ?& ->> #>> @@ <= =>"))
        .allMatch(token -> token.startsWith("OPERATOR "))
        .hasSize(7);
  }

  @Test
  void knowsNumbers() {
    assertThat(tokens("1 1.5 .5 1. 1e9 1.e-9 1_000 0x1_F 0o7 0b_1"))
        .allMatch(token -> token.startsWith("NUMBER "))
        .hasSize(10);
    assertThat(tokens("1..5")).containsExactly("NUMBER 1", "MARK ..", "NUMBER 5");
    assertThat(tokens("1a 0x 1__0 1e")).allMatch(token -> token.startsWith("ERROR ")).hasSize(4);
  }

  private static List<String> tokens(String text) {
    byte[] sql = text.getBytes(StandardCharsets.UTF_8);
    List<String> out = new ArrayList<>();
    SqlLexer at = new SqlLexer(sql, 0, sql.length);
    while (at.next()) {
      if (at.kind() != SqlLexer.Kind.SPACE) {
        String part = new String(sql, at.start(), at.end() - at.start(), StandardCharsets.UTF_8);
        out.add(at.kind() + " " + part);
      }
    }
    return out;
  }
}
