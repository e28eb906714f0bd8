package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatementTest {

  @Test
  void normalFormLeavesOutConstantsLayoutCaseAndComments() {
    assertThat(normal("SELECT  a ,b\nFROM T WHERE x='it''s' AND y > -1.5 -- why\n LIMIT $1;"))
        .isEqualTo("select a, b from t where x = ? and y > ? limit ?");
    assertThat(normal("select count( * ), \"Q\".\"a b\", c::text, d [1] from x.y"))
        .isEqualTo("select count(*), \"Q\".\"a b\", c::text, d[?] from x.y");
    assertThat(normal("insert into t(a,b) values(1,null),(true,'x')"))
        .isEqualTo("insert into t(a, b) values (?, ?), (?, ?)");
  }

  @Test
  void listsOfConstantsBehindInAreOne() {
    String one = normal("select 1 from t where a in (1)");
    assertThat(one).isEqualTo("select ? from t where a in (?...)");
    assertThat(normal("select 1 from t where a IN(1, -2, 'x', $3, null)")).isEqualTo(one);
    assertThat(normal("select 1 from t where a in (1, b)"))
        .isEqualTo("select ? from t where a in (?, b)");
    assertThat(normal("select 1 from t where a in (1, 2 + 3)"))
        .isEqualTo("select ? from t where a in (?, ? + ?)");
    assertThat(normal("select 1 from t where a in (1, f(2))"))
        .isEqualTo("select ? from t where a in (?, f(?))");
    assertThat(normal("select t.in (1, 2)")).isEqualTo("select t.in(?, ?)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "select a from t | select b from t",
        "select a from t | select a from \"T\"",
        "select a from t order by 1 | select a from t order by 2",
        "select a from t order by a, 1 | select a from t order by a, 2",
        "select a, b from t group by 1, 2 | select a, b from t group by 2, 1",
        "select a - 1 from t | select a + 1 from t",
        "select a is null from t | select a is not null from t",
        "select a is true from t | select a is false from t",
        "select date ? b from t | select date '2020-01-01' b from t",
        "select date ?? b from t | select date ? b from t",
        "select ab from t | select a b from t",
        "select -1::int | select 1::int",
        "select \"a  b\" from t | select \"a b\" from t",
        "select U&\"d!0061\" uescape '!' from t | select U&\"d!0061\" uescape '#' from t",
        "select 1; select 1 | select 1",
      })
  void differencesThatMatterStay(String one, String other) {
    assertThat(Statement.read(one).fingerprint())
        .as("%s beside %s", normal(one), normal(other))
        .isNotEqualTo(Statement.read(other).fingerprint());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "select -1 | select 1",
        "select a from t where b between -1 and 2 | select a from t where b between 1 and -2",
        "select case when a then -1 else 2 end | select case when a then 1 else -2 end",
        "select a from t where b = true | select a from t where b = $1",
        "select a from t where b = 'x' | select a from t where b = E'\\'\\n'",
        "select a from t where b = 'x' | select a from t where b = $a$it's; -- x$a$",
        "select a from t limit 1 | select a from t limit 2",
        "select a from t order by b limit 1 | SELECT a FROM t ORDER BY b LIMIT 1_000;",
        "select a from t | /* x */ select /* y */ a from t -- z",
        "select a[1] from t | select a[ -1 ] from t",
      })
  void differencesInConstantsAndLayoutDoNotMatter(String one, String other) {
    assertThat(normal(one)).isEqualTo(normal(other));
    assertThat(Statement.read(one).fingerprint()).isEqualTo(Statement.read(other).fingerprint());
  }

  @Test
  void fingerprintIsTheSameOnEveryMachine() {
    assertThat(Statement.read("select a from t where b = 1").fingerprint())
        .isEqualTo(Statement.read("select a from t where b = 2").fingerprint())
        .isEqualTo(-3_450_791_688_220_613_130L);
  }

  @Test
  void commentsAtTheEndsAreLeftOut() {
    assertThat(text("/*a='b'*/ select 1")).isEqualTo("select 1");
    assertThat(text(" -- x\n /*y*/ select /* in */ 1 /*a*/ ; -- z\n;"))
        .isEqualTo("select /* in */ 1");
    assertThat(text("select ';' /*a*/; select 2 /*b*/;")).isEqualTo("select ';' /*a*/; select 2");
    assertThat(text("/*x*/ /*+ SeqScan(t) */ select 1 /*y*/"))
        .isEqualTo("/*+ SeqScan(t) */ select 1");
    assertThat(text("/* nothing */ ; -- at all")).isEmpty();
  }

  @Test
  void saysWhereTheTextWas() {
    String sql = "/*ü*/ select x";
    Statement statement = Statement.read(sql);
    assertThat(statement.textFrom()).isEqualTo(7);
    assertThat(statement.textTo()).isEqualTo(sql.getBytes(StandardCharsets.UTF_8).length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "select 1|SELECT",
        "(( select 1))|SELECT",
        "/*x*/ -- y|EMPTY",
        ";;|EMPTY",
        "; commit|COMMIT",
        "start transaction|BEGIN",
        "begin read only|BEGIN",
        "end|COMMIT",
        "commit prepared 'x'|COMMIT_PREPARED",
        "abort|ROLLBACK",
        "rollback and chain|ROLLBACK",
        "rollback to a|ROLLBACK_TO",
        "rollback work to savepoint a|ROLLBACK_TO",
        "rollback; to|ROLLBACK",
        "rollback prepared 'x'|ROLLBACK_PREPARED",
        "prepare transaction 'x'|PREPARE_TRANSACTION",
        "prepare transaction as select 1|PREPARE",
        "prepare p as select 1|PREPARE",
        "set a = 1|SET",
        "set session a = 1|SET",
        "SET LOCAL a = 1|SET_LOCAL",
        "set local.a = 1|SET",
        "set transaction read only|SET_LOCAL",
        "set constraints all deferred|SET_LOCAL",
        "with x as (select 1) select 1|WITH",
        "deallocate all|DEALLOCATE",
        "merge into t using s on true when matched then delete|MERGE",
        "selec 1|OTHER",
        "\"select\" 1|OTHER",
        "\\d users|OTHER",
        "explain select 1|EXPLAIN",
        "values (1)|VALUES",
      })
  void knowsWhatItIsByItsFirstWords(String sql, Verb verb) {
    assertThat(Statement.read(sql).verb()).isEqualTo(verb);
  }

  @Test
  void everyVerbWithAWordIsFound() {
    List<Verb> special = List.of(Verb.OTHER, Verb.EMPTY, Verb.SET_LOCAL);
    for (Verb verb : Verb.values()) {
      if (!special.contains(verb)) {
        String words = verb == Verb.PREPARE_TRANSACTION ? verb + " 'x'" : verb + "";
        assertThat(Statement.read(words.replace('_', ' ')).verb()).isEqualTo(verb);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 'today'::date", "select DATE ' NOW '", "select 'tomorrow 10:00'", "select $$now$$",
        "select E'\\x6eow'", "select U&'\\006eow'", "select 'to'\n'day'", "select E'n\\ow'"
      })
  void seesStringsThatMayNameAMovingMoment(String sql) {
    assertThat(Statement.read(sql).namesClock()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 'know', 'nowhere', 'todays'",
        "select now",
        "select \"today\"",
        "select 'it''s'",
        "select '2020-01-01'",
        "select 'a\\b'",
        "select E'plain'"
      })
  void otherStringsNameNone(String sql) {
    assertThat(Statement.read(sql).namesClock()).isFalse();
  }

  @Test
  void boundValuesMayNameOneToo() {
    byte[] value = "xx yesterday".getBytes(StandardCharsets.UTF_8);
    assertThat(Clock.isNamedIn(value, 2, value.length)).isTrue();
    assertThat(Clock.isNamedIn(value, 2, value.length - 1)).isFalse();
    String many = "2026-01-02, ".repeat(30) + "now";
    assertThat(Statement.read("select '{" + many + "}'::date[]").namesClock()).isTrue();
    assertThat(Statement.read("select '" + many + "'").namesClock()).as("no date").isFalse();
  }

  private static String normal(String sql) {
    return Statement.read(sql).normalised();
  }

  private static String text(String sql) {
    return new String(Statement.read(sql).text(), StandardCharsets.UTF_8);
  }
}
