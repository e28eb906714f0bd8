package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Random reads and writes by several sessions, against a connection without a gateway. More
/// schedules: `-Dfreshet.schedules=1000`.
@Timeout(600)
class ResultScheduleTest {
  private static final int SCHEDULES = Integer.getInteger("freshet.schedules", 6);
  private static final List<String> MODES = List.of("simple", "extended", "extendedForPrepared");
  private static final List<String> READS =
      List.of(
          "select id, dish, price from menu where id = %d",
          "select count(*), sum(price) from menu where price > %d",
          "select m.id, count(o.id) from menu m left join orders o on o.dish = m.id"
              + " where m.id < %d group by m.id order by m.id",
          "select count(*) from orders where dish = %d");
  private static final List<String> WRITES =
      List.of(
          "update menu set price = price + 1 where id = %d",
          "update menu set dish = 'new ' || price where id < %d",
          "insert into orders values (%d, 3)",
          "delete from orders where id = %d",
          "with gone as (delete from orders where dish = %d returning id)"
              + " select count(*) from gone");

  /// One after the other, so that what is right is known at each step: everybody who reads outside
  /// a transaction is shown what has been committed.
  @Test
  void everyReadShowsWhatHasBeenCommitted() throws Exception {
    for (int n = 0; n < SCHEDULES; n++) {
      long seed = 26_000L + n;
      Kitchen.laid();
      try (Kitchen kitchen = new Kitchen();
          Connection direct = Backstage.direct()) {
        run(kitchen, direct, new Rolls(seed), "seed " + seed);
        assertThat(kitchen.count("hit")).as("seed " + seed).isGreaterThan(25);
      }
    }
  }

  private static void run(Kitchen kitchen, Connection direct, Rolls rolls, String seed)
      throws SQLException {
    List<Connection> sessions = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      sessions.add(Backstage.connect(kitchen.gateway, "preferQueryMode", rolls.oneOf(MODES)));
    }
    // Two in transactions that write would wait for each other.
    Connection writer = null;
    for (int step = 0; step < 500; step++) {
      Connection c = rolls.oneOf(sessions);
      boolean isOpen = !c.getAutoCommit();
      if (isOpen && rolls.chance(0.3)) {
        if (rolls.chance(0.5)) {
          c.commit();
        } else {
          c.rollback();
        }
        c.setAutoCommit(true);
        writer = c.equals(writer) ? null : writer;
      } else if (!isOpen && rolls.chance(0.05)) {
        c.setAutoCommit(false);
      } else if (rolls.chance(0.06)) {
        if (writer == null || writer.equals(c)) {
          writer = isOpen ? c : writer;
          // It would wait for whoever has read the table in a transaction.
          boolean isQuiet = sessions.stream().allMatch(ResultScheduleTest::isFree);
          String sql = isQuiet && rolls.chance(0.2) ? "truncate orders" : rolls.oneOf(WRITES);
          Backstage.run(c, sql.formatted(rolls.between(1, 3)));
        }
      } else {
        String sql = rolls.oneOf(READS).formatted(rolls.between(1, 3));
        List<List<String>> seen = Kitchen.all(c, sql);
        if (!isOpen) {
          String where = seed + ", step " + step + ": " + sql;
          assertThat(seen).as(where).isEqualTo(Kitchen.all(direct, sql));
        }
      }
    }
    for (Connection c : sessions) {
      c.close();
    }
  }

  private static boolean isFree(Connection c) {
    try {
      return c.getAutoCommit();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// All at once: nobody is shown less than what he has written himself, and when all is quiet
  /// there is no difference.
  @Test
  void nobodyMissesAWriteOfHisOwn() throws ExecutionException, InterruptedException, SQLException {
    Kitchen.laid();
    try (Kitchen kitchen = new Kitchen(6, null);
        Connection direct = Backstage.direct();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicIntegerArray written = new AtomicIntegerArray(9);
      List<Future<Integer>> all = new ArrayList<>();
      for (int i = 1; i <= 8; i++) {
        int mine = i;
        all.add(threads.submit(() -> session(kitchen, written, mine)));
      }
      for (Future<Integer> one : all) {
        assertThat(one.get()).isZero();
      }
      try (Connection c = kitchen.connect()) {
        for (String read : READS) {
          for (int i = 1; i <= 8; i++) {
            String sql = read.formatted(i);
            for (int n = 0; n < 3; n++) {
              assertThat(Kitchen.all(c, sql)).as(sql).isEqualTo(Kitchen.all(direct, sql));
            }
          }
        }
      }
    }
  }

  /// Each has a row of its own to write; returns how often a read showed less than had been written
  /// before it.
  private static int session(Kitchen kitchen, AtomicIntegerArray written, int mine)
      throws SQLException {
    Rolls rolls = new Rolls(mine);
    int wrong = 0;
    try (Connection c = kitchen.connect("preferQueryMode", MODES.get(mine % 3))) {
      for (int i = 1; i < 150 * Math.max(1, SCHEDULES / 6); i++) {
        if (rolls.chance(0.2)) {
          Backstage.run(c, "update menu set price = " + i + " where id = " + mine);
          written.set(mine, i);
        }
        int whose = rolls.chance(0.5) ? mine : rolls.between(1, 8);
        int before = written.get(whose);
        String sql = "select price from menu where id = " + whose;
        wrong += Integer.parseInt(Kitchen.one(c, sql)) < before ? 1 : 0;
      }
    }
    return wrong;
  }
}
