package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.app.Plans.Plan;
import dev.freshet.base.FakeTime;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a real PostgreSQL's plans are taken to say: an index is named only where one would help.
class PlansTest {
  private final FakeTime time = new FakeTime(0);
  private final Plans plans = plans(time);

  private static Plans plans(FakeTime time) {
    Settings settings =
        Reading.read(
            """
            %sdatabase: postgresql://postgres:postgres@127.0.0.1:%d/postgres
            """
                .formatted(Reading.ORIGIN, TracedNode.postgres().getPort()));
    return new Plans(settings::changes, time);
  }

  @BeforeAll
  static void somethingToLookFor() throws SQLException {
    run(
        """
        drop schema if exists advice cascade;
        create schema advice;
        create table advice.lines (id int primary key, shop int, product int, kind int, slug
          varchar(40), code char(6), word text, story text, day date, unique (shop, id));
        insert into advice.lines select i, i % 500, i, i % 4, 'slug' || i % 700, i % 800,
          'word' || i % 900, repeat('story' || i, 60), date '2026-01-01' + i % 300
          from generate_series(1, 20000) i;
        create table advice."Odd "" name" (id int primary key, "The Key" int);
        insert into advice."Odd "" name" select i, i % 400 from generate_series(1, 2000) i;
        create table advice.few (id int primary key, shop int);
        insert into advice.few select i, i from generate_series(1, 20) i;
        create table advice.many (id int primary key, code char(6), day date);
        insert into advice.many select i, i, date '2026-01-01' + i % 300
          from generate_series(1, 15000) i;
        create table advice.parted (id int, shop int) partition by range (id);
        create table advice.part partition of advice.parted for values from (0) to (9000);
        insert into advice.parted select i, i from generate_series(1, 8000) i;
        analyze advice.lines, advice."Odd "" name", advice.few, advice.many, advice.parted;
        """);
  }

  private static void run(String sql) throws SQLException {
    try (Connection direct = TracedNode.direct();
        Statement statement = direct.createStatement()) {
      for (String each : sql.split(";\n", -1)) {
        statement.execute(each);
      }
    }
  }

  private Plan plan(String sql) {
    return Objects.requireNonNull(plans.of(List.of(sql)).get(sql), sql);
  }

  @Test
  void aTableReadFromEndToEndIsNamedWithItsColumn() {
    String scan = "select count(*) from things where grp = $1";
    String key = "select grp from things where id = 7";
    String wrong = "select nothing from nowhere";
    String two = "select 1; delete from things";
    var told = plans.of(List.of(scan, key, wrong, two));
    assertThat(plan(scan).lines())
        .containsExactly(
            "reads all of things (5,000 rows) to find some by grp: consider an index on things"
                + " (grp)");
    assertThat(plan(key).lines()).isEmpty();
    assertThat(plan(wrong).lines()).singleElement().asString().startsWith("not explained: ERROR");
    assertThat(told).doesNotContainKey(two);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from advice.lines where product = $1",
        "select * from advice.lines where product = 7 and kind = 3 and upper(word) = 'A'",
        "select * from advice.lines l where l.product = any($1) and kind = 2",
        "select * from advice.lines where product in (1, 2, 3)",
        "update advice.lines set kind = 1 where product = $1",
        "delete from advice.lines where $1 = product",
        "select (select count(*) from advice.lines l where l.product = f.shop) from advice.few f",
        "select * from advice.few f join advice.lines l on l.product = f.shop",
        "select * from advice.few f left join advice.lines l on l.product = f.shop where f.id = 3"
      })
  void anIndexIsNamedWhereOneColumnIsLookedUp(String sql) {
    assertThat(plan(sql).indexes())
        .as("%s", plan(sql))
        .singleElement()
        .extracting(MissingIndex::creation)
        .isEqualTo(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS freshet_lines_product ON advice.lines"
                + " (product)");
  }

  /// PostgreSQL writes a cast where none is needed.
  @ParameterizedTest
  @ValueSource(strings = {"slug = 'slug7'", "code = $1", "word = 'word7'", "day = $1"})
  void textsAndDaysCanBeLookedUpToo(String condition) {
    String sql = "select * from advice.lines where " + condition;
    assertThat(plan(sql).indexes())
        .singleElement()
        .extracting(MissingIndex::column)
        .isEqualTo(condition.substring(0, condition.indexOf(' ')));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from advice.lines where word ilike '%x%'",
        "select * from advice.lines where product = $1 or kind = $2",
        "select * from advice.lines where upper(word) = 'A'",
        "select * from advice.lines where product + 1 = $1",
        "select * from advice.lines where product::text = '7'",
        "select * from advice.lines where product = 3.5",
        "select * from advice.lines where product = id",
        "select * from advice.lines where product > $1",
        "select * from advice.lines where product <> $1",
        "select * from advice.lines where kind = $1",
        "select * from advice.lines where story = 'once'",
        "select * from advice.lines where word = ' AND product = 7'::text || kind",
        "select * from advice.lines where shop = 7 and kind in (1, 2, 3, 4)",
        "select * from advice.lines l join advice.many m using (day)",
        "select * from advice.many m left join advice.lines l on l.product = m.id",
        "select * from advice.lines l left join advice.few f on l.product = f.shop",
        "select * from advice.few where shop = $1",
        "select * from advice.parted where shop = $1",
        "select * from advice.lines",
        "select attname from pg_attribute where atttypmod = 3"
      })
  void noIndexIsNamedWhereNoneWouldHelpForSure(String sql) {
    assertThat(plan(sql).indexes()).isEmpty();
    assertThat(plan(sql).lines()).noneMatch(line -> line.contains("not explained"));
  }

  @Test
  void namesAreQuotedAndWhatIsMadeByThemIsUsed() throws SQLException {
    String sql = "select * from advice.\"Odd \"\" name\" where \"The Key\" = $1";
    MissingIndex index = plan(sql).indexes().getFirst();
    assertThat(index.creation())
        .isEqualTo(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS \"freshet_Odd \"\" name_The Key\" ON"
                + " advice.\"Odd \"\" name\" (\"The Key\")");
    run(index.creation());
    assertThat(plan(sql).indexes()).as("asked a moment ago").hasSize(1);
    time.advance(Duration.ofMinutes(1));
    assertThat(plan(sql)).isEqualTo(new Plan(List.of(), List.of()));
  }

  /// Two names that are cut at the same place would be one, and the second index never made.
  @Test
  void longNamesStayApart() throws SQLException {
    String common = "a_name_that_is_longer_than_what_is_left_of_a_name_in_it";
    run(
        """
        create table advice.long_names (%1$s_1 int, %1$s_2 int);
        insert into advice.long_names select i, i from generate_series(1, 5000) i;
        analyze advice.long_names
        """
            .formatted(common));
    String one =
        plan("select 1 from advice.long_names where " + common + "_1 = 7")
            .indexes()
            .getFirst()
            .creation();
    String two =
        plan("select 1 from advice.long_names where " + common + "_2 = 7")
            .indexes()
            .getFirst()
            .creation();
    assertThat(one).isNotEqualTo(two);
    run(one);
    run(two);
  }

  /// As where the user may not read the column, or nobody ever has counted.
  @Test
  void whatIsNotKnownOfAColumnIsSaid() throws SQLException {
    run(
        """
        create table advice.uncounted (id int primary key, shop int);
        alter table advice.uncounted alter shop set statistics 0;
        insert into advice.uncounted select i, i from generate_series(1, 5000) i;
        analyze advice.uncounted
        """);
    assertThat(plan("select id from advice.uncounted where shop = $1").lines())
        .singleElement()
        .asString()
        .endsWith("uncounted (shop) (how many values it has is not known: ANALYZE the table)");
  }

  @Test
  void anIndexThatIsBrokenOrPartialIsNone() throws SQLException {
    String sql = "select id from advice.many where code = $1";
    run("create index many_some on advice.many (code) where id < 100");
    assertThat(plan(sql).indexes()).hasSize(1);
    run("create index many_all on advice.many (code, id)");
    plans.forget();
    assertThat(plan(sql).indexes()).isEmpty();
  }
}
