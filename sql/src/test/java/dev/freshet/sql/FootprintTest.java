package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.freshness.Dependency;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FootprintTest {
  private static final Duration PATIENT = Duration.ofSeconds(60);
  static final Viewpoint READER = Viewpoint.of("postgres", "\"$user\", public");

  /// Stands for NULL.
  private static final byte[] NULL = {};

  private static Database database;
  private static Catalog catalog;

  @BeforeAll
  static void begin() throws SQLException {
    database = Database.open();
    database.run(
        """
        create extension citext;
        create collation nocase
          (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        create type state as enum ('new', 'paid');
        create domain short as varchar(20) check (value <> '');
        create table users (id bigint primary key, email text unique, name varchar(40),
          nick citext, code char(4), boss bigint, active bool, alias text collate nocase,
          label short);
        create table orders (id int primary key, user_id bigint references users, state state,
          total numeric(10, 2), placed timestamptz, day date, score float8, key uuid,
          at timestamp, n smallint);
        create table items (order_id int, line int, product text, primary key (order_id, line));
        create view open_orders as
          select o.id as number, u.email, o.user_id from orders o join users u on u.id = o.user_id
          where o.state = 'new';
        create view counted as
          select user_id, count(*) as orders from orders group by user_id;
        create view latest as select * from orders order by id desc limit 3;
        create view seven as select * from users where id = 7 and name = 'x';
        create view clocked as select * from orders where placed > now();
        create table parts (id int, region text, primary key (id, region))
          partition by list (region);
        create table parts_eu partition of parts for values in ('eu');
        create table parent (id int primary key, a int);
        create table child (b int, primary key (id)) inherits (parent);
        create unlogged table scratch (id int primary key);
        create table loose (id int);
        create table secret (id int primary key);
        alter table secret enable row level security;
        create materialized view summed as select 1 as id;
        create sequence numbers;
        create table logged (id int primary key);
        create function own() returns trigger language plpgsql as 'begin return new; end';
        create function of_user(users) returns text language sql as 'select $1.name::text';
        create trigger own after insert on logged for each row execute function own();
        create function most() returns bigint language sql as 'select max(id) from users';
        create function stars(int, int) returns bool language sql as 'select true';
        create operator *** (leftarg = int, rightarg = int, function = stars);
        create domain few as int check (value < most());
        create domain fewer as few default 1;
        create table plain (id serial primary key, a int generated always as identity, b uuid
          default gen_random_uuid(), c timestamptz default now() + interval '1 day',
          d date default current_date check (d > '2020-01-01'), e text default lower('X') || 'y',
          f short, g text default current_setting('a.b', true), h int generated always as (id + 1)
          stored, i timestamptz default timezone('utc', now()), j citext default 'x'::citext);
        create policy own on plain using (g = current_user) with check (id > 0);
        create table by_default (id int primary key, n bigint default most());
        create table by_check (id int primary key, check (id < most()));
        create table by_operator (id int primary key, check (id *** 1));
        create table by_domain (id int primary key, n fewer);
        create table by_domains (id int primary key, n fewer[]);
        create table by_policy (id int primary key);
        create policy others on by_policy using (exists (select from users u where u.id = 1));
        create table by_xml (id int primary key, n text
          default query_to_xml('select max(id) from users', true, false, '')::text);
        create table by_part (id int, region text default 'eu', primary key (id, region))
          partition by list (region);
        create table by_part_eu partition of by_part (check (id < most())) for values in ('eu');
        create table by_heir (id int primary key);
        create table by_heir_1 (n bigint default most()) inherits (by_heir);
        do $$ begin create role visitor; exception when duplicate_object then null; end $$;
        """);
    catalog = database.catalog();
  }

  @AfterAll
  static void end() throws SQLException {
    database.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "select * from users where id = 5 | users.id=5",
        "select * from users | users",
        "select * from users where id = '5' and name = 'x' | users.id=5",
        "select * from users where 5 = id | users.id=5",
        "select * from users where id = -5 | users.id=-5",
        "select * from users where (id) = (5) | users.id=5",
        "select * from users where id in (3, 1, 3) | users.id=1 users.id=3",
        "select * from users where id in (3, null) | users.id=3",
        "select * from users where id in (3::int, 4::bigint) | users.id=3 users.id=4",
        "select * from users where id = any ('{1,2}') | users.id=1 users.id=2",
        "select * from users where id = any (array[1, 2]) | users.id=1 users.id=2",
        "select * from users where id = 1 or id = 2 | users.id=1 users.id=2",
        "select * from users where (id = 1 and name = 'x') or id = 2 | users.id=1 users.id=2",
        "select * from users where id = 1 or name = 'x' | users",
        "select * from users where id = 1 or (name = 'x' and id = 3) | users.id=1 users.id=3",
        "select * from users where not id = 1 | users",
        "select * from users where id <> 1 | users",
        "select * from users where id not in (1) | users",
        "select * from users where id = 1 + 1 | users",
        "select * from users where (id = 1) is true | users",
        "select * from users where id + 1 = 1 | users",
        "select * from users where name between 'a' and 'b' and id = 4 | users.id=4",
        "select * from users where (case when id = 1 and name = 'x' then 1 end) = 1 | users",
        "select * from users where (id, name) = (4, 'y') | users.id=4",
        "select * from users where name = 'x' | users.name=x",
        "select * from users where name = 'It''s' | users.name=It's",
        "select * from users where name = $$a'b$$ | users.name=a'b",
        "select * from users where name = e'a' | users.name=a",
        "select * from users where name collate \"C\" = 'x' | users",
        "select * from users where lower(name) = 'x' | users",
        "select * from users where nick = 'x' | users",
        "select * from users where alias = 'x' | users",
        "select * from users where code = 'ab  ' | users.code=ab",
        "select * from users where active = true | users.active=t",
        "select * from users where active = 'no' | users.active=f",
        "select * from users where label = 'x' | users.label=x",
        "select * from orders where state = 'new' | orders.state=new",
        "select * from orders where total = 5.10 | orders.total=5.1",
        "select * from orders where n = 5.0 | orders.n=5",
        "select * from orders where score = 5 | orders",
        "select * from orders where day = '2026-01-02' | orders.day=2026-01-02",
        "select * from orders where day = 'January 2, 2026' | orders",
        "select * from orders where placed = '2026-01-02 01:00+02' "
            + "| orders.placed=2026-01-01T23:00Z",
        "select * from orders where placed = '2026-01-02 01:00' | orders",
        "select * from orders where at = '2026-01-02 01:00:00.500' "
            + "| orders.at=2026-01-02T01:00:00.500",
        "select * from orders where key = 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11' "
            + "| orders.key=a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "select * from orders where id = null | orders",
        "select * from \"orders\" \"O\" where \"O\".\"id\" = 5 | orders.id=5",
        "select * from public.orders where orders.id = 5 | orders.id=5",
        "select * from public.orders where public.orders.id = 5 | orders.id=5",
        "select count(*) from orders where user_id = 5 group by state having count(*) > 1 "
            + "| orders.user_id=5",
      })
  void equalitiesInWhereNameRows(String sql, String dependencies) {
    assertThat(dependencies(sql)).isEqualTo(set(dependencies));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "select * from orders o join items i on i.order_id = o.id where o.id = 5"
            + " | orders.id=5 items.order_id=5",
        "select * from orders o, items i where i.order_id = o.id and i.order_id = 5"
            + " | orders.id=5 items.order_id=5",
        "select * from orders o join users u on u.id = o.user_id where o.id = 5"
            + " | orders.id=5 users",
        "select * from users u join orders o on u.id = o.user_id join items i on i.order_id = o.id"
            + " where u.id = 5 | users.id=5 orders.user_id=5 items",
        "select * from orders o left join items i on i.order_id = o.id where o.id = 5"
            + " | orders.id=5 items.order_id=5",
        "select * from orders o left join items i on i.order_id = o.id and o.id = 5"
            + " | orders items",
        "select * from orders o left join items i on i.order_id = o.id and i.order_id = 5"
            + " | orders items.order_id=5",
        "select * from orders o left join items i on i.order_id = o.id where i.order_id = 5"
            + " | orders items.order_id=5",
        "select * from items i right join orders o on i.order_id = o.id where o.id = 5"
            + " | orders.id=5 items.order_id=5",
        "select * from orders o full join items i on i.order_id = o.id where o.id = 5"
            + " | orders.id=5 items",
        "select * from orders o join users u using (id) where u.id = 5"
            + " | orders.id=5 users.id=5",
        "select * from orders o join users u using (id) where id = 5 | orders users",
        "select * from orders where state = 'new'::state | orders.state=new",
        "select * from orders where state = cast('new' as \"public\".\"state\")"
            + " | orders.state=new",
        "select * from users a join users b on a.boss = b.id where a.id = 5 | users",
        "select * from users a join users b on a.boss = b.id where a.id = 5 and b.id = 6"
            + " | users.id=5 users.id=6",
        "select * from orders where user_id = 5 and exists (select 1 from items where"
            + " order_id = orders.id) | orders.user_id=5 items",
        "select * from orders where id = 5 and exists (select 1 from items where"
            + " order_id = orders.id) | orders.id=5 items.order_id=5",
        "select * from orders where id = 5 and not exists (select 1 from items where"
            + " order_id = id) | orders.id=5 items.order_id=5",
        "select (select count(*) from items i where i.order_id = o.id) from orders o where"
            + " o.id = 5 | orders.id=5 items.order_id=5",
        "select * from orders where id in (select order_id from items where order_id = 5)"
            + " | orders.id=5 items.order_id=5",
        "select * from orders where id = 5 and id in (select order_id from items)"
            + " | orders.id=5 items.order_id=5",
        "select * from orders where id = 5 and id in (select order_id from items limit 1)"
            + " | orders.id=5 items",
        "select * from orders where id = 5 and id not in (select order_id from items)"
            + " | orders.id=5 items",
        "select * from (select id, user_id as u from orders) x where x.u = 5 | orders.user_id=5",
        "select * from (select * from orders) x where x.id = 5 | orders.id=5",
        "select * from (select * from orders limit 1) x where x.id = 5 | orders",
        "select * from (select distinct user_id from orders) x where user_id = 5"
            + " | orders.user_id=5",
        "select * from (select user_id, count(*) from orders group by user_id) x"
            + " where user_id = 5 | orders.user_id=5",
        "select * from (select user_id, sum(id) over () from orders) x where user_id = 5 | orders",
      })
  void joinsCarryValuesAlong(String sql, String dependencies) {
    assertThat(dependencies(sql)).isEqualTo(set(dependencies));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "with o as (select * from orders where id = 5) select * from o join items i"
            + " on i.order_id = o.id | orders.id=5 items.order_id=5",
        "with o as (select * from orders) select * from o where id = 5 | orders",
        "select id from orders where id = 5 union select order_id from items where order_id = 6"
            + " | orders.id=5 items.order_id=6",
        "select * from orders o, lateral (select * from items i where i.order_id = o.id) x"
            + " where o.id = 5 | orders.id=5 items.order_id=5",
        "select * from orders o left join lateral (select o.id as oid from items) x on x.oid = 5"
            + " | orders items",
        "select * from orders o where exists (select 1 from (select o.id as oid from items) x"
            + " where x.oid = 5) | orders items",
        "select * from orders o cross join unnest(array[1]) x where o.id = 5 | orders.id=5",
        "select * from orders o join (items i join users u on u.id = 3) on i.order_id = o.id"
            + " where o.id = 5 | orders.id=5 items.order_id=5 users.id=3",
      })
  void furtherQueriesWithinCarryValuesAlong(String sql, String dependencies) {
    assertThat(dependencies(sql)).isEqualTo(set(dependencies));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "select * from open_orders | orders.state=new users",
        "select * from open_orders where number = 5 | orders.id=5 users",
        "select * from open_orders where user_id = 5 | orders.user_id=5 users.id=5",
        "select * from counted where user_id = 5 | orders.user_id=5",
        "select * from latest where id = 5 | orders",
        "select * from seven | users.id=7",
        "select * from parts where id = 5 | parts.id=5",
        "select * from parts_eu where id = 5 | parts.id=5",
        "select * from parent where id = 5 | parent.id=5 child.id=5",
        "select * from only parent where id = 5 | parent.id=5",
        "select 1 |",
      })
  void viewsPartitionsAndHeirsAreTheirTables(String sql, String dependencies) {
    assertThat(dependencies(sql)).isEqualTo(set(dependencies));
  }

  static Catalog catalog() {
    return catalog;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CLOCK | select * from clocked",
        "UNLOGGED | select * from scratch",
        "NO_REPLICA_IDENTITY | select * from loose",
        "MATERIALIZED_VIEW | select * from summed",
        "SEQUENCE | select * from numbers",
        "UNKNOWN_RELATION | select * from nowhere",
        "CATALOG | select * from information_schema.tables",
        "SYSTEM_COLUMN | select ctid from users",
      })
  void whatTheFeedCannotFollowIsNotCacheable(NotCacheable reason, String sql) {
    assertThat(footprint(sql, READER)).isEqualTo(new Footprint.Unknown(reason));
  }

  @Test
  void rowSecurityIsNotCacheableForThoseItBinds() {
    assertThat(footprint("select * from secret", READER)).isInstanceOf(Footprint.Reads.class);
    assertThat(footprint("select * from secret", Viewpoint.of("visitor", "public")))
        .isEqualTo(new Footprint.Unknown(NotCacheable.ROW_SECURITY));
  }

  @Test
  void whatComesBeforePostgresOwnNamesIsNotCacheable() throws SQLException {
    assertThat(footprint("select 1", Viewpoint.of("postgres", "public, pg_catalog")))
        .isEqualTo(new Footprint.Unknown(NotCacheable.SEARCH_PATH));
    try (Database other = Database.open()) {
      other.run(
          """
          create schema side;
          create table t (id int primary key, a text);
          create function public.lower(t) returns text language sql as $$ select 'x' $$;
          create function side.upper(int) returns text language sql as $$ select 'x' $$;
          create function side.same(int, text) returns bool language sql as $$ select true $$;
          create operator side.= (leftarg = int, rightarg = text, function = side.same);
          """);
      Catalog own = other.catalog();
      assertThat(Footprint.of(shape("select lower(a) from t"), own, READER))
          .isEqualTo(new Footprint.Unknown(NotCacheable.USER_FUNCTION));
      assertThat(Footprint.of(shape("select t.lower from t"), own, READER))
          .isEqualTo(new Footprint.Unknown(NotCacheable.USER_FUNCTION));
      assertThat(Footprint.of(shape("select upper(a) from t where id = 1"), own, READER))
          .isInstanceOf(Footprint.Reads.class);
      assertThat(Footprint.of(shape("select 1"), own, Viewpoint.of("postgres", "side, public")))
          .isEqualTo(new Footprint.Unknown(NotCacheable.USER_OPERATOR));
    }
  }

  @Test
  void namesAreSoughtAlongTheSearchPath() throws SQLException {
    try (Database other = Database.open()) {
      other.run(
          """
          create schema visitor authorization visitor;
          create table visitor.t (id int primary key);
          create table public.t (id int primary key);
          create schema closed;
          create table closed.t (id int primary key);
          """);
      Catalog own = other.catalog();
      Shape shape = shape("select * from t where id = 1");
      String path = "\"$user\", public";
      assertThat(relations(Footprint.of(shape, own, Viewpoint.of("visitor", path)), own))
          .containsExactly("visitor.t");
      assertThat(relations(Footprint.of(shape, own, Viewpoint.of("postgres", path)), own))
          .containsExactly("public.t");
      assertThat(Footprint.of(shape, own, Viewpoint.of("visitor", "closed, public")))
          .isEqualTo(new Footprint.Unknown(NotCacheable.AMBIGUOUS_NAME));
    }
  }

  private static List<String> relations(Footprint footprint, Catalog of) {
    List<String> out = new ArrayList<>();
    for (Dependency each :
        ((Footprint.Reads) footprint)
            .dependencies(Arguments.of(Statement.read("select * from t where id = 1")))) {
      Catalog.Relation relation = of.relation(each.relation());
      out.add(relation == null ? "none" : relation.schema() + "." + relation.name());
    }
    return out;
  }

  @Test
  void constantsComeFromTheTextThatRuns() {
    Footprint.Reads reads =
        (Footprint.Reads) footprint("select * from users where id in (1) and name = 'x'", READER);
    Statement other = Statement.read("SELECT * FROM users WHERE id IN (4, '5') AND name = null;");
    assertThat(texts(reads.dependencies(Arguments.of(other))))
        .isEqualTo(set("users.id=4 users.id=5"));
  }

  @Test
  void parametersAreBoundInText() {
    String sql = "select * from users where id = $2 and name = $1";
    assertThat(bound(sql, List.of(), false, text("x"), text("5"))).isEqualTo(set("users.id=5"));
    assertThat(bound(sql, List.of(25, 20), false, text("x"), NULL)).isEqualTo(set("users.name=x"));
    assertThat(bound(sql, List.of(25, 701), false, text("x"), text("5")))
        .isEqualTo(set("users.name=x"));
    String any = "select * from users where id = any ($1)";
    assertThat(bound(any, List.of(), false, text("{1,NULL,\"2\"}")))
        .isEqualTo(set("users.id=1 users.id=2"));
    assertThat(bound(any, List.of(1007), false, text("{{1},{2}}"))).isEqualTo(set("users"));
    assertThat(bound("select * from users where id = $1::int", List.of(), false, text("7")))
        .isEqualTo(set("users.id=7"));
    assertThat(bound("select * from users where id = $1::int", List.of(25), false, text("7")))
        .isEqualTo(set("users.id=7"));
    assertThat(bound("select * from users where id = $1::int", List.of(1700), false, text("7.4")))
        .isEqualTo(set("users"));
  }

  @Test
  void parametersAreBoundInBinary() {
    String id = "select * from users where id = $1";
    assertThat(bound(id, List.of(23), true, new byte[] {-1, -1, -1, -2}))
        .isEqualTo(set("users.id=-2"));
    assertThat(bound(id, List.of(), true, new byte[] {0, 0, 0, 0, 0, 0, 1, 0}))
        .isEqualTo(set("users.id=256"));
    assertThat(bound(id, List.of(21), true, new byte[] {0, 0, 0, 1})).isEqualTo(set("users"));
    // Beside 2.5 the server takes the octets of $1 for a numeric.
    String mixed = "select * from users where id in ($1, 2.5)";
    assertThat(bound(mixed, List.of(), true, new byte[] {0, 0, 0, 0, 0, 0, 0, 2}))
        .isEqualTo(set("users"));
    byte[] array = {
      0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 9, -1, -1,
      -1, -1
    };
    assertThat(bound("select * from users where id = any ($1)", List.of(1007), true, array))
        .isEqualTo(set("users.id=9"));
    assertThat(
            bound(
                "select * from orders where day = $1",
                List.of(1082),
                true,
                new byte[] {0, 0, 0, 1}))
        .isEqualTo(set("orders.day=2000-01-02"));
    // 12345.678: digits 1, 2345 and 6780.
    byte[] numeric = {0, 3, 0, 1, 0, 0, 0, 3, 0, 1, 9, 41, 26, 124};
    assertThat(bound("select * from orders where total = $1", List.of(1700), true, numeric))
        .isEqualTo(set("orders.total=12345.678"));
  }

  @Test
  void aParameterOfUnknownTypeCountsWhereItCanHaveOneTypeOnly() {
    String both =
        "select * from orders where id = $1 and exists (select 1 from items where"
            + " order_id = $1)";
    assertThat(bound(both, List.of(), false, text("5")))
        .isEqualTo(set("orders.id=5 items.order_id=5"));
    String mixed = "select * from orders where at = $1 and placed > $1";
    assertThat(bound(mixed, List.of(), false, text("2026-01-01 00:00:00")))
        .isEqualTo(set("orders"));
    assertThat(bound(mixed, List.of(1114), false, text("2026-01-01 00:00:00")))
        .isEqualTo(set("orders.at=2026-01-01T00:00"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "insert into users (id) values (1) | users | true",
        "update parts set id = 1 | parts | true",
        "update parts_eu set id = 1 | parts | true",
        "delete from parent | parent child | true",
        "insert into logged values (1) | logged | false",
        "with a as (delete from items returning *), b as (insert into orders (id) values (1))"
            + " select * from a | items orders | true",
      })
  void writesNameTheirTables(String sql, String tables, boolean isAll) {
    assertThat(footprint(sql, READER))
        .isInstanceOfSatisfying(
            Footprint.Writes.class,
            writes -> {
              Set<String> names = new TreeSet<>();
              writes.relations().forEach(oid -> names.add(name(oid)));
              assertThat(names).isEqualTo(set(tables));
              assertThat(writes.isAll()).isEqualTo(isAll);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "false | insert into users (id) values (1)",
        "false | insert into public.users as u (id, name) values ($1, lower($2)), (3, 'x')"
            + " on conflict (id) do update set (name, code) = row(excluded.name, 'a')"
            + " where u.id in (1, 2) returning (id), name as label",
        "false | update orders set placed = now() + interval '1 day', key = gen_random_uuid()"
            + " where id = $1 returning 'done'",
        "false | update only (orders) o set (n, day) = (o.n + 1, current_date) where id = 3",
        "false | update orders set total = cast($1 as numeric(10, 2)), at = localtimestamp(0)"
            + " where state = $2::state",
        "false | delete from orders where placed < now() - interval '1 day'",
        "false | truncate users",
        "true | update users set name = name where id = 1 returning told()",
        "true | update users set name = \"told\"() where id = 1",
        "true | update users set name = public.told() where id = 1",
        "true | insert into users values (told())",
        "true | insert into users (id) values (1) on conflict (id) do update set name = told ()",
        "true | insert into users (id) values (1) returning (id), users.of_user",
        "true | delete from users where exists (select from orders)",
        "true | delete from users using orders where user_id = users.id",
        "true | update users set name = o.code from orders o",
        "true | update users set code = code operator(public.=) 'x'",
        "true | update users set nick = $1::unheard_of",
        "true | update orders set n = 1 where id = set(1)",
        "true | with a as (delete from items returning *) select * from a",
        "true | copy users from stdin",
      })
  void changesThatCallWhatIsNotKnownMayRead(boolean mayRead, String sql) {
    assertThat(footprint(sql, READER))
        .isInstanceOfSatisfying(
            Footprint.Writes.class, writes -> assertThat(writes.mayRead()).isEqualTo(mayRead));
  }

  /// What PostgreSQL evaluates by itself is nowhere in the text.
  @ParameterizedTest
  @CsvSource({
    "false, plain",
    "false, orders",
    "true, by_default",
    "true, by_check",
    "true, by_operator",
    "true, by_domain",
    "true, by_domains",
    "true, by_policy",
    "true, by_xml",
    "true, by_part",
    "true, by_heir",
  })
  void changesOfTablesThatConsultOthersMayRead(boolean mayRead, String table) {
    assertThat(footprint("insert into " + table + " (id) values (1) returning id", READER))
        .isInstanceOfSatisfying(
            Footprint.Writes.class, writes -> assertThat(writes.mayRead()).isEqualTo(mayRead));
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Set<String> bound(
      String sql, List<Integer> types, boolean isBinary, byte[]... values) {
    Footprint footprint = footprint(sql, READER);
    assertThat(footprint).isInstanceOf(Footprint.Reads.class);
    int[] oids = types.stream().mapToInt(Integer::intValue).toArray();
    byte[] bind = Binds.message(isBinary, nulled(values));
    Arguments arguments = Arguments.of(Statement.read(sql), oids, bind, 0);
    return texts(((Footprint.Reads) footprint).dependencies(arguments));
  }

  private static List<byte @Nullable []> nulled(byte[]... values) {
    List<byte @Nullable []> out = new ArrayList<>();
    for (byte[] value : values) {
      out.add(value.length == 0 ? null : value);
    }
    return out;
  }

  private static Shape shape(String sql) {
    return Shape.of(sql, PATIENT);
  }

  static Footprint footprint(String sql, Viewpoint viewpoint) {
    return Footprint.of(shape(sql), catalog, viewpoint);
  }

  private static Set<String> dependencies(String sql) {
    Footprint footprint = footprint(sql, READER);
    assertThat(footprint).isInstanceOf(Footprint.Reads.class);
    return texts(((Footprint.Reads) footprint).dependencies(Arguments.of(Statement.read(sql))));
  }

  private static Set<String> texts(List<Dependency> dependencies) {
    Set<String> out = new TreeSet<>();
    for (Dependency dependency : dependencies) {
      out.add(text(dependency));
    }
    return out;
  }

  static String text(Dependency dependency) {
    return switch (dependency) {
      case Dependency.Table(long relation) -> name(relation);
      case Dependency.Rows(long relation, int column, String value) ->
          name(relation) + "." + column(relation, column) + "=" + value;
      case Dependency.Columns columns -> text(columns.of());
    };
  }

  static String column(long relation, int number) {
    Catalog.Relation of = catalog.relation(relation);
    Catalog.Column in = of == null ? null : of.column(number);
    return in == null ? "none" : in.name();
  }

  private static String name(long relation) {
    Catalog.Relation found = catalog.relation(relation);
    return found == null ? "none" : found.name();
  }

  static Set<String> set(@Nullable String spaced) {
    return spaced == null ? Set.of() : new TreeSet<>(Arrays.asList(spaced.strip().split(" ", -1)));
  }
}
