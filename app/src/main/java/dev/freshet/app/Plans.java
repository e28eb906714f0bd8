package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.Bounded;
import dev.freshet.changes.ChangesConfig;
import dev.freshet.sql.Statement;
import dev.freshet.sql.Verb;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
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
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Asks PostgreSQL how it would run a statement, and looks for tables that are read from end to
/// end. Nothing is run: EXPLAIN without ANALYZE, in a transaction that may only read, within two
/// seconds, on a connection of its own that is opened when somebody asks.
final class Plans {
  private static final int MAX_KEPT = 200;
  private static final long MANY_ROWS = 1_000;
  private static final int MAX_DEPTH = 100;
  private static final Pattern PARAMETER = Pattern.compile("\\$\\d");
  private static final Pattern WORD = Pattern.compile("[a-z_][a-z0-9_]*", Pattern.CASE_INSENSITIVE);
  private static final Set<Verb> EXPLAINED =
      Set.of(Verb.SELECT, Verb.INSERT, Verb.UPDATE, Verb.DELETE, Verb.WITH, Verb.VALUES);

  private final Supplier<@Nullable ChangesConfig> database;
  private final ObjectMapper json = new ObjectMapper();
  private final Map<String, List<String>> known = Bounded.byAge(MAX_KEPT);

  /// @param database whom to log in as, as the change feed does; null while there is none
  Plans(Supplier<@Nullable ChangesConfig> database) {
    this.database = database;
  }

  /// What there is to say of each statement's plan; empty for one that was not sent whole.
  synchronized Map<String, List<String>> of(List<String> statements) {
    Map<String, List<String>> out = new LinkedHashMap<>();
    List<String> asked = new ArrayList<>();
    for (String sql : statements) {
      List<String> before = known.get(sql);
      if (before != null) {
        out.put(sql, before);
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
        List<String> lines = explain(connection, sql);
        known.put(sql, lines);
        out.put(sql, lines);
      }
    } catch (SQLException e) {
      asked.forEach(sql -> out.putIfAbsent(sql, List.of("not explained: " + firstLine(e))));
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

  private List<String> explain(Connection connection, String sql) {
    boolean isGeneric = PARAMETER.matcher(sql).find();
    String options = isGeneric ? "GENERIC_PLAN, FORMAT JSON" : "FORMAT JSON";
    try (java.sql.Statement statement = connection.createStatement()) {
      if (isGeneric && connection.getMetaData().getDatabaseMajorVersion() < 16) {
        return List.of("not explained: plans for parameters need PostgreSQL 16");
      }
      String text;
      try (ResultSet rows = statement.executeQuery("EXPLAIN (" + options + ") " + sql)) {
        rows.next();
        text = rows.getString(1);
      }
      List<String> out = new ArrayList<>();
      read(connection, json.readTree(text).path(0).path("Plan"), out, 0);
      return out;
    } catch (SQLException e) {
      return List.of("not explained: " + firstLine(e));
    } catch (JsonProcessingException e) {
      return List.of("not explained: the plan is no JSON");
    }
  }

  private void read(Connection connection, JsonNode node, List<String> out, int depth)
      throws SQLException {
    if (node.path("Node Type").asText().endsWith("Seq Scan")) {
      String table = node.path("Relation Name").asText();
      Table found = table(connection, table);
      if (found.rows() >= MANY_ROWS) {
        out.add(scan(table, found, node.path("Filter").asText()));
      }
    }
    if (depth < MAX_DEPTH) {
      for (JsonNode child : node.path("Plans")) {
        read(connection, child, out, depth + 1);
      }
    }
  }

  private static String scan(String table, Table found, String filter) {
    Set<String> columns = new LinkedHashSet<>();
    Matcher words = WORD.matcher(filter.replaceAll("'(?:[^']|'')*'", " "));
    while (words.find()) {
      if (found.columns().contains(words.group())) {
        columns.add(words.group());
      }
    }
    String rows = String.format(Locale.ROOT, "%,d", found.rows());
    return columns.isEmpty()
        ? "reads all of " + table + " (" + rows + " rows)"
        : "reads all of %s (%s rows) to find some by %s: consider an index on %s (%s)"
            .formatted(table, rows, String.join(", ", columns), table, String.join(", ", columns));
  }

  private record Table(long rows, Set<String> columns) {}

  /// By name: a plan doesn't say in which schema. Of several the largest.
  private static Table table(Connection connection, String name) throws SQLException {
    String question =
        "select c.reltuples::bigint, array_to_string(array(select a.attname::text"
            + " from pg_attribute a where a.attrelid = c.oid and a.attnum > 0), ' ')"
            + " from pg_class c where c.relname = ? and c.relkind in ('r', 'm', 'p')"
            + " order by c.reltuples desc limit 1";
    try (PreparedStatement statement = connection.prepareStatement(question)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? new Table(row.getLong(1), Set.of(row.getString(2).split(" ", -1)))
            : new Table(0, Set.of());
      }
    }
  }

  private static String firstLine(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }
}
