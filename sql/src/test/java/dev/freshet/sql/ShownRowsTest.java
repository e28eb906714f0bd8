package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What is known of an answer once its rows have been seen.
class ShownRowsTest {
  @BeforeAll
  static void begin() throws SQLException {
    FootprintTest.begin();
  }

  @AfterAll
  static void end() throws SQLException {
    FootprintTest.end();
  }

  @Test
  void rowsThatAnAnswerShowsAreNamedByTheirKeys() {
    String sql = "select total, id from orders where user_id = 5";
    assertThat(shown(sql, row("1.5", "7"), row(null, "08")))
        .isEqualTo(
            FootprintTest.set(
                "orders.user_id=5(user_id) orders.id=7(id,total)" + " orders.id=8(id,total)"));
    String all = "orders.user_id=5(id,total,user_id)";
    assertThat(shown(sql, row("1.5", "7"), row("1.5", null))).isEqualTo(FootprintTest.set(all));
    assertThat(shown(sql, row("1.5", "x"))).isEqualTo(FootprintTest.set(all));
    assertThat(shown(sql, row("1.5", "7", "8"))).isEqualTo(FootprintTest.set(all));
    assertThat(shown(sql, ByteBuffer.wrap(new byte[] {0, 2, 0, 0, 0, 9, 1})))
        .isEqualTo(FootprintTest.set(all));
    ByteBuffer[] many = new ByteBuffer[ShownRows.MAX_KEYS + 1];
    for (int i = 0; i < many.length; i++) {
      many[i] = row("1", Integer.toString(i));
    }
    assertThat(shown(sql, many)).isEqualTo(FootprintTest.set(all));
    String both = "select o.id, u.id, u.name from orders o left join users u on u.id = o.user_id";
    assertThat(shown(both, row("7", "5", "x"), row("8", null, null)))
        .isEqualTo(FootprintTest.set("orders(id,user_id) users(id,name)"));
    assertThat(shown("select id, a from parent", row("7", "5")))
        .isEqualTo(FootprintTest.set("parent() child() parent.id=7(a,id) child.id=7(a,id)"));
  }

  @Test
  void theOnlyRowOfATableSaysWhichRowOfAnotherIsMeant() {
    String sql =
        "select o.total, u.id, u.name from orders o join users u on u.id = o.user_id where o.id";
    String order = "orders.id=7(id,total,user_id)";
    assertThat(shown(sql + " = 7", row("1.5", "5", "x")))
        .isEqualTo(FootprintTest.set(order + " users.id=5(id) users.id=5(name)"));
    assertThat(shown(sql.replace("join", "left join") + " = 7", row("1.5", "5", "x")))
        .isEqualTo(FootprintTest.set(order + " users.id=5(id) users.id=5(name)"));
    // Without a row it may be any, and so where several rows decide it.
    assertThat(shown(sql + " = 7")).isEqualTo(FootprintTest.set(order + " users(id)"));
    assertThat(shown(sql.replace("join", "left join") + " = 7", row("1.5", null, null)))
        .isEqualTo(FootprintTest.set(order + " users(id,name)"));
    assertThat(shown(sql + " in (7, 8)", row("1.5", "5", "x")))
        .isEqualTo(
            FootprintTest.set(order + " orders.id=8(id,total,user_id) users(id) users.id=5(name)"));
    assertThat(shown(sql.replace("where o.id", "where o.n") + " = 7", row("1.5", "5", "x")))
        .isEqualTo(FootprintTest.set("orders.n=7(id,n,total,user_id) users(id) users.id=5(name)"));
    assertThat(
            shown(
                "select u.id from users u left join orders o on u.id = o.user_id and o.id = 7",
                row("5")))
        .isEqualTo(FootprintTest.set("orders.id=7(id,user_id) users(id)"));
  }

  @Test
  void ofRowsThatAreShownCountsWhatIsShown() {
    String compared = "select id, n from orders where n > 0 order by placed";
    assertThat(shown(compared, row("7", "3")))
        .isEqualTo(FootprintTest.set("orders(n<=0,placed) orders.id=7(id,n)"));
    String onlyCompared = "select id, total from orders where n > 0 order by placed";
    assertThat(shown(onlyCompared, row("7", "3")))
        .isEqualTo(FootprintTest.set("orders(n<=0,placed) orders.id=7(id,total)"));
    String sorted = "select id, total as t from orders where user_id = 5 order by t";
    assertThat(shown(sorted, row("7", "3")))
        .isEqualTo(FootprintTest.set("orders.user_id=5(total,user_id) orders.id=7(id)"));
  }

  @Test
  void aStarShowsEveryColumn() {
    String columns = "active,alias,boss,code,email,id,label,name,nick";
    String[] values = {"7", "e", "x", null, null, "3", "t", null, null};
    assertThat(shown("select * from users where boss = 3 and nick > 'a'", row(values)))
        .isEqualTo(
            FootprintTest.set(
                "users.boss=3(boss,nick) users.id=7(" + columns.replace(",nick", "") + ")"));
  }

  private static Set<String> shown(String sql, ByteBuffer... rows) {
    Footprint.Reads reads =
        (Footprint.Reads)
            Footprint.of(Shape.of(sql), FootprintTest.catalog(), FootprintTest.READER);
    ShownRows shown = reads.shown(Arguments.of(Statement.read(sql)));
    for (ByteBuffer row : rows) {
      shown.row(row);
    }
    return LookedAtTest.limits(shown.dependencies());
  }

  private static ByteBuffer row(@Nullable String... values) {
    ByteBuffer out = ByteBuffer.allocate(1_000).putShort((short) values.length);
    for (String value : values) {
      out.putInt(value == null ? -1 : value.length());
      out.put(FootprintTest.text(value == null ? "" : value));
    }
    return out.flip();
  }
}
