package dev.freshet.edge;

import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.StructuredFields;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The groups that a response belongs to: `Cache-Groups` (RFC 9875), and its forerunners
/// `Surrogate-Key` and `Cache-Tag`.
///
/// RFC 9875 keeps groups within one origin, the operator purges by bare name: so each is stored
/// under both, see [#scoped].
final class Groups {
  /// What is in more is not stored, as a purge of one of the others would not find it: a response
  /// in thousands of groups is a mistake that must not cost memory.
  static final int MAX = 1_000;

  /// In no host and in no field's value; and not what the second tier divides names by.
  private static final char SEPARATOR = '\u001f';

  private Groups() {}

  /// Whether it is in more groups than are kept.
  static boolean areTooMany(String authority, Fields response) {
    boolean isInAny =
        response.has(FieldName.CACHE_GROUPS)
            || response.has(FieldName.SURROGATE_KEY)
            || response.has(FieldName.CACHE_TAG);
    return isInAny && of(authority, response).size() > MAX;
  }

  static List<String> of(String authority, Fields response) {
    Set<String> names = new LinkedHashSet<>();
    for (String name : listed(response, FieldName.CACHE_GROUPS)) {
      names.add(name);
      names.add(scoped(authority, name));
    }
    for (String line : response.all(FieldName.SURROGATE_KEY)) {
      for (String name : line.split(" ", -1)) {
        if (!name.isEmpty()) {
          names.add(name);
        }
      }
    }
    for (String line : response.all(FieldName.CACHE_TAG)) {
      names.addAll(FieldLists.split(line));
    }
    if (names.isEmpty()) {
      return List.of();
    }
    return new ArrayList<>(names);
  }

  /// Groups that a response to an unsafe request declares stale (RFC 9875, section 3), scoped to
  /// its origin.
  static List<String> invalidatedBy(String authority, Fields response) {
    return listed(response, FieldName.CACHE_GROUP_INVALIDATION).stream()
        .map(name -> scoped(authority, name))
        .toList();
  }

  static String scoped(String authority, String name) {
    return authority + SEPARATOR + name;
  }

  private static List<String> listed(Fields response, FieldName field) {
    String value = response.combined(field);
    return value == null ? List.of() : StructuredFields.strings(value);
  }
}
