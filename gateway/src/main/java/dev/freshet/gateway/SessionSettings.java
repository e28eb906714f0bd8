package dev.freshet.gateway;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The settings a session has made beyond what its connection began with. Immutable; equal when the
/// same settings were made by the same words, in whatever order.
final class SessionSettings {
  static final SessionSettings NONE = new SessionSettings(new LinkedHashMap<>());
  private static final String DATE_STYLE = "datestyle";

  /// Lists of names, which SET would take for one name where they stand in one literal.
  private static final Set<String> LISTS =
      Set.of(
          "search_path",
          "temp_tablespaces",
          "session_preload_libraries",
          "local_preload_libraries");

  private final Map<String, String> sqlByName;
  private final int hash;
  private @Nullable SessionSettings meaning;

  private SessionSettings(Map<String, String> sqlByName) {
    this.sqlByName = sqlByName;
    this.hash = sqlByName.hashCode();
  }

  /// @param startup settings asked for in the startup packet
  static SessionSettings of(Map<String, String> startup) {
    SessionSettings out = NONE;
    for (Map.Entry<String, String> setting : startup.entrySet()) {
      String name = setting.getKey();
      String value = literal(setting.getValue());
      String sql =
          LISTS.contains(name)
              ? "SELECT pg_catalog.set_config('" + name + "', " + value + ", false)"
              : "SET " + identifier(name) + " TO " + value;
      out = out.with(new Change.Set(Change.folded(name), sql));
    }
    return out;
  }

  private static String identifier(String name) {
    return name.matches("[A-Za-z_][\\w.]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
  }

  private static String literal(String value) {
    String quoted = "'" + value.replace("'", "''") + "'";
    return value.indexOf('\\') < 0 ? quoted : "E" + quoted.replace("\\", "\\\\");
  }

  SessionSettings with(Change change) {
    Map<String, String> next = new LinkedHashMap<>(sqlByName);
    switch (change) {
      case Change.Set(String name, String sql) -> {
        // What was set last is set last again: a role is only good under its authorization.
        String before = next.remove(name);
        next.put(name, name.equals(DATE_STYLE) ? DateStyle.after(before, sql) : sql);
      }
      case Change.Reset(String name) -> next.remove(name);
      case Change.ResetAll() -> next.keySet().removeIf(name -> !isIdentity(name));
      case Change.DiscardAll() -> next.clear();
      case Change.DeallocateAll() -> {}
    }
    return new SessionSettings(next);
  }

  /// Those that bear on what a text means when it is prepared: where tables are looked for, how
  /// literals are read.
  SessionSettings meaning() {
    SessionSettings known = meaning;
    if (known == null) {
      Map<String, String> bearing = new LinkedHashMap<>(sqlByName);
      bearing.keySet().removeIf(name -> !bearsOnMeaning(name));
      known = bearing.size() == sqlByName.size() ? this : new SessionSettings(bearing);
      meaning = known;
    }
    return known;
  }

  /// All that may make another answer of the same statement, in one text; null where that can't be
  /// told.
  @Nullable String bearingOnResults() {
    if (sqlByName.containsKey("session authorization")) {
      return null;
    }
    StringBuilder out = new StringBuilder();
    new TreeMap<>(sqlByName)
        .forEach((name, sql) -> {
          // Settings with a dot are the application's own: policies may ask for them.
          if (bearsOnMeaning(name) || name.indexOf('.') >= 0) {
            out.append(sql).append('\0');
          }
        });
    return out.toString();
  }

  /// False for what counts only while a statement runs.
  static boolean bearsOnMeaning(String name) {
    return name.indexOf('.') < 0
        && !name.equals("application_name")
        && !name.endsWith("_timeout")
        && !name.equals("work_mem");
  }

  static boolean isIdentity(String name) {
    return name.equals("role") || name.equals("session authorization");
  }

  /// What makes a connection with the other's settings one with these.
  String from(SessionSettings other) {
    List<String> out = new ArrayList<>();
    boolean isIdentityTouched =
        sqlByName.keySet().stream().anyMatch(SessionSettings::isIdentity)
            || other.sqlByName.keySet().stream().anyMatch(SessionSettings::isIdentity);
    if (isIdentityTouched) {
      out.add("RESET SESSION AUTHORIZATION");
      out.add("RESET ROLE");
      out.add("RESET ALL");
      out.addAll(sqlByName.values());
      return String.join(";", out);
    }
    for (String name : other.sqlByName.keySet()) {
      if (!sqlByName.containsKey(name)) {
        out.add("RESET " + identifier(name));
      }
    }
    sqlByName.forEach((name, sql) -> {
      String has = other.sqlByName.get(name);
      if (!sql.equals(has)) {
        if (has != null && name.equals(DATE_STYLE)) {
          out.add("RESET datestyle");
        }
        out.add(sql);
      }
    });
    return String.join(";", out);
  }

  /// Those of these that a session loses that began with them, each to be made again.
  List<Change> lostBy(List<Change> made) {
    Map<String, Change> lost = new LinkedHashMap<>();
    for (Change change : made) {
      switch (change) {
        case Change.Set(String name, String _) -> lost.remove(name);
        case Change.Reset(String name) -> loses(name, lost);
        case Change.ResetAll() -> {
          for (String name : sqlByName.keySet()) {
            if (!isIdentity(name)) {
              loses(name, lost);
            }
          }
        }
        case Change.DiscardAll() -> sqlByName.keySet().forEach(name -> loses(name, lost));
        case Change.DeallocateAll() -> {}
      }
    }
    return List.copyOf(lost.values());
  }

  /// What makes all these.
  static String sql(List<Change> made) {
    List<String> out = new ArrayList<>();
    for (Change change : made) {
      if (change instanceof Change.Set(String _, String sql)) {
        out.add(sql);
      }
    }
    return String.join(";", out);
  }

  private void loses(String name, Map<String, Change> lost) {
    String sql = sqlByName.get(name);
    if (sql != null) {
      lost.put(name, new Change.Set(name, sql));
    }
  }

  /// The words by which a setting was made; null where it was not.
  @Nullable String sql(String name) {
    return sqlByName.get(name);
  }

  boolean isEmpty() {
    return sqlByName.isEmpty();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof SessionSettings s && hash == s.hash && sqlByName.equals(s.sqlByName));
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
