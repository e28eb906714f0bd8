package dev.freshet.gateway;

import dev.freshet.sql.Catalog;
import dev.freshet.sql.CatalogQuery;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a database's catalog as the change feed would.
final class Catalogs {
  private Catalogs() {}

  static Catalog read(Connection connection, String publication) throws SQLException {
    Map<CatalogQuery, List<List<@Nullable String>>> answers = new EnumMap<>(CatalogQuery.class);
    try (Statement statement = connection.createStatement()) {
      statement.execute("begin isolation level repeatable read");
      statement.execute(CatalogQuery.SETTING);
      for (CatalogQuery query : CatalogQuery.values()) {
        answers.put(query, rows(statement, query.sql(publication)));
      }
      statement.execute("commit");
    }
    return CatalogQuery.catalog(answers);
  }

  private static List<List<@Nullable String>> rows(Statement statement, String sql)
      throws SQLException {
    List<List<@Nullable String>> out = new ArrayList<>();
    try (ResultSet result = statement.executeQuery(sql)) {
      int width = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<@Nullable String> row = new ArrayList<>();
        for (int i = 1; i <= width; i++) {
          row.add(result.getString(i));
        }
        out.add(row);
      }
    }
    return out;
  }
}
