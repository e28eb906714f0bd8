package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import org.jspecify.annotations.Nullable;

/// Strong tags made here, of the content, where the app gave none (RFC 9110, section 8.8.3).
///
/// They mean nothing to the app, so it is never asked with one.
final class OwnTag {
  private static final String BY_ROWS = "\"rows-";
  private static final String BY_TIME = "\"content-";

  private OwnTag() {}

  /// Adds one, unless there is a tag.
  static void add(Fields fields, byte[][] content) {
    if (!fields.has(FieldName.ETAG)) {
      set(fields, BY_TIME, new Sha256().addAll(content));
    }
  }

  /// Whether what rows keep gets one, whatever its size.
  static boolean isMadeOf(StoredResponse prospect) {
    return prospect.rules().byRows()
        && prospect.isWhole()
        && !prospect.head().fields().has(FieldName.ETAG);
  }

  /// Adds that one.
  static void addByRows(Fields fields, Sha256 content) {
    set(fields, BY_ROWS, content);
  }

  private static void set(Fields fields, String begin, Sha256 content) {
    fields.set(FieldName.ETAG, begin + content.endShort() + '"');
  }

  /// Whether the tag was made here for an answer that time keeps, or for a coded form of it.
  static boolean isByTime(@Nullable String etag) {
    return etag != null && etag.startsWith(BY_TIME);
  }

  /// Whether the tag was made here.
  static boolean is(@Nullable String etag) {
    return etag != null && (etag.startsWith(BY_ROWS) || etag.startsWith(BY_TIME));
  }
}
