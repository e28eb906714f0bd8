package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.RawPg.Said;
import dev.freshet.pgwire.LoginRefused;
import dev.freshet.pgwire.Secret;
import dev.freshet.sql.Statement;
import dev.freshet.testkit.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a session has set, and what it began with, is as it would be without a gateway, whichever
/// server connection it is on and whoever had that before.
@Timeout(60)
class SettingsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static Gateway wandering;
  private static Gateway steady;
  private static Gateway whole;
  private static RawPg other;

  @BeforeAll
  static void open() throws IOException, LoginRefused {
    wandering = Backstage.gateway(2);
    steady = Backstage.gateway(1);
    whole = Backstage.gateway(2, PoolMode.SESSION, PATIENCE);
    other = RawPg.open(wandering);
  }

  @AfterAll
  static void close() throws IOException {
    other.close();
    wandering.close();
    steady.close();
    whole.close();
  }

  private static List<byte[]> queries(String... sql) {
    return List.of(sql).stream().map(Say::query).toList();
  }

  /// The rows, tags and errors, asked in steps; between two of them somebody else takes the server
  /// connection that was used last.
  private static List<String> told(RawPg client, List<byte[]> steps, boolean wanders)
      throws IOException {
    List<String> out = new ArrayList<>();
    for (byte[] step : steps) {
      if (wanders) {
        other.ask(Say.query("begin"));
      }
      for (Said said : client.ask(step)) {
        if ("DCEZ".indexOf(said.tag()) >= 0) {
          out.add(said.toString());
        }
      }
      if (wanders) {
        other.ask(Say.query("commit"));
      }
    }
    return out;
  }

  private static void same(String[] options, List<byte[]> steps) throws IOException, LoginRefused {
    List<String> wanted;
    try (RawPg client = RawPg.open(Backstage.serverPort(), options)) {
      wanted = told(client, steps, false);
    }
    for (Gateway gateway : List.of(wandering, steady, whole)) {
      try (RawPg client = RawPg.open(gateway, options)) {
        assertThat(told(client, steps, gateway.equals(wandering))).isEqualTo(wanted);
      }
    }
  }

  @Test
  void resetGoesBackToWhatTheSessionBeganWith() throws IOException, LoginRefused {
    String[] tokyo = {"TimeZone", "Asia/Tokyo", "options", "-c work_mem=3MB"};
    for (String undo :
        List.of("reset timezone", "reset all", "discard all", "set timezone to default")) {
      same(
          tokyo,
          queries(
              "set timezone to 'UTC'",
              "set work_mem to '5MB'",
              undo,
              "show timezone",
              "show" + " work_mem"));
    }
    same(
        tokyo,
        queries(
            "set timezone to 'UTC'",
            "begin",
            "reset all",
            "show timezone",
            "set timezone to 'Europe/Rome'",
            "rollback",
            "show timezone",
            "begin",
            "reset timezone",
            "commit",
            "show timezone"));
    same(
        tokyo,
        List.of(
            Say.all(Say.run("set timezone to 'UTC'"), Say.run("reset all"), Say.sync()),
            Say.query("show timezone")));
  }

  /// As is what a COMMIT has made lasting, and DISCARD ALL, which waits for none.
  @Test
  void whatIsCommittedOutlastsWhatComesBehind() throws IOException, LoginRefused {
    String[] tokyo = {"TimeZone", "Asia/Tokyo"};
    byte[] sets = Say.run("set timezone to 'UTC'");
    byte[] asks = Say.query("show timezone");
    same(
        tokyo,
        queries("begin", "set timezone to 'UTC'", "commit and chain", "rollback", "show timezone"));
    same(
        tokyo,
        List.of(
            Say.all(Say.run("begin"), sets, Say.run("commit"), Say.run("rollback"), Say.sync()),
            asks));
    same(
        tokyo,
        List.of(
            Say.query("set timezone to 'UTC'"),
            Say.all(Say.run("discard all"), Say.run("select 1 / 0"), Say.sync()),
            asks));
  }

  /// One query of several statements is as good as several queries.
  @Test
  void eachStatementOfAScriptCountsByItself() throws IOException, LoginRefused {
    String[] tokyo = {"TimeZone", "Asia/Tokyo"};
    for (String script :
        List.of(
            "set timezone to 'UTC'; commit; begin",
            "begin; set timezone to 'UTC'; commit; begin; set timezone to 'Europe/Rome'",
            "set timezone to 'UTC'; commit; begin; set timezone to default")) {
      same(tokyo, queries(script, "rollback", "show timezone"));
    }
    for (String script :
        List.of(
            "set timezone to 'UTC'; select 1 / 0",
            "set timezone to 'UTC'; commit; set timezone to 'Europe/Rome'; select 1 / 0",
            "set timezone to 'UTC'; commit; reset timezone; select 1 / 0")) {
      same(tokyo, queries(script, "show timezone", "begin", script, "rollback", "show timezone"));
    }
  }

  /// Also where it was bound behind a setting, under which its text is another.
  @Test
  void aNameIsFreeWhereItsParseWasSkipped() throws IOException, LoginRefused {
    same(
        new String[0],
        List.of(
            Say.all(
                Say.execute("nowhere", 0),
                Say.parse("a", "select 1"),
                Say.parse("", "set datestyle to 'YMD'"),
                Say.bind("", "a"),
                Say.sync()),
            Say.all(
                Say.parse("a", "select 2"), Say.bind("", "a"), Say.execute("", 0), Say.sync())));
  }

  @Test
  void whoASessionIsCountsByEachStatementToo() throws IOException, LoginRefused {
    for (String script :
        List.of(
            "set role pg_monitor; select 1 / 0",
            "set role pg_monitor; commit; select 1 / 0",
            "set role pg_monitor; commit; begin; reset role; select 1 / 0")) {
      same(new String[0], queries(script, "rollback", "select current_user", "reset role"));
    }
  }

  /// It is known what became of them: the connection need not be kept.
  @Test
  void aScriptThatFailsKeepsNoConnection() throws IOException, LoginRefused {
    try (RawPg first = RawPg.open(steady);
        RawPg second = RawPg.open(steady)) {
      first.ask(Say.query("set timezone to 'UTC'; select 1 / 0"));
      assertThat(second.ask(Say.query("select 'served'")).toString()).contains("D [served]");
    }
  }

  @Test
  void whatIsRolledBackInTheMiddleIsAsItWas() throws IOException, LoginRefused {
    String[] tokyo = {"TimeZone", "Asia/Tokyo"};
    same(tokyo, queries("begin; set timezone to 'UTC'; rollback; select 'on'", "show timezone"));
    for (byte[] undone :
        List.of(
            Say.query("reset timezone; rollback to s"),
            Say.all(Say.run("reset timezone"), Say.run("rollback to s"), Say.sync()))) {
      same(
          tokyo,
          List.of(
              Say.query("set timezone to 'UTC'"),
              Say.query("begin"),
              Say.query("savepoint s"),
              undone,
              Say.query("show timezone"),
              Say.query("commit"),
              Say.query("show timezone")));
    }
  }

  /// Another connection would do only before anything was sent.
  @Test
  void aTransactionInWhichSettingsAreMadeAgainIsLostWithItsConnection()
      throws IOException, LoginRefused {
    try (Relay relay = new Relay(Backstage.serverPort());
        Gateway gateway =
            Backstage.gateway(
                Backstage.config(
                    Backstage.url(relay.port()),
                    Backstage.pool(1, PoolMode.TRANSACTION, PATIENCE)));
        RawPg client = RawPg.open(gateway, "TimeZone", "Asia/Tokyo")) {
      client.ask(Say.query("begin"));
      client.ask(Say.query("reset timezone"));
      relay.goDead();
      client.send(Say.query("select 'elsewhere'"));
      Eventually.await(() -> relay.swallowed() > 0, "the setting on its way");
      relay.cut();
      assertThat(client.answers(1).toString()).contains("E 08006").doesNotContain("elsewhere");
    }
  }

  @Test
  void whoTheSessionIsMayBeSetInManyWords() {
    String shown = "update pg_settings set setting = 'cook' where name = 'role'";
    byte[] text = shown.getBytes(StandardCharsets.UTF_8);
    assertThat(Traits.of(text, Statement.read(text, 0, text.length)).pins()).contains(Pin.IDENTITY);
    for (String sql :
        List.of("set session_authorization to cook", "set session authorization cook")) {
      Change made = Change.ofSet(sql.getBytes(StandardCharsets.UTF_8));
      assertThat(made).isNotNull().matches(Change::isOfIdentity);
    }
  }

  /// Its own connection is given back whatever the session says behind.
  @Test
  void whatIsSentBehindAResetIsReadByWhatTheSessionBeganWith() throws IOException, LoginRefused {
    try (RawPg client = RawPg.open(whole, "TimeZone", "Asia/Tokyo")) {
      client.send(
          Say.query("reset all"), Say.query("show timezone"), Say.run("show timezone"), Say.sync());
      assertThat(client.answers(3).toString().split("D \\[Asia/Tokyo]", -1)).hasSize(3);
    }
  }

  @Test
  void listsOfNamesAreLists() throws IOException, LoginRefused {
    same(
        new String[] {"options", "-c search_path=information_schema,public"},
        queries("show search_path", "select current_schemas(true)::text"));
    same(
        new String[] {"search_path", "information_schema, public"},
        queries("select current_schemas(true)::text", "reset search_path", "show search_path"));
  }

  @Test
  void halvesOfADateStyleAddUp() throws IOException, LoginRefused {
    String asks = "select date '2020-02-01'";
    same(
        new String[0],
        queries("set datestyle to 'SQL'", "set datestyle to 'DMY'", asks, "reset datestyle", asks));
    same(
        new String[0],
        queries("set datestyle = dmy", "set datestyle = german", "set datestyle = sql", asks));
    same(
        new String[0],
        queries(
            "set datestyle to 'DMY'", "set datestyle to 'SQL'", "set datestyle to 'MDY'", asks));
  }

  @Test
  void nobodyGetsHalfOfAnothersDateStyle() throws IOException, LoginRefused {
    byte[] asks = Say.query("select date '2020-02-01'");
    try (RawPg first = RawPg.open(steady);
        RawPg second = RawPg.open(steady)) {
      second.ask(Say.query("set datestyle to 'SQL'"));
      String wanted = told(second, List.of(asks), false).toString();
      first.ask(Say.query("set datestyle to 'German, DMY'"));
      assertThat(told(second, List.of(asks), false)).hasToString(wanted);
    }
  }

  @Test
  void whatFailedBehindASettingUndoesIt() throws IOException, LoginRefused {
    byte[] fails = Say.run("select 1 / 0");
    byte[] sets = Say.run("set work_mem to '7MB'");
    same(new String[0], List.of(Say.all(sets, fails, Say.sync()), Say.query("show work_mem")));
    same(
        new String[0],
        List.of(
            Say.all(Say.run("begin"), sets, Say.run("commit"), fails, Say.sync()),
            Say.query("show work_mem")));
    same(
        new String[0],
        List.of(
            Say.all(
                Say.run("begin"),
                sets,
                Say.run("rollback"),
                Say.run("set timezone to 'Asia/Tokyo'"),
                Say.sync()),
            Say.query("show work_mem"),
            Say.query("show timezone")));
    same(
        new String[0],
        queries(
            "create temp table t (n int unique deferrable initially deferred)",
            "begin",
            "set work_mem to '7MB'",
            "insert into t values (1), (1)",
            "commit",
            "show work_mem"));
  }

  @Test
  void whatIsSetByOtherWaysStaysWithWhoSetIt() throws IOException, LoginRefused {
    same(
        new String[0],
        queries("update pg_settings set setting = '7MB' where name = 'work_mem'", "show work_mem"));
    String draws = "select random(), random()";
    same(new String[0], queries("select setseed(0.5)", draws, draws));
    same(new String[0], queries("set seed to 0.25", draws, draws));
    try (RawPg plain = RawPg.open(steady)) {
      assertThat(told(plain, queries("show work_mem"), false).toString()).contains("D [4MB]");
    }
  }

  /// What the session began with is its own, also where it was the server's word for word.
  @Test
  void aDefaultThatChangesLaterMovesNobodyWhoHasChosen() throws SQLException {
    String zone = TimeZone.getDefault().getID();
    Backstage.user("timed", Backstage.PASSWORD);
    chooses(zone);
    GatewayConfig config =
        Backstage.with(
            Backstage.config(Backstage.url(), Backstage.pool(1, PoolMode.TRANSACTION, PATIENCE)),
            Map.of("timed", Secret.parse(Backstage.PASSWORD)));
    try (Gateway gateway = Backstage.gateway(config);
        Connection c = Backstage.connect(gateway, "user", "timed");
        Connection admin = Backstage.connect(gateway)) {
      assertThat(Backstage.one(c, "show timezone")).isEqualTo(zone);
      chooses("Asia/Tokyo");
      gateway.reconnect();
      assertThat(Backstage.one(c, "show timezone")).isEqualTo(zone);
      assertThat(Backstage.one(admin, "select 1")).isEqualTo("1");
    }
  }

  private static void chooses(String zone) throws SQLException {
    try (Connection c = Backstage.administrator()) {
      Backstage.run(c, "alter role timed set timezone = '" + zone + "'");
    }
  }
}
