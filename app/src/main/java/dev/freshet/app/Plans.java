package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.Bounded;
import dev.freshet.base.Time;
import dev.freshet.changes.ChangesConfig;
import dev.freshet.sql.Statement;
import dev.freshet.sql.Verb;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Asks PostgreSQL how it would run a statement, and looks for tables that are read from end to
/// end, and for indexes that would spare that. Nothing is run: EXPLAIN without ANALYZE, in a
/// transaction that may only read, within two seconds, on a connection of its own that is opened
/// when somebody asks.
final class Plans {
  private static final int MAX_KEPT = 200;

  /// Then somebody may have made an index.
  private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final Pattern PARAMETER = Pattern.compile("\\$\\d");
  private static final Pattern WORD = Pattern.compile("[a-z_][a-z0-9_]*", Pattern.CASE_INSENSITIVE);
  private static final Set<Verb> EXPLAINED =
      Set.of(Verb.SELECT, Verb.INSERT, Verb.UPDATE, Verb.DELETE, Verb.WITH, Verb.VALUES);

  private final Supplier<@Nullable ChangesConfig> database;
  private final ObjectMapper json = new ObjectMapper();
  private final Time time;
  private final Map<String, Kept> known = Bounded.byAge(MAX_KEPT);

  /// What there is to say of a statement's plan.
  ///
  /// @param lines for people
  /// @param indexes that it would be better with
  record Plan(List<String> lines, List<MissingIndex> indexes) {
    static Plan unknown(String why) {
      return new Plan(List.of("not explained: " + why), List.of());
    }
  }

  private record Kept(Plan plan, long since) {}

  /// @param database whom to log in as, as the change feed does; null while there is none
  Plans(Supplier<@Nullable ChangesConfig> database, Time time) {
    this.database = database;
    this.time = time;
  }

  /// Asks anew, for who has changed something.
  synchronized void forget() {
    known.clear();
  }

  /// Nothing for a statement that was not sent whole.
  synchronized Map<String, Plan> of(List<String> statements) {
    Map<String, Plan> out = new LinkedHashMap<>();
    List<String> asked = new ArrayList<>();
    long now = time.nanos();
    for (String sql : statements) {
      Kept before = known.get(sql);
      if (before != null && now - before.since() < KEPT_NANOS) {
        out.put(sql, before.plan());
      } else if (isExplainable(sql)) {
        asked.add(sql);
      }
    }
    ChangesConfig at = database.get();
    if (asked.isEmpty() || at == null) {
      return out;
    }
    try (Connection connection = open(at)) {
      for (String sql : asked) {
        Plan plan = explain(connection, sql);
        // Behind the others, as what is there keeps its place.
        known.remove(sql);
        known.put(sql, new Kept(plan, now));
        out.put(sql, plan);
      }
    } catch (SQLException e) {
      asked.forEach(sql -> out.putIfAbsent(sql, Plan.unknown(firstLine(e))));
    }
    return out;
  }

  /// One statement, whatever is in it: behind a semicolon EXPLAIN would end and something would
  /// run.
  private static boolean isExplainable(String sql) {
    if (sql.isEmpty()) {
      return false;
    }
    Statement read = Statement.read(sql);
    return read.count() == 1 && EXPLAINED.contains(read.verb());
  }

  private static Connection open(ChangesConfig at) throws SQLException {
    Properties properties = new Properties();
    properties.put("PGDBNAME", at.database());
    properties.put("user", at.user());
    properties.put("password", at.password());
    properties.put("sslmode", at.sslMode());
    properties.put("ApplicationName", "freshet plans");
    properties.put("connectTimeout", "3");
    properties.put("socketTimeout", "10");
    // A plan for parameters that nobody gives can be had in this mode only.
    properties.put("preferQueryMode", "simple");
    properties.put(
        "options",
        "-c default_transaction_read_only=on -c statement_timeout=2000 -c lock_timeout=500");
    return DriverManager.getConnection("jdbc:postgresql://" + at.server() + "/", properties);
  }

  private Plan explain(Connection connection, String sql) {
    boolean isGeneric = PARAMETER.matcher(sql).find();
    String options = isGeneric ? "VERBOSE, GENERIC_PLAN, FORMAT JSON" : "VERBOSE, FORMAT JSON";
    try (java.sql.Statement statement = connection.createStatement()) {
      if (isGeneric && connection.getMetaData().getDatabaseMajorVersion() < 16) {
        return Plan.unknown("plans for parameters need PostgreSQL 16");
      }
      String text;
      try (ResultSet rows = statement.executeQuery("EXPLAIN (" + options + ") " + sql)) {
        rows.next();
        text = rows.getString(1);
      }
      return read(connection, json.readTree(text).path(0).path("Plan"));
    } catch (SQLException e) {
      return Plan.unknown(firstLine(e));
    } catch (JsonProcessingException e) {
      return Plan.unknown("the plan is no JSON");
    }
  }

  private static Plan read(Connection connection, JsonNode plan) throws SQLException {
    List<String> lines = new ArrayList<>();
    List<MissingIndex> indexes = new ArrayList<>();
    for (SeqScan scan : SeqScan.in(plan)) {
      ScannedTable table = ScannedTable.of(connection, scan.schema(), scan.table());
      MissingIndex missing = MissingIndex.of(scan, table);
      if (missing != null) {
        indexes.add(missing);
        lines.add(missing.says());
      } else if (table.rows() >= MissingIndex.MANY_ROWS) {
        lines.add(says(scan, table));
      }
    }
    return new Plan(lines, indexes);
  }

  private static String says(SeqScan scan, ScannedTable table) {
    Set<String> columns = new LinkedHashSet<>();
    Matcher words = WORD.matcher(scan.filter().replaceAll("'(?:[^']|'')*'", " "));
    while (words.find()) {
      if (table.columns().containsKey(words.group())) {
        columns.add(words.group());
      }
    }
    return String.format(
        Locale.ROOT,
        "reads all of %s (%,d rows)%s",
        scan.table(),
        table.rows(),
        columns.isEmpty() ? "" : " to find some by " + String.join(", ", columns));
  }

  private static String firstLine(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }
}
