package dev.freshet.changes;

import dev.freshet.sql.Catalog;
import dev.freshet.sql.CatalogQuery;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads what decides what statements depend on, in the transaction that is open.
final class CatalogReader {
  private CatalogReader() {}

  static Catalog read(Connection session, String publication) throws SQLException {
    Sessions.run(session, CatalogQuery.SETTING);
    Map<CatalogQuery, List<List<@Nullable String>>> answers = new EnumMap<>(CatalogQuery.class);
    for (CatalogQuery query : CatalogQuery.values()) {
      answers.put(query, Sessions.rows(session, query.sql(publication)));
    }
    return CatalogQuery.catalog(answers);
  }
}
