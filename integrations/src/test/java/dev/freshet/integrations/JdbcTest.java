package dev.freshet.integrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.freshness.TraceId;
import dev.freshet.jdbc.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.scan.StandardJarScanner;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/// `integrations/java` in a real servlet container, before the real driver.
class JdbcTest {
  private static final String FIRST = new TraceId(1, 1).traceparent(1, true);
  private static final String SECOND = new TraceId(2, 2).traceparent(2, false);
  private static final Logger TOMCAT_LOG = Logger.getLogger("org.apache");
  @TempDir private static Path files;
  private static Stage stage;

  @BeforeAll
  static void starts() {
    TOMCAT_LOG.setLevel(Level.SEVERE);
    stage = Stage.set();
  }

  @AfterAll
  static void closes() {
    stage.close();
  }

  private static Crowd crowd(String prefix) throws LifecycleException, IOException, SQLException {
    Tomcat tomcat = new Tomcat();
    tomcat.setAddDefaultWebXmlToWebapp(false);
    tomcat.setBaseDir(Files.createTempDirectory(files, "tomcat").toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.getConnector().setProperty("maxThreads", "3");
    Context context = tomcat.addWebapp("", Files.createTempDirectory(files, "web").toString());
    StandardJarScanner scanner = new StandardJarScanner();
    scanner.setScanClassPath(false);
    context.setJarScanner(scanner);
    Tomcat.addServlet(context, "jdbc", new JdbcServlet(new JdbcShop(prefix + stage.place())));
    for (String path : JdbcShop.PATHS) {
      context.addServletMapping(path, "jdbc");
    }
    tomcat.start();
    try {
      return Crowd.ask(tomcat.getConnector().getLocalPort(), stage.tap(), JdbcShop.PATHS, 10);
    } finally {
      tomcat.stop();
      tomcat.destroy();
    }
  }

  @Test
  void eachStatementCarriesTheTraceOfItsRequestAlsoOneKeptPrepared() throws Exception {
    Crowd plain = crowd("jdbc:postgresql:");
    Crowd carried = crowd("jdbc:freshet:postgresql:");
    carried.isLikeButTraced(plain);
    assertThat(carried.traced("-- kept")).isEqualTo(16);
    assertThat(stage.prepared("id, $1::text as n from item"))
        .isEqualTo(new Stage.Prepared(1, false));
  }

  private static Connection open() throws SQLException {
    return DriverManager.getConnection("jdbc:freshet:postgresql:" + stage.place());
  }

  private static String row(PreparedStatement p) throws SQLException {
    try (ResultSet r = p.executeQuery()) {
      r.next();
      return r.getString(1);
    }
  }

  private static List<TraceId> traces() {
    List<TraceId> all = new ArrayList<>();
    stage.tap().heard().forEach(h -> all.add(h.trace()));
    return all;
  }

  @Test
  void parametersAndSettingsOutliveTheTraceTheyWereSetUnder() throws Exception {
    try (Connection c = open();
        PreparedStatement p = c.prepareStatement("select ?::text")) {
      stage.tap().forget();
      p.setMaxRows(1);
      String first =
          Trace.call(
              FIRST,
              () -> {
                p.setString(1, "once set");
                return row(p);
              });
      assertThat(Trace.call(SECOND, () -> row(p))).isEqualTo(first).isEqualTo("once set");
      assertThat(row(p)).isEqualTo("once set");
      assertThat(p.getMaxRows()).isEqualTo(1);
      assertThat(traces()).containsExactly(new TraceId(1, 1), new TraceId(2, 2), null);
    }
  }

  @Test
  void aBatchGoesWithTheTraceItIsExecutedUnderAndLosesNothing() throws Exception {
    try (Connection c = open();
        PreparedStatement p = c.prepareStatement("insert into visit (n) values (?)")) {
      c.setAutoCommit(false);
      Trace.call(
          FIRST,
          () -> {
            p.setString(1, "a");
            p.addBatch();
            return p;
          });
      stage.tap().forget();
      int[] counts =
          Trace.call(
              SECOND,
              () -> {
                p.setString(1, "b");
                p.addBatch();
                return p.executeBatch();
              });
      assertThat(counts).containsExactly(1, 1);
      assertThat(stage.tap().heard())
          .filteredOn(h -> h.text().contains("insert"))
          .hasSize(2)
          .allMatch(h -> new TraceId(2, 2).equals(h.trace()));
      try (PreparedStatement all = c.prepareStatement("select string_agg(n, ',') from visit")) {
        assertThat(row(all)).isEqualTo("a,b");
      }
      c.rollback();
    }
  }

  @Test
  void rowsOfTheExecutionBeforeCanBeReadUntilTheNext() throws Exception {
    try (Connection c = open();
        PreparedStatement p = c.prepareStatement("select i from generate_series(1, ?) i")) {
      p.setInt(1, 3);
      ResultSet rows = p.executeQuery();
      Trace.call(
          FIRST,
          () -> {
            p.setInt(1, 2);
            assertThat(rows.next()).isTrue();
            assertThat(row(p)).isEqualTo("1");
            return p;
          });
      assertThat(rows.isClosed()).isTrue();
    }
  }

  @Test
  void faultsAndTypesAreTheDriversOwn() throws Exception {
    try (Connection c = open();
        PreparedStatement p = c.prepareStatement("select 1 / ?")) {
      assertThat(c).isInstanceOf(PGConnection.class);
      assertThat(c.unwrap(PGConnection.class)).isNotNull();
      assertThat(p.getConnection()).isSameAs(c);
      p.setInt(1, 0);
      assertThatThrownBy(() -> Trace.call(FIRST, () -> row(p)))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("division by zero");
    }
  }

  @Test
  void whatIsNoTraceparentCountsAsNone() throws Exception {
    assertThat(Trace.call("00-1-1-00'*/; drop table item", Trace::current)).isNull();
    assertThat(Trace.call(FIRST, () -> Trace.call(null, Trace::current))).isNull();
    assertThat(Trace.call(FIRST, Trace::current)).isEqualTo(FIRST);
    assertThat(Trace.current()).isNull();
  }
}
