package dev.freshet.edge;

import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What a stored head says of giving its content a name: the same for as long as it is the head.
///
/// @param head of which it was read
/// @param isForAll whether anybody may have the content, for good
/// @param isStyle whether it is a style sheet for which a name is of use
/// @param isScript whether it is a script for which a name is of use
record ContentTerms(Stored head, boolean isForAll, boolean isStyle, boolean isScript) {
  /// What browsers keep for so long needs no name.
  private static final long KEPT_SECONDS = TimeUnit.DAYS.toSeconds(30);

  static ContentTerms of(String key, StoredResponse stored) {
    Fields fields = stored.head().fields();
    CacheDirectives said = CacheDirectives.parse(fields);
    boolean isForAll =
        stored.isForEverybody(key)
            && List.of(FieldName.ACCEPT_ENCODING).containsAll(stored.selecting().names())
            && !fields.has(FieldName.CONTENT_ENCODING)
            && !said.noStore()
            && !said.isPrivate()
            && !said.noTransform();
    boolean isOfUse = isForAll && said.maxAge() < KEPT_SECONDS;
    String type = fields.first(FieldName.CONTENT_TYPE);
    return new ContentTerms(
        stored.head(), isForAll, isOfUse && isStyle(type), isOfUse && isScript(type));
  }

  /// Whether it is a style sheet or a script.
  static boolean isText(Fields fields) {
    String type = fields.first(FieldName.CONTENT_TYPE);
    return isStyle(type) || isScript(type);
  }

  private static boolean isStyle(@Nullable String type) {
    return type != null && type.regionMatches(true, 0, "text/css", 0, 8);
  }

  static boolean isScript(@Nullable String type) {
    String lower = type == null ? "" : type.toLowerCase(Locale.ROOT);
    return lower.startsWith("text/javascript")
        || lower.startsWith("application/javascript")
        || lower.startsWith("application/x-javascript");
  }
}
