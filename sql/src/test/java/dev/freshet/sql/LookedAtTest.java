package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.freshness.Comparison;
import dev.freshet.freshness.Dependency;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which columns of the rows bear on an answer, and how.
class LookedAtTest {
  @BeforeAll
  static void begin() throws SQLException {
    FootprintTest.begin();
  }

  @AfterAll
  static void end() throws SQLException {
    FootprintTest.end();
  }

  /// Behind the query: all columns that it may look at, and those that decide where the rows are
  /// known that it shows; with a star where any may.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "select count(*) from orders | orders() | orders()",
        "select count(*) from orders where day = '2026-01-01'"
            + " | orders.day=2026-01-01(day) | orders.day=2026-01-01(day)",
        "select total from orders order by placed limit 3"
            + " | orders(placed,total) | orders(placed,total)",
        "select o.id, total as t from orders as o where n > 3 order by placed desc"
            + " | orders(id,n<=3,placed,total) | orders(n<=3,placed)",
        "select o.id, total as t from orders o order by t | orders(id,total) | orders(total)",
        "select o.id, total as t from orders o order by 2"
            + " | orders(id,total) | orders(id,total)",
        "select o.id, total as t from orders o order by (2) desc, 1"
            + " | orders(id,total) | orders(id,total)",
        "select o.id, total * 2 from orders o where day = '2026-01-01'"
            + " | orders.day=2026-01-01(day,id,total) | orders.day=2026-01-01(day,total)",
        "select * from orders where user_id = 5 order by day"
            + " | orders.user_id=5* | orders.user_id=5(day,user_id)",
        "select o.* from orders o where user_id = 5 order by day"
            + " | orders.user_id=5* | orders.user_id=5(day,user_id)",
        "select distinct id, day from orders | orders(day,id) | orders(day,id)",
        "select id, day, sum(total) over () from orders"
            + " | orders(day,id,total) | orders(day,id,total)",
        "select day, id from orders union select day, id from orders"
            + " | orders(day,id) | orders(day,id)",
        "select user_id, count(*) from orders group by user_id"
            + " | orders(user_id) | orders(user_id)",
        "select id, total from orders limit 3 | orders* | orders*",
        "select o from orders o | orders* | orders*",
        "select count(o) from orders o | orders* | orders*",
        "select orders.id, orders::text from orders | orders* | orders*",
        "select o.id, o.row_to_json from orders o | orders* | orders*",
        "select xmin, id from orders | orders* | orders*",
        "select count(*) from parts_eu | parts* | parts*",
        "select a, b from orders as o (a, b) | orders* | orders*",
        "select orders.id from orders natural join users" + " | orders* users* | orders* users*",
        "select count(*) from (select * from orders) x | orders* | orders*",
        "select n * 2 as x, n*n from orders | orders(n) | orders(n)",
        "select o.id, o.total, u.name from orders o join users u on u.id = o.user_id"
            + " where u.boss = 7 | orders(id,total,user_id) users.boss=7(boss,id,name)"
            + " | orders(id,user_id) users.boss=7(boss,id,name)",
        "select o.id, o.total, u.* from orders o join users u on u.id = o.user_id"
            + " | orders* users* | orders(id,user_id) users(id)",
        "select o.id, o.total from orders o where exists (select 1 from users where name = 'x'"
            + " and id = o.user_id) | orders(id,total,user_id) users.name=x(id,name)"
            + " | orders(id,user_id) users.name=x(id,name)",
        "select number, email from open_orders | orders.state=new(id,state,user_id)"
            + " users(email,id) | orders.state=new(id,state,user_id) users(email,id)",
        "select i.product from items i where order_id = 5"
            + " | items.order_id=5(order_id,product) | items.order_id=5(order_id,product)",
        "select id, a from parent where a = 5 | parent.a=5(a,id) child.a=5(a,id)"
            + " | parent.a=5(a) child.a=5(a)",
      })
  void columnsThatAreNotLookedAtDoNotCount(String sql, String all, String deciding) {
    check(sql, all, deciding);
  }

  /// Behind the query: all columns that it may look at, and those that decide where the rows are
  /// known that it shows; with a star where any may.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "select id, n from orders where n > 0 order by placed limit 3"
            + " | orders(id,n,placed) | orders(n<=0,placed)",
        "select id, n as stock from orders where 5 >= n and n < 7.50 order by n + total"
            + " | orders(id,n,total) | orders(n,total)",
        "select id from orders where 5 >= n and n < 7.50 and n <> 6 or day between"
            + " '2026-01-01' and '2026-02-01' | orders(day<2026-01-01,day<=2026-02-01,id,n<7.5,"
            + "n<=5,n=6) | orders(day<2026-01-01,day<=2026-02-01,n<7.5,n<=5,n=6)",
        "select id from orders where user_id = 5 and state = 'new' and key is not null"
            + " | orders.user_id=5(id,key-null,state=new,user_id)"
            + " | orders.user_id=5(key-null,state=new,user_id)",
        "select id from orders where not n > 3 and day > '2026-01-01'"
            + " | orders(day<=2026-01-01,id,n) | orders(day<=2026-01-01,n)",
        "select id from orders where n + 1 > 3 and total > 3::float8 and score > 3"
            + " | orders(id,n,score,total) | orders(n,score,total)",
        "select id from users where name > 'x' and boss in (1, 2)"
            + " | users.boss=1(boss,id,name) users.boss=2(boss,id,name)"
            + " | users.boss=1(boss,name) users.boss=2(boss,name)",
        "select o.id, (select count(*) from orders p where p.n > 3 and o.n < 2) from orders o"
            + " | orders(id,n<2) orders(id,n<=3) | orders(n<2) orders(id,n<=3)",
        "select id as n, n as id from orders where n > 3 order by id"
            + " | orders(id,n) | orders(id,n)",
      })
  void whereAColumnIsOnlyComparedItsComparisonsCount(String sql, String all, String deciding) {
    check(sql, all, deciding);
  }

  private static void check(String sql, String all, String deciding) {
    Footprint.Reads reads = (Footprint.Reads) FootprintTest.footprint(sql, FootprintTest.READER);
    Arguments arguments = Arguments.of(Statement.read(sql));
    assertThat(limits(reads.dependencies(arguments))).isEqualTo(FootprintTest.set(all));
    // Of an answer without rows nothing else is known.
    assertThat(limits(reads.shown(arguments).dependencies()))
        .isEqualTo(FootprintTest.set(deciding));
  }

  static Set<String> limits(List<Dependency> dependencies) {
    Set<String> out = new TreeSet<>();
    for (Dependency each : dependencies) {
      out.add(
          switch (each) {
            case Dependency.Columns(
                    Dependency.Whole of,
                    List<Integer> columns,
                    List<Comparison> comparisons,
                    boolean _) ->
                Stream.concat(
                        columns.stream().map(number -> FootprintTest.column(of.relation(), number)),
                        comparisons.stream().map(one -> comparison(of.relation(), one)))
                    .sorted()
                    .collect(Collectors.joining(",", FootprintTest.text(of) + "(", ")"));
            case Dependency.Whole whole -> FootprintTest.text(whole) + "*";
          });
    }
    return out;
  }

  private static String comparison(long relation, Comparison each) {
    return FootprintTest.column(relation, each.column())
        + switch (each.sign()) {
          case EQUAL -> "=" + each.value();
          case LESS -> "<" + each.value();
          case AT_MOST -> "<=" + each.value();
          case NULL -> "-null";
        };
  }
}
