package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What changes while no row does: a stored 'today', the clocks of a zone, names, who a session is.
class MomentsTest {
  private static Database database;
  private static Catalog catalog;

  @BeforeAll
  static void begin() throws SQLException {
    database = Database.open();
    database.run(
        """
        create table users (id bigint primary key, name varchar(40));
        create table orders (id int primary key, state text, placed timestamptz, day date,
          opens time, closes timetz);
        create table trips (id int primary key, leaves timetz);
        create table signs (id int primary key, target regclass);
        create table maps (id int primary key, targets regrole[]);
        create domain pointer as regproc;
        create table hands (id int primary key, target pointer);
        create table rights (id int primary key, granted aclitem[]);
        create view dated as select id, name::date as day from users;
        create view words as select id, name as day from users;
        """);
    catalog = database.catalog();
  }

  @AfterAll
  static void end() throws SQLException {
    database.close();
  }

  private static Footprint footprint(String sql) {
    return Footprint.of(Shape.of(sql), catalog, FootprintTest.READER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select name::date from users",
        "select u.name::text::date from users u",
        "select cast(name as timestamptz) from users",
        "select date(name) from users",
        "select ('to' || 'day')::date, id from users",
        "select cast(concat('tod', $1) as date), id from users",
        "select date(reverse('yadot')), id from users",
        "select substr('xtoday', 2)::date, id from users",
        "select split_part('a,today', ',', 2)::date, id from users",
        "select ('{\"a\": \"today\"}'::json ->> 'a')::date, id from users",
        "select concat(name, ' 10:00')::timestamp from users",
        "select case when id = 1 then name end::date from users",
        "select (array[name])[1]::date from users",
        "select day::date from (select name as day from users) u, orders",
        "select d::date from (select * from users) u (a, b, d)",
        "select * from dated",
        "select day::date from words",
      })
  void aStoredTextThatIsCastToADateMayBeToday(String sql) {
    assertThat(footprint(sql)).isEqualTo(new Footprint.Unknown(NotCacheable.CLOCK));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select placed::date from orders where state = 'new'",
        "select date_trunc('month', max(o.placed))::date from orders o where state = 'new'",
        "select cast(day as timestamp), date(placed) from orders where state = 'new'",
        "select n::date from generate_series('2026-01-01'::date, '2026-02-01', '1 day') n, orders",
      })
  void datesThatAreMadeOfNoTextAreOfNoMoment(String sql) {
    assertThat(footprint(sql)).isInstanceOf(Footprint.Reads.class);
  }

  /// The clocks of a zone are changed twice a year.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "select '12:00 Europe/Berlin'::timetz, id from orders",
        "select cast('12:00' as time with time zone), id from orders",
        "select time(3) with time zone '12:00', id from orders",
        "select opens::timetz from orders",
        "select opens at time zone 'Europe/Berlin' from orders",
        "select (max(opens)) at time zone 'Europe/Berlin' from orders",
        "select timezone('Europe/Berlin', opens) from orders",
        "select t at time zone 'Europe/Berlin' from (select opens as t from orders) o",
        "select time '12:00' at time zone 'Europe/Berlin', id from orders",
        "select '12:00'::time at time zone 'Europe/Berlin', id from orders",
        "select make_time(12, 0, 0) at time zone 'Europe/Berlin', id from orders",
        "select closes at time zone 'Europe/Berlin' from orders",
        "select id from trips where leaves > '12:00'",
        "select c at time zone 'Europe/Berlin' from (select * from trips) t (id, c)",
        "select timezone('Europe/Berlin', c) from (select * from trips) t (id, c)",
      })
  void aTimeOfDayWithAZoneIsOfTheDayItIsAskedFor(String sql) {
    assertThat(footprint(sql)).isEqualTo(new Footprint.Unknown(NotCacheable.CLOCK));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from trips where id = 1",
        "select placed at time zone 'UTC', opens from orders where id = 1",
        "select (o.placed at time zone 'Europe/Berlin')::date as day from orders o",
        "select placed::timestamp with time zone, time '12:00' from orders",
      })
  void whatHasADateOrNoZoneIsNot(String sql) {
    assertThat(footprint(sql)).isInstanceOf(Footprint.Reads.class);
  }

  /// They are stored as numbers, and printed by the name that the number has at that moment.
  @ParameterizedTest
  @ValueSource(strings = {"signs", "maps", "hands", "rights"})
  void aNameThatTheCatalogGivesMayBeAnother(String table) {
    assertThat(footprint("select * from " + table + " where id = 1"))
        .isEqualTo(new Footprint.Unknown(NotCacheable.USER_TYPE));
  }

  @Test
  void rowSecurityBindsThoseWhoseSessionsBeginAsAnother() throws SQLException {
    try (Database other = Database.open()) {
      other.run(
          """
          do $$ begin create role visitor; exception when duplicate_object then null; end $$;
          create table secret (id int primary key);
          alter table secret enable row level security;
          do $$ begin execute format('alter role postgres in database %I set role to visitor',
            current_database()); end $$
          """);
      assertThat(
              Footprint.of(Shape.of("select * from secret"), other.catalog(), FootprintTest.READER))
          .isEqualTo(new Footprint.Unknown(NotCacheable.ROW_SECURITY));
    }
  }
}
