package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.copy.CopyManager;
import org.postgresql.jdbc.PreferQueryMode;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.largeobject.LargeObjectManager;

/// pgjdbc and Hibernate see the same through the gateway as without it.
@Timeout(90)
class JavaDriversTest {

  /// Notes what it sees.
  private interface Work {
    void on(Connection c, List<String> seen) throws SQLException, IOException;
  }

  private static void same(Work work, String... options) throws SQLException, IOException {
    List<String> wanted = new ArrayList<>();
    try (Connection c = Backstage.direct(options)) {
      work.on(c, wanted);
    }
    List<String> got = new ArrayList<>();
    try (Gateway gateway = Backstage.gateway(2);
        Connection c = Backstage.connect(gateway, options);
        Connection other = Backstage.connect(gateway, options)) {
      other.setAutoCommit(false);
      Backstage.one(other, "select 'holds one of the two'");
      work.on(c, got);
    }
    assertThat(got).isEqualTo(wanted).isNotEmpty();
  }

  private static void error(List<String> seen, Connection c, String sql) {
    try (Statement s = c.createStatement()) {
      s.execute(sql);
      seen.add("no error");
    } catch (SQLException e) {
      seen.add(e.getSQLState() + " " + e.getMessage());
    }
  }

  private static void rows(List<String> seen, ResultSet r) throws SQLException {
    int columns = r.getMetaData().getColumnCount();
    while (r.next()) {
      StringBuilder row = new StringBuilder();
      for (int i = 1; i <= columns; i++) {
        row.append(r.getMetaData().getColumnTypeName(i)).append(' ').append(r.getString(i));
      }
      seen.add(row.toString());
    }
  }

  private static void everything(Connection c, List<String> seen) throws SQLException, IOException {
    Backstage.run(c, "drop table if exists driven");
    Backstage.run(c, "create table driven (id serial primary key, t text unique, n numeric)");
    batch(c, seen);
    transactions(c, seen);
    copies(c, seen);
    largeObject(c, seen);
    cursor(c, seen);
    notifications(c, seen);
    cancels(c, seen);
    Backstage.run(c, "drop table driven");
  }

  private static void batch(Connection c, List<String> seen) throws SQLException {
    try (PreparedStatement p =
        c.prepareStatement(
            "insert into driven (t, n) values (?, ?)", Statement.RETURN_GENERATED_KEYS)) {
      for (int round = 0; round < 7; round++) {
        for (int i = 0; i < 30; i++) {
          p.setString(1, "row " + round + " " + i);
          p.setBigDecimal(2, java.math.BigDecimal.valueOf(i, 2));
          p.addBatch();
        }
        seen.add(Arrays.toString(p.executeBatch()));
        rows(seen, p.getGeneratedKeys());
      }
      p.setString(1, "row 0 0");
      p.setNull(2, java.sql.Types.NUMERIC);
      p.addBatch();
      try {
        p.executeBatch();
      } catch (SQLException e) {
        seen.add(e.getSQLState() + " " + e.getMessage());
      }
    }
    try (PreparedStatement p = c.prepareStatement("select * from driven where id % ? = ?")) {
      for (int i = 0; i < 8; i++) {
        p.setInt(1, 50);
        p.setInt(2, i);
        rows(seen, p.executeQuery());
      }
      if (!c.unwrap(PGConnection.class).getPreferQueryMode().equals(PreferQueryMode.SIMPLE)) {
        seen.add(p.getParameterMetaData().getParameterTypeName(1));
      }
    }
  }

  private static void transactions(Connection c, List<String> seen) throws SQLException {
    c.setAutoCommit(false);
    error(seen, c, "insert into driven (t) values ('row 0 0')");
    error(seen, c, "select 1");
    c.rollback();
    Backstage.run(c, "update driven set n = 7 where id = 3");
    Savepoint here = c.setSavepoint();
    error(seen, c, "select 1 / 0");
    c.rollback(here);
    error(seen, c, "select nothing");
    c.rollback();
    seen.add(Backstage.one(c, "select n from driven where id = 3"));
    c.commit();
    c.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
    c.commit();
    seen.add(Backstage.one(c, "show transaction isolation level"));
    c.commit();
    c.setAutoCommit(true);
    c.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    seen.add(Backstage.one(c, "select count(*) from driven"));
  }

  private static void copies(Connection c, List<String> seen) throws SQLException, IOException {
    CopyManager copy = c.unwrap(PGConnection.class).getCopyAPI();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 3_000; i++) {
      text.append("copied ").append(i).append('\t').append(i).append('\n');
    }
    seen.add("" + copy.copyIn("copy driven (t, n) from stdin", new StringReader(text.toString())));
    StringWriter back = new StringWriter();
    seen.add("" + copy.copyOut("copy (select t, n from driven order by id) to stdout", back));
    seen.add(back.toString());
    try {
      copy.copyIn("copy driven (t, n) from stdin", new StringReader("x\tno number\n"));
    } catch (SQLException e) {
      seen.add(e.getSQLState() + " " + e.getMessage());
    }
  }

  /// Large objects go by function calls of the protocol.
  private static void largeObject(Connection c, List<String> seen) throws SQLException {
    c.setAutoCommit(false);
    LargeObjectManager objects = c.unwrap(PGConnection.class).getLargeObjectAPI();
    long oid = objects.createLO(LargeObjectManager.READWRITE);
    try (LargeObject object = objects.open(oid, LargeObjectManager.WRITE)) {
      object.write(new byte[200_000]);
      object.write(new byte[] {1, 2, 3});
    }
    try (LargeObject object = objects.open(oid, LargeObjectManager.READ)) {
      object.seek(199_999);
      seen.add(object.size() + " " + Arrays.toString(object.read(10)));
    }
    objects.delete(oid);
    c.commit();
    c.setAutoCommit(true);
  }

  private static void cursor(Connection c, List<String> seen) throws SQLException {
    c.setAutoCommit(false);
    try (PreparedStatement p = c.prepareStatement("select id, t from driven order by id")) {
      p.setFetchSize(40);
      try (ResultSet r = p.executeQuery()) {
        rows(seen, r);
      }
      p.setMaxRows(3);
      rows(seen, p.executeQuery());
    }
    c.commit();
    c.setAutoCommit(true);
  }

  private static void notifications(Connection c, List<String> seen) throws SQLException {
    Backstage.run(c, "listen driven_news");
    Backstage.run(c, "notify driven_news, 'hello'");
    for (PGNotification heard : c.unwrap(PGConnection.class).getNotifications(10_000)) {
      seen.add(heard.getName() + " " + heard.getParameter());
    }
    Backstage.run(c, "unlisten *");
  }

  private static void cancels(Connection c, List<String> seen) throws SQLException {
    String sleep = "select 'cancelled by its driver', pg_sleep(50)";
    String running =
        "select count(*) from pg_stat_activity where state = 'active' and query like"
            + " 'select ''cancelled by its driver''%'";
    try (Statement s = c.createStatement();
        Connection watch = Backstage.administrator()) {
      Thread cancelling =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (Backstage.one(watch, running).equals("0")) {
                    Thread.onSpinWait();
                  }
                  s.cancel();
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
      try {
        s.execute(sleep);
        seen.add("not cancelled");
      } catch (SQLException e) {
        seen.add(e.getSQLState() + " " + e.getMessage());
      }
      cancelling.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    seen.add(Backstage.one(c, "select 'goes on'"));
  }

  @Test
  void pgjdbcSeesTheSame() throws SQLException, IOException {
    same(JavaDriversTest::everything);
    same(JavaDriversTest::everything, "prepareThreshold", "1", "binaryTransfer", "true");
    same(JavaDriversTest::everything, "prepareThreshold", "-1", "autosave", "always");
    same(JavaDriversTest::everything, "preferQueryMode", "simple");
    same(JavaDriversTest::everything, "reWriteBatchedInserts", "true", "prepareThreshold", "0");
  }

  @Test
  void hibernateSeesTheSame() {
    List<String> wanted = hibernate(Backstage.serverPort());
    try (Gateway gateway = Backstage.gateway(2)) {
      assertThat(hibernate(gateway.address().port())).isEqualTo(wanted).hasSizeGreaterThan(8);
    }
  }

  private static List<String> hibernate(int port) {
    List<String> seen = new ArrayList<>();
    Configuration configuration =
        new Configuration()
            .addAnnotatedClass(Article.class)
            .setProperty(
                "hibernate.connection.url", "jdbc:postgresql://127.0.0.1:" + port + "/shop")
            .setProperty("hibernate.connection.username", "app")
            .setProperty("hibernate.connection.password", Backstage.PASSWORD)
            .setProperty("hibernate.connection.pool_size", "4")
            .setProperty("hibernate.hbm2ddl.auto", "create-drop")
            .setProperty("hibernate.jdbc.batch_size", "20")
            .setProperty("hibernate.use_sql_comments", "true");
    try (SessionFactory sessions = configuration.buildSessionFactory()) {
      sessions.inTransaction(session -> {
        for (int i = 0; i < 50; i++) {
          session.persist(new Article("article " + i, i));
        }
      });
      sessions.inTransaction(session -> {
        seen.add(
            ""
                + session
                    .createSelectionQuery(
                        "select sum(a.price) from Article a where a.price > :p", Long.class)
                    .setParameter("p", 10)
                    .getSingleResult());
        session
            .createSelectionQuery(
                "from Article a where a.name like 'article 1%' order by a.id", Article.class)
            .setMaxResults(5)
            .getResultList()
            .forEach(a -> seen.add(a.toString()));
      });
      sessions.inTransaction(session -> session.find(Article.class, 3L).price = 99);
      sessions.inTransaction(session -> seen.add("" + session.find(Article.class, 3L)));
      seen.add(failure(() -> sessions.inTransaction(s -> s.persist(new Article("article 1", 0)))));
      seen.add(stale(sessions));
      seen.add(
          sessions.fromTransaction(s ->
              s.createNativeQuery("select count(*) from article", Long.class).getSingleResult())
              + " left");
    }
    return seen;
  }

  private static String stale(SessionFactory sessions) {
    Article known = sessions.fromTransaction(session -> session.find(Article.class, 5L));
    Consumer<Integer> change =
        price ->
            sessions.inTransaction(session -> {
              known.price = price;
              session.merge(known);
            });
    change.accept(1);
    return failure(() -> change.accept(2));
  }

  private static String failure(Runnable work) {
    try {
      work.run();
      return "no error";
    } catch (RuntimeException e) {
      return e.getClass().getSimpleName() + " " + e.getMessage();
    }
  }
}
