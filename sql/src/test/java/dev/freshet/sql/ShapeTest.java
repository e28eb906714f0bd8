package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShapeTest {
  private static final Duration PATIENT = Duration.ofSeconds(60);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "select 1 |",
        "select * from Users | users",
        "select * from \"Users\", users | Users users",
        "select * from shop.users u join \"Orders\" o on true | Orders shop.users",
        "select u.*, users.id from users u | users",
        "select a from t where b in (select c from s where d = (select max(e) from r)) | r s t",
        "select a from t order by (select b from s) | s t",
        "select a from t group by (select b from s) | s t",
        "select a from t limit (select b from s) | s t",
        "select count(*) filter (where a in (select b from s)) from t | s t",
        "select sum(a) over (order by (select b from s)) from t | s t",
        "select distinct on ((select b from s)) a from t order by 1 | s t",
        "select case when exists (select 1 from s) then (select 1 from r) end from t | r s t",
        "select array(select a from s) from t | s t",
        "select a from t union (select b from s except select c from r) | r s t",
        "select a from ((t cross join s) left join r on true) | r s t",
        "select a from t, lateral (select b from s) x | s t",
        "select a from t, unnest(t.b) c, generate_series(1, 2) | t",
        "select a from t where b = any (array[(select c from s)]) | s t",
        "select a from only t, only (s) | s t",
        "select \"a.b\" from \"c.d\".\"e\"\"f\" | c.d.e\"f",
        "select 'from nowhere' from t -- from s | t",
        "select /* from r */ $$ from s $$ from t | t",
        "select extract(year from a), substring(b from 2), trim(both from c) from t | t",
        "select a from t where b is distinct from c | t",
      })
  void readsNameTheirTables(String sql, String tables) {
    assertThat(names(shape(sql))).isEqualTo(set(tables));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "with a as (select 1 from t) select * from a | t",
        "with a as (select * from a) select * from a | a",
        "with recursive a as (select 1 union select * from a) select * from a |",
        "with a as (select 1), b as (select * from a, b) select * from a, b, c | b c",
        "with a as (select 1) select * from public.a, a | public.a",
        "with a as (select 1) select * from \"A\" | A",
        "with A as (select 1) select * from a, \"a\" |",
        "select * from (with a as (select 1) select * from a) x, a | a",
        "with a as (select 1) select * from (with b as (select * from a) select * from b) x, b | b",
        "with a(x, y) as (select 1, 2), b(z) as (select 3 from t) select * from a, b | t",
        "with a as materialized (select 1 from t) (select 2 from a) union select 3 from s | s t",
        "with recursive a(x) as (select 1 union all select x from a)"
            + " search depth first by x set o select * from a, o | o",
        "with recursive a(x) as (select 1 union all select x from a)"
            + " cycle x set c using p, b as (select 1) select * from a, b, p | p",
      })
  void namesOfTableExpressionsAreNoTablesWhereTheyAreInSight(String sql, String tables) {
    assertThat(names(shape(sql))).isEqualTo(set(tables));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "insert into t values (1) | t",
        "insert into shop.t (a) select b from s returning (select c from r) | shop.t",
        "insert into t values (1) on conflict (a) do update set b = 2 | t",
        "update only \"T\" set a = now() from s | T",
        "update only (t) set a = 1 | t",
        "delete from t using s where true returning * | t",
        "delete from q where id in (select id from q for update skip locked) | q",
        "delete from q where id in (select id from q for no key update) | q",
        "merge into t using s on true when matched then update set a = 1"
            + " when not matched then insert (a) values (1) | t",
        "with a as (select * from s) update t set b = 1 from a | t",
        "with t as (select 1) delete from t | t",
        "with a as (delete from t returning *) select * from a | t",
        "with a as (update t set b = 1) select 1 | t",
        "with a as (update \"T\" set b = 1) select 1 | T",
        "with a as (insert into t values (1)) select 1 | t",
        "with a as (with b as (select 1) delete from t) select * from a | t",
        "with a as (delete from only t returning *) insert into s select * from a | s t",
        "truncate t | t",
        "truncate table only t, shop.s *, r restart identity | r shop.s t",
        "copy t from stdin | t",
        "copy shop.t (a, b) from stdin with (format csv) | shop.t",
      })
  void changesNameTheirTargets(String sql, String tables) {
    assertThat(shape(sql))
        .isInstanceOfSatisfying(
            Shape.Writes.class,
            writes -> assertThat(texts(writes.tables())).isEqualTo(set(tables)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NOT_ONE_STATEMENT | select 1; select 2",
        "NOT_ONE_STATEMENT | ; -- nothing",
        "NOT_A_QUERY | begin",
        "NOT_A_QUERY | explain select 1",
        "NOT_A_QUERY | copy t to stdout",
        "NOT_A_QUERY | copy (select 1) to stdout",
        "NOT_A_QUERY | call f()",
        "NOT_A_QUERY | \"select\" 1",
        "NOT_UNDERSTOOD | select from where",
        "NOT_UNDERSTOOD | select (1",
        "NOT_UNDERSTOOD | select 1)",
        "NOT_UNDERSTOOD | select 'a",
        "NOT_UNDERSTOOD | select 1 union table t",
        "NOT_UNDERSTOOD | select U&\"a\" from t",
        "LOCKING | select a from t for update",
        "LOCKING | select a from t for no key update",
        "LOCKING | select a from (select b from s for share) t",
        "INTO | select a into b from t",
        "VOLATILE_FUNCTION | select nextval('s')",
        "VOLATILE_FUNCTION | select RANDOM ()",
        "VOLATILE_FUNCTION | select a from t order by \"random\"()",
        "VOLATILE_FUNCTION | select pg_sleep(1)",
        "VOLATILE_FUNCTION | select * from pg_ls_dir('.')",
        "CLOCK | select now()",
        "CLOCK | select pg_catalog . now ()",
        "CLOCK | select current_date",
        "CLOCK | select a from t where b > localtimestamp",
        "CLOCK | select age(a) from t",
        "CLOCK | select a from t where b = 'today'",
        "CLOCK | select date $$ Tomorrow $$",
        "SESSION | select current_user",
        "SESSION | select user from t",
        "SESSION | select current_setting('x')",
      })
  void nothingIsPromisedWithoutAReason(NotCacheable reason, String sql) {
    assertThat(shape(sql)).isEqualTo(new Shape.Unknown(reason));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "UNKNOWN_FUNCTION | select f(1)",
        "UNKNOWN_FUNCTION | select shop.lower(a) from t",
        "UNKNOWN_FUNCTION | select \"LOWER\"(a) from t",
        "UNKNOWN_FUNCTION | select * from f(1) as g(a)",
        "UNKNOWN_FUNCTION | select first(a) from t",
        "UNKNOWN_FUNCTION | select a, cube(b) from t",
        "UNKNOWN_FUNCTION | with f(x) as (select 1) select f(2) from f",
        "UNKNOWN_OPERATOR | select a <=> b from t",
        "UNKNOWN_OPERATOR | select a operator(x.+) b from t",
        "CLOCK | select E'\\x6eow'::date",
        "NOT_UNDERSTOOD | select a from t where b = 'x' 'y'",
        "UNKNOWN_TYPE | select mood 'sad'",
        "UNKNOWN_TYPE | select \"date\" '2020-01-01'",
        "SAMPLE | select a from t tablesample system (10)",
        "CATALOG | select * from pg_class",
        "CATALOG | select * from t, pg_catalog.pg_class",
        "CATALOG | select * from information_schema.tables",
        "CATALOG | delete from pg_class",
        "TEMPORARY | select * from pg_temp.t",
        "TEMPORARY | insert into pg_temp_3.t values (1)",
        "CASCADE | truncate t cascade",
      })
  void whatIsNotKnownToBeSafeIsRefused(NotCacheable reason, String sql) {
    assertThat(shape(sql)).isEqualTo(new Shape.Unknown(reason));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select date, value, key, level, name, first, update, \"user\" from t",
        "select t.user, t.current_date, a as now, b as current_user from t",
        "select lower(a), count(*), sum(b) filter (where c), rank() over (order by d) from t",
        "select a::varchar(10), b::timestamp with time zone, cast(c as double precision) from t",
        "select timestamp '2020-01-01', interval '1' day, date '2020-01-01' from t",
        "select a ? 'b', a->'c'->>'d', @ e, ~f, g <-> h, -i from t",
        "select a[1:2], b[:3], c[d:] from t",
        "select e'plain', N from t where n like 'a\\%' escape '!'",
        "select a from t where b in ('x', 'y') group by rollup (a)",
        "select a from t fetch first (5) rows only",
        "select v.a from (values (1), (2)) v(a), t as t2(b)",
        "select \"select\", \"from\" from t \"where\""
      })
  void ordinaryQueriesAreUnderstood(String sql) {
    assertThat(shape(sql)).isInstanceOf(Shape.Reads.class);
  }

  @Test
  void rowLimitsWithoutOrderMayAnswerOtherwise() {
    assertThat(isRepeatable("select a from t")).isTrue();
    assertThat(isRepeatable("select a from t limit 5")).isFalse();
    assertThat(isRepeatable("select a from t order by b limit 5")).isTrue();
    assertThat(isRepeatable("select a from (select b from s limit 1) x order by c")).isFalse();
    assertThat(isRepeatable("select a from t order by (select 1) offset 2")).isTrue();
    assertThat(isRepeatable("select distinct on (a) a from t")).isFalse();
    assertThat(isRepeatable("select t.limit from t")).isTrue();
  }

  @Test
  void longNamesAreCutAsPostgresCutsThem() {
    String name = "ä".repeat(40);
    assertThat(names(shape("select 1 from " + name))).containsExactly("ä".repeat(31));
  }

  @Test
  void whatIsTooMuchIsNotRead() {
    Shape tooLarge = new Shape.Unknown(NotCacheable.TOO_LARGE);
    assertThat(shape("select '" + "x".repeat(70_000) + "'")).isEqualTo(tooLarge);
    assertThat(shape("select " + "(".repeat(50) + "1" + ")".repeat(50))).isEqualTo(tooLarge);
    assertThat(shape("select 1" + " + 1".repeat(3_000))).isEqualTo(tooLarge);
    assertThat(shape("select a from t where b in (1" + ", 1".repeat(2_000) + ")"))
        .isInstanceOf(Shape.Reads.class);
  }

  @Test
  void waitsNoLongerThanItsLimit() {
    assertThat(Shape.of("select 1" + " + 1".repeat(2_000), Duration.ofNanos(1)))
        .isEqualTo(new Shape.Unknown(NotCacheable.TOO_SLOW));
  }

  @Test
  void anythingHasAShape() {
    List<String> words =
        List.of(
            "select",
            "from",
            "t",
            "where",
            "(",
            ")",
            ",",
            "with",
            "a",
            "as",
            "1",
            "'x'",
            "join",
            "on",
            "order by",
            "union",
            ".",
            "*",
            "::",
            "int",
            "in",
            "[",
            "]",
            "delete",
            "update",
            "set",
            "case",
            "when",
            "end",
            "$1",
            "=",
            "-",
            "@",
            "\"q\"",
            "for",
            "only",
            "lateral",
            "values",
            "recursive",
            "search",
            "cycle",
            "cast",
            "limit",
            "copy",
            "truncate",
            "count");
    Rolls rolls = new Rolls(79);
    for (int round = 0; round < 2_000; round++) {
      StringBuilder text = new StringBuilder(rolls.oneOf(List.of("", "select ", "with a as (")));
      for (int i = rolls.between(0, 14); i > 0; i--) {
        text.append(rolls.oneOf(words)).append(' ');
      }
      assertThat(Shape.of(text.toString(), PATIENT)).as("seed %d", rolls.seed()).isNotNull();
    }
  }

  private static Shape shape(String sql) {
    return Shape.of(sql, PATIENT);
  }

  private static boolean isRepeatable(String sql) {
    return shape(sql) instanceof Shape.Reads reads && reads.repeatable();
  }

  private static Set<String> names(Shape shape) {
    assertThat(shape).isInstanceOf(Shape.Reads.class);
    return texts(((Shape.Reads) shape).tables());
  }

  private static Set<String> texts(Set<TableName> tables) {
    return tables.stream().map(TableName::toString).collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> set(@org.jspecify.annotations.Nullable String spaced) {
    return spaced == null ? Set.of() : new TreeSet<>(Arrays.asList(spaced.strip().split(" ", -1)));
  }
}
