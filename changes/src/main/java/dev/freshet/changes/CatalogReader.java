package dev.freshet.changes;

import dev.freshet.sql.Catalog;
import dev.freshet.sql.CatalogQuery;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads what decides what statements depend on, in the transaction that is open.
final class CatalogReader {
  private CatalogReader() {}

  private static final int OID = 0;
  private static final int IS_PUBLISHED = 9;

  /// @param counts OIDs of the tables of which every change is told; the publication alone doesn't
  ///   say it: parts of it may be filtered, or so new that older transactions are still left out
  static Catalog read(Connection session, String publication, Survey survey, Set<Long> counts)
      throws SQLException {
    Sessions.run(session, CatalogQuery.SETTING);
    Map<CatalogQuery, List<List<@Nullable String>>> answers = new EnumMap<>(CatalogQuery.class);
    for (CatalogQuery query : CatalogQuery.values()) {
      answers.put(query, Sessions.rows(session, query.sql(publication)));
    }
    List<List<@Nullable String>> relations = new ArrayList<>();
    for (List<@Nullable String> row : answers.getOrDefault(CatalogQuery.RELATIONS, List.of())) {
      long root = survey.root(new Survey.Row(row).number(OID));
      List<@Nullable String> judged = new ArrayList<>(row);
      judged.set(IS_PUBLISHED, Boolean.toString(counts.contains(root)));
      relations.add(judged);
    }
    answers.put(CatalogQuery.RELATIONS, relations);
    return CatalogQuery.catalog(answers);
  }
}
