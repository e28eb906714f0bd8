package dev.freshet.changes;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Keeps the publication as it should be: every table that has a replica identity, and no other.
final class Publication {
  private final String name;
  private final String create;
  private boolean isDeferred;

  Publication(String name, int version) {
    this.name = name;
    // Otherwise a table with REPLICA IDENTITY FULL and a generated column could not be updated.
    this.create =
        "CREATE PUBLICATION "
            + name
            + (version >= 180_000 ? " WITH (publish_generated_columns = stored)" : "");
  }

  /// What to run for [#keep], in order.
  List<String> statements(Survey survey) {
    List<String> out = new ArrayList<>();
    if (!survey.hasPublication()) {
      out.add(create);
    }
    out.addAll(drops(survey));
    List<Survey.Subject> missing = survey.missing();
    if (!missing.isEmpty() && !survey.isForAllTables()) {
      out.add(add(missing));
    }
    return out;
  }

  private List<String> drops(Survey survey) {
    return survey.harmful().stream()
        .map(s -> "ALTER PUBLICATION " + name + " DROP TABLE " + only(s))
        .toList();
  }

  private String add(List<Survey.Subject> tables) {
    return "ALTER PUBLICATION "
        + name
        + " ADD TABLE "
        + tables.stream().map(Publication::only).collect(Collectors.joining(", "));
  }

  /// Those that inherit from it are looked at one by one.
  private static String only(Survey.Subject table) {
    return (table.kind() == 'p' ? "" : "ONLY ") + table.name();
  }

  /// Whether a table was in use by somebody else, so that it is worth trying again.
  boolean isDeferred() {
    return isDeferred;
  }

  /// Brings it in order as far as the user may; gives the statements that failed.
  List<String> keep(Connection session, Survey survey) throws SQLException {
    List<String> failed = new ArrayList<>();
    isDeferred = false;
    if (!survey.hasPublication()) {
      attempt(session, create, failed);
      if (!failed.isEmpty()) {
        failed.addAll(statements(survey).subList(1, statements(survey).size()));
        return failed;
      }
    }
    for (String drop : drops(survey)) {
      attempt(session, drop, failed);
    }
    List<Survey.Subject> missing = survey.missing();
    if (missing.isEmpty() || survey.isForAllTables()) {
      return failed;
    }
    List<String> together = new ArrayList<>();
    attempt(session, add(missing), together);
    if (!together.isEmpty()) {
      // Somebody else's table among them must not keep out the others.
      for (Survey.Subject table : missing) {
        attempt(session, add(List.of(table)), failed);
      }
    }
    return failed;
  }

  private void attempt(Connection session, String sql, List<String> failed) throws SQLException {
    try {
      Sessions.run(session, sql);
    } catch (SQLException e) {
      String state = String.valueOf(e.getSQLState());
      boolean isThere = state.equals("42710");
      isDeferred |= state.equals("55P03");
      if (state.startsWith("08") || state.startsWith("57")) {
        throw e;
      }
      if (!isThere) {
        failed.add(sql);
      }
    }
  }
}
