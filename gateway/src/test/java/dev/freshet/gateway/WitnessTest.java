package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Doubt;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Learned;
import dev.freshet.freshness.Trail;
import dev.freshet.freshness.Trails;
import dev.freshet.sql.Catalog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Which statements belong to which request, and what they touch, told by a real driver on a real
/// server.
class WitnessTest {
  private static final Freshness FRESHNESS = new Freshness(1 << 10);
  private static final Trails TRAILS = new Trails(FRESHNESS, Time.system());
  private static final AtomicInteger DEFINED = new AtomicInteger();
  private static final AtomicBoolean ON = new AtomicBoolean(true);
  private static final Random RANDOM = new Random(1);
  private static final int ID = 1;
  private static final int KIND = 2;
  private static final int NAME = 3;
  private static final String LIST =
      "select name, id from witness_items where kind = ? order by id";
  private static Gateway gateway;
  private static volatile Catalog catalog;
  private static long items;
  private static long visits;

  // What a record of another compilation says of its type arguments is not read.
  @SuppressWarnings("NullAway")
  @BeforeAll
  static void start() throws SQLException {
    try (Connection c = Backstage.direct()) {
      Backstage.run(c, "create table witness_items (id int primary key, kind int, name text)");
      Backstage.run(c, "create table witness_visits (id int primary key, seen timestamptz)");
      Backstage.run(
          c, "insert into witness_items select i, i % 3, 'n' || i from generate_series(1, 9) i");
      Backstage.run(c, "insert into witness_visits values (1, now())");
      Backstage.run(c, "create publication witness for table witness_items, witness_visits");
      catalog = Catalogs.read(c, "witness");
      items = Long.parseLong(Backstage.one(c, "select 'witness_items'::regclass::oid::text"));
      visits = Long.parseLong(Backstage.one(c, "select 'witness_visits'::regclass::oid::text"));
    }
    FRESHNESS.feed().attach(1, 100, () -> CompletableFuture.completedFuture(100L));
    TRAILS.bookkeeping(Set.of(visits));
    gateway =
        Gateway.start(
            Backstage.config(
                Backstage.url(), Backstage.pool(4, PoolMode.TRANSACTION, Duration.ofSeconds(10))),
            Time.system(),
            new Meters(),
            trace -> null,
            new Watch(
                ON::get,
                TRAILS,
                () -> "shop",
                () -> catalog,
                table -> true,
                DEFINED::incrementAndGet,
                host -> {},
                () -> Set.of("nightly")));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static Trail open() {
    return TRAILS.open(null, "/**", RANDOM);
  }

  private static String traced(String sql, Trail trail) {
    return sql + " /*traceparent='" + trail.id().traceparent(7, false) + "'*/";
  }

  private static Learned learned(Trail trail) {
    return trail.close().orTimeout(20, TimeUnit.SECONDS).join();
  }

  /// Which rows, whatever their columns.
  private static List<Dependency> dependencies(Trail trail) {
    return exactly(trail).stream()
        .map(each -> each instanceof Dependency.Columns columns ? columns.of() : each)
        .distinct()
        .toList();
  }

  private static List<Dependency> exactly(Trail trail) {
    Learned learned = learned(trail);
    assertThat(learned).as("%s", learned).isInstanceOf(Learned.From.class);
    return learned instanceof Learned.From(Evidence evidence) ? evidence.dependencies() : List.of();
  }

  private static Dependency kind(int kind, Integer... columns) {
    return new Dependency.Columns(
        new Dependency.Rows(items, 2, String.valueOf(kind)), List.of(columns));
  }

  private static Dependency shown(int id, Integer... columns) {
    return Dependency.Columns.shown(
        new Dependency.Rows(items, ID, String.valueOf(id)), List.of(columns));
  }

  /// What it touches is found out beside it the first time.
  private static void known(Connection c, String sql) throws SQLException {
    Trail first = open();
    query(c, traced(sql, first), 1);
    exactly(first);
  }

  @Test
  void rowsThatAnAnswerShowsAreBookedByTheirKeys() throws SQLException {
    for (String binary : List.of("true", "false")) {
      try (Connection c =
          Backstage.connect(gateway, "prepareThreshold", "1", "binaryTransfer", binary)) {
        known(c, LIST);
        // From the second time on the driver asks for numbers in binary.
        for (int i = 0; i < 3; i++) {
          Trail trail = open();
          query(c, traced(LIST, trail), 2);
          assertThat(exactly(trail))
              .containsExactlyInAnyOrder(
                  kind(2, ID, KIND), shown(2, NAME), shown(5, NAME), shown(8, NAME));
        }
        Trail none = open();
        try (PreparedStatement s = c.prepareStatement(traced(LIST, none))) {
          s.setInt(1, 77);
          s.executeQuery().close();
        }
        assertThat(exactly(none)).containsExactly(kind(77, ID, KIND));
      }
    }
  }

  @Test
  void keysAreSeenInSimpleQueriesToo() throws SQLException {
    try (Connection c = Backstage.connect(gateway, "preferQueryMode", "simple")) {
      String sql = "select * from witness_items where kind = 1";
      Trail first = open();
      Backstage.run(c, traced(sql, first));
      exactly(first);
      Trail trail = open();
      Backstage.run(c, traced(sql, trail));
      assertThat(exactly(trail))
          .contains(kind(1, KIND), shown(1, ID, KIND, NAME), shown(7, ID, KIND, NAME))
          .hasSize(4);
      // In a script it is not followed whose rows they are.
      Trail script = open();
      Backstage.run(c, traced(sql + "; " + sql, script));
      assertThat(exactly(script)).containsExactly(new Dependency.Rows(items, 2, "1"));
    }
  }

  @Test
  void anAnswerThatDoesNotComeWholeDependsOnAllItMightHaveShown() throws SQLException {
    try (Connection c = Backstage.connect(gateway)) {
      known(c, LIST);
      c.setAutoCommit(false);
      Trail cut = open();
      try (PreparedStatement s = c.prepareStatement(traced(LIST, cut))) {
        s.setFetchSize(2);
        s.setInt(1, 1);
        try (ResultSet r = s.executeQuery()) {
          assertThat(r.next()).isTrue();
        }
      }
      c.commit();
      assertThat(exactly(cut)).containsExactly(kind(1, ID, KIND, NAME));
      c.setAutoCommit(true);
      String failing =
          "select name, id from witness_items where kind = ? and 1 / (id - 7) < 5 order by id";
      known(c, failing.replace("id - 7", "id - 70"));
      Trail failed = open();
      assertThatThrownBy(() -> query(c, traced(failing, failed), 1))
          .hasMessageContaining("division by zero");
      assertThat(exactly(failed)).containsExactly(kind(1, ID, KIND, NAME));
    }
  }

  @Test
  void aRowThatIsShownManyTimesIsBookedOnce() throws SQLException {
    try (Connection c = Backstage.connect(gateway)) {
      String sql = "select i.id, i.name from witness_items i cross join generate_series(1, ?) s";
      Trail first = open();
      query(c, traced(sql, first), 100);
      assertThat(exactly(first)).hasSize(1);
      Trail trail = open();
      query(c, traced(sql, trail), 100);
      assertThat(exactly(trail)).hasSize(10);
    }
  }

  private static void hasDoubt(Trail trail, Doubt doubt) {
    assertThat(learned(trail))
        .as("%s", doubt)
        .matches(l -> l instanceof Learned.Nothing(Doubt d, _) && d == doubt, doubt.word());
  }

  private static Dependency item(int id) {
    return new Dependency.Rows(items, 1, String.valueOf(id));
  }

  private static void query(Connection c, String sql, int parameter) throws SQLException {
    try (PreparedStatement s = c.prepareStatement(sql)) {
      s.setInt(1, parameter);
      try (ResultSet r = s.executeQuery()) {
        assertThat(r.next()).isTrue();
      }
    }
  }

  @Test
  void rowsByBoundParametersAreBookedOnTheRequestTheyWereReadFor() throws SQLException {
    try (Connection c = Backstage.connect(gateway)) {
      for (int i = 1; i <= 8; i++) {
        Trail trail = open();
        query(c, traced("select name from witness_items where id = ?", trail), i);
        assertThat(dependencies(trail)).containsExactly(item(i));
      }
    }
  }

  @Test
  void constantsOfSimpleQueriesAndScriptsCountToo() throws SQLException {
    try (Connection c = Backstage.connect(gateway, "preferQueryMode", "simple")) {
      Trail trail = open();
      Backstage.run(
          c,
          traced(
              "select 1 from witness_items where id = 2; select * from witness_items where id = 3",
              trail));
      assertThat(dependencies(trail)).containsExactlyInAnyOrder(item(2), item(3));
    }
  }

  @Test
  void whatWasPreparedEarlierBelongsToTheTransactionsTraceOrToNobody() throws SQLException {
    try (Connection c = Backstage.connect(gateway, "prepareThreshold", "1");
        PreparedStatement kept =
            c.prepareStatement("select name from witness_items where id = ?")) {
      kept.setInt(1, 4);
      kept.executeQuery().close();
      Trail trail = open();
      kept.executeQuery().close();
      hasDoubt(trail, Doubt.UNTRACED_STATEMENT);
      Trail inTransaction = open();
      c.setAutoCommit(false);
      Backstage.run(c, traced("select 1 from witness_items where id = 5", inTransaction));
      kept.executeQuery().close();
      c.commit();
      assertThat(dependencies(inTransaction)).containsExactlyInAnyOrder(item(4), item(5));
    }
  }

  /// As a page that asks for one row after the other: from the fifth time on the driver keeps the
  /// text prepared, comment and all.
  @Test
  void whatADriverKeepsByItsWholeTextBelongsToTheTraceInIt() throws SQLException {
    try (Connection c = Backstage.connect(gateway)) {
      Trail trail = open();
      String text = traced("select name from witness_items where id = ?", trail);
      try (PreparedStatement asked = c.prepareStatement(text)) {
        for (int i = 1; i <= 9; i++) {
          asked.setInt(1, i);
          asked.executeQuery().close();
        }
        assertThat(dependencies(trail)).hasSize(9).contains(item(9));
        Trail next = open();
        asked.executeQuery().close();
        hasDoubt(next, Doubt.UNTRACED_STATEMENT);
      }
    }
  }

  @Test
  void unlessTheSessionHasWorkedForAnotherSince() throws SQLException {
    try (Connection c = Backstage.connect(gateway)) {
      Trail trail = open();
      Trail other = open();
      String text = traced("select name from witness_items where id = ?", trail);
      try (PreparedStatement asked = c.prepareStatement(text)) {
        for (int i = 1; i <= 9; i++) {
          asked.setInt(1, i);
          asked.executeQuery().close();
        }
        Backstage.one(c, traced("select name from witness_items where id = 1", other));
        asked.executeQuery().close();
        hasDoubt(other, Doubt.UNTRACED_STATEMENT);
        trail.drop();
      }
    }
  }

  @Test
  void aTraceInTheApplicationNameStandsForEveryStatement() throws SQLException {
    Trail trail = open();
    String parent = trail.id().traceparent(9, false);
    try (Connection c = Backstage.connect(gateway, "ApplicationName", parent)) {
      query(c, "select name from witness_items where id = ?", 6);
    }
    assertThat(dependencies(trail)).containsExactly(item(6));
  }

  @Test
  void anUntracedStatementPutsEveryRequestUnderWayInDoubt() throws SQLException {
    try (Connection c = Backstage.connect(gateway)) {
      Trail one = open();
      Trail two = open();
      Backstage.one(c, traced("select name from witness_items where id = 1", one));
      Backstage.one(c, "select name from witness_items where id = 2");
      hasDoubt(one, Doubt.UNTRACED_STATEMENT);
      hasDoubt(two, Doubt.UNTRACED_STATEMENT);
    }
  }

  @Test
  void thoseOfJobsDoNot() throws SQLException {
    try (Connection c = Backstage.connect(gateway);
        Connection job = Backstage.connect(gateway, "ApplicationName", "nightly")) {
      Trail trail = open();
      Backstage.one(c, traced("select name from witness_items where id = 1", trail));
      Backstage.one(job, "select name from witness_items where id = 2");
      assertThat(dependencies(trail)).containsExactly(item(1));
    }
  }

  @Test
  void transactionControlSettingsAndHarmlessQuestionsDisturbNobody() throws SQLException {
    try (Connection c = Backstage.connect(gateway)) {
      Trail trail = open();
      Backstage.run(c, "begin");
      Backstage.one(c, traced("select name from witness_items where id = 1", trail));
      Backstage.run(c, "savepoint s");
      Backstage.run(c, "rollback to savepoint s");
      Backstage.one(c, "show transaction isolation level");
      Backstage.run(c, "set local statement_timeout = '5s'");
      Backstage.run(c, "commit");
      Backstage.run(c, "set statement_timeout = '6s'");
      Backstage.one(c, "show search_path");
      assertThat(dependencies(trail)).containsExactly(item(1));
    }
  }

  @Test
  void theStatementsOfATraceThatNobodyBeganMayBeAnyones() throws SQLException {
    try (Connection c = Backstage.connect(gateway)) {
      Trail other = open();
      Trail trail = open();
      other.drop();
      Backstage.one(c, traced("select name from witness_items where id = 1", trail));
      Backstage.one(c, traced("select name from witness_items where id = 2", other));
      assertThat(dependencies(trail)).as("late statements disturb nobody").hasSize(1);
      Trail next = open();
      Backstage.one(
          c, "select 1 /*traceparent='00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'*/");
      hasDoubt(next, Doubt.FOREIGN_TRACE);
    }
  }

  @Test
  void aConnectionNamedForARequestThatIsOverMayBeAtWorkForAnother() throws SQLException {
    Trail first = open();
    String parent = first.id().traceparent(9, false);
    try (Connection c = Backstage.connect(gateway, "ApplicationName", parent)) {
      query(c, "select name from witness_items where id = ?", 6);
      assertThat(dependencies(first)).containsExactly(item(6));
      Trail second = open();
      query(c, "select name from witness_items where id = ?", 7);
      hasDoubt(second, Doubt.FOREIGN_TRACE);
    }
  }

  @Test
  void aTransactionThatBeganBeforeTheRequestMayShowOldRows() throws SQLException {
    try (Connection c = Backstage.connect(gateway)) {
      Backstage.run(c, "begin isolation level repeatable read");
      Backstage.run(c, "set local statement_timeout = '5s'");
      Trail trail = open();
      Backstage.one(c, traced("select name from witness_items where id = 1", trail));
      Backstage.run(c, "commit");
      hasDoubt(trail, Doubt.OLD_SNAPSHOT);
    }
  }

  @Test
  void ofATransactionThatWasOpenWhenWatchingBeganNothingIsConcluded() throws SQLException {
    ON.set(false);
    try (Connection c = Backstage.connect(gateway);
        Connection other = Backstage.connect(gateway)) {
      Backstage.run(c, "begin isolation level repeatable read");
      Backstage.one(c, "select name from witness_items where id = 2");
      Backstage.one(other, "select name from witness_items where id = 2");
      ON.set(true);
      Trail trail = open();
      Backstage.one(c, traced("select name from witness_items where id = 1", trail));
      Backstage.run(c, "commit");
      hasDoubt(trail, Doubt.OLD_SNAPSHOT);

      Trail next = open();
      Backstage.one(c, traced("select name from witness_items where id = 1", next));
      assertThat(dependencies(next)).containsExactly(item(1));
      Trail first = open();
      Backstage.one(other, traced("select name from witness_items where id = 1", first));
      hasDoubt(first, Doubt.OLD_SNAPSHOT);
    } finally {
      ON.set(true);
    }
  }

  @Test
  void writesAreToldByTable() throws SQLException {
    try (Connection c = Backstage.connect(gateway)) {
      Trail trail = open();
      Backstage.run(c, traced("update witness_items set name = 'x' where id = 1", trail));
      hasDoubt(trail, Doubt.WROTE);
      assertThat(trail.written()).containsExactly(items);
    }
  }

  @Test
  void aVisitorsOwnTableSpoilsNothing() throws SQLException {
    try (Connection c = Backstage.connect(gateway)) {
      Trail trail = open();
      Backstage.one(c, traced("select name from witness_items where id = 1", trail));
      Backstage.run(c, traced("update witness_visits set seen = now() where id = 1", trail));
      assertThat(dependencies(trail)).containsExactly(item(1));
      Trail sly = open();
      Backstage.run(
          c,
          traced(
              "update witness_visits set seen = now() where exists (select from witness_items)",
              sly));
      hasDoubt(sly, Doubt.NOT_ANALYSABLE);
    }
  }

  @Test
  void aVisitorsOwnTableHidesNoFunctionThatReads() throws SQLException {
    try (Connection admin = Backstage.direct()) {
      Backstage.run(
          admin,
          """
          create function witness_told() returns timestamptz language sql
            as 'select now() from witness_items where id = 2'
          """);
    }
    try (Connection c = Backstage.connect(gateway)) {
      for (String sql :
          List.of(
              "update witness_visits set seen = now() where id = 1 returning witness_told()",
              "insert into witness_visits values (7, witness_told()) returning seen")) {
        Trail sly = open();
        Backstage.one(c, traced("select name from witness_items where id = 1", sly));
        Backstage.one(c, traced(sql, sly));
        hasDoubt(sly, Doubt.NOT_ANALYSABLE);
      }
      Trail plain = open();
      Backstage.one(c, traced("select name from witness_items where id = 1", plain));
      Backstage.run(
          c,
          traced(
              "insert into witness_visits (id, seen) values (1, now() + interval '1 day')"
                  + " on conflict (id) do update set seen = excluded.seen",
              plain));
      assertThat(dependencies(plain)).containsExactly(item(1));
    }
  }

  @Test
  void whatCantBeToldIsSaidSo() throws SQLException {
    try (Connection c = Backstage.connect(gateway)) {
      for (String sql :
          List.of(
              "select random()",
              "select * from pg_class limit 1",
              "copy witness_items to stdout",
              "do $$ begin end $$",
              "select name from witness_items where id = 1 for update",
              "show data_directory_mode")) {
        Trail trail = open();
        try (Statement s = c.createStatement()) {
          s.execute(traced(sql, trail));
        } catch (SQLException e) {
          // COPY has no place in this driver's API: the server was asked all the same.
        }
        hasDoubt(trail, Doubt.NOT_ANALYSABLE);
      }
    }
  }

  private static void said(Connection c, Trail trail, String moment) throws SQLException {
    String sql = "select id, ?::date from witness_items where id = 1";
    try (PreparedStatement s = c.prepareStatement(traced(sql, trail))) {
      s.setString(1, moment);
      s.executeQuery().close();
    }
  }

  @Test
  void whatIsReadForAMomentThatIsBoundIsOfThatMoment() throws SQLException {
    try (Connection c = Backstage.connect(gateway)) {
      for (int i = 0; i < 2; i++) {
        Trail plain = open();
        said(c, plain, "2026-01-02");
        assertThat(dependencies(plain)).containsExactly(item(1));
        Trail moving = open();
        said(c, moving, "today");
        hasDoubt(moving, Doubt.NOT_ANALYSABLE);
      }
    }
  }

  /// Whose rows it is shown depends on its role.
  @Test
  void whoeverMayHaveAnotherRoleThanItIsKnownToHaveIsNotTold() throws SQLException {
    String question = "select name from witness_items where id = 1";
    for (String unseen :
        List.of(
            "select set_config('role', 'app', false)",
            "select set_config(lower('ROLE'), 'app', false)",
            "begin; savepoint s; set role app; rollback to s; commit")) {
      try (Connection c = Backstage.connect(gateway, "preferQueryMode", "simple")) {
        Backstage.one(c, "select set_config('app.user', '7', false)");
        Trail known = open();
        Backstage.one(c, traced(question, known));
        assertThat(dependencies(known)).as(unseen).containsExactly(item(1));
        for (String step : List.of(unseen.split(";"))) {
          Backstage.run(c, step);
        }
        Trail trail = open();
        Backstage.one(c, traced(question, trail));
        hasDoubt(trail, Doubt.NOT_ANALYSABLE);
      }
    }
  }

  @Test
  void otherTablesByTheSameNameAreNotMistaken() throws SQLException {
    try (Connection admin = Backstage.direct()) {
      Backstage.run(admin, "create schema if not exists witness_other");
      Backstage.run(
          admin, "create table if not exists witness_other.witness_items (id int primary key)");
      Backstage.run(
          admin, "insert into witness_other.witness_items values (1) on conflict do nothing");
      catalog = Catalogs.read(admin, "witness");
    }
    try (Connection c = Backstage.connect(gateway)) {
      Backstage.run(c, "set search_path to witness_other, public");
      Trail trail = open();
      Backstage.one(c, traced("select id from witness_items where id = 1", trail));
      hasDoubt(trail, Doubt.NOT_ANALYSABLE);
    }
  }

  @Test
  void definingSomethingIsTold() throws SQLException {
    int before = DEFINED.get();
    try (Connection c = Backstage.connect(gateway)) {
      Backstage.run(c, "create table if not exists witness_new (id int)");
      Backstage.one(c, "show server_version");
    }
    assertThat(DEFINED.get()).isGreaterThan(before);
  }
}
