package dev.freshet.edge;

import dev.freshet.http.ByteRanges;
import dev.freshet.http.EntityTag;
import dev.freshet.http.FieldName;
import dev.freshet.http.HttpDate;
import dev.freshet.http.RequestHead;
import org.jspecify.annotations.Nullable;

/// Answers `Range` from what is stored (RFC 9110, section 14; RFC 9111, section 3.3). One range at
/// a time: several in one request get the whole.
final class Ranges {
  private Ranges() {}

  /// What to send for a request with `Range`.
  sealed interface Slice {
    /// The whole, as if there were no `Range`.
    record Whole() implements Slice {}

    /// Octets `first` to `last` of `length`, both included.
    record Octets(long first, long last, long length) implements Slice {}

    /// None of the octets asked for exist.
    record Unsatisfiable(long length) implements Slice {}
  }

  private static final Slice WHOLE = new Slice.Whole();

  static Slice of(RequestHead head, StoredResponse stored) {
    String range = head.fields().combined(FieldName.RANGE);
    if (range == null
        || stored.head().status() != (stored.isWhole() ? 200 : 206)
        || !head.method().equals("GET")
        || !ifRangeHolds(head, stored)) {
      return WHOLE;
    }
    ByteRanges parsed = ByteRanges.parse(range);
    if (parsed == null || parsed.size() != 1) {
      return WHOLE;
    }
    long length = stored.contentLength();
    ByteRanges.Resolved resolved = parsed.resolve(0, length);
    if (resolved != null) {
      return new Slice.Octets(resolved.first(), resolved.last(), length);
    }
    // The end of nothing is nothing, which no Content-Range can say: the whole does.
    return parsed.isSatisfiable(0, length) ? WHOLE : new Slice.Unsatisfiable(length);
  }

  /// True when stored parts can answer the request fully.
  static boolean coveredBy(RequestHead head, StoredResponse stored) {
    Parts parts = stored.parts();
    if (parts == null) {
      return true;
    }
    return stored.contentLength() >= 0
        && of(head, stored) instanceof Slice.Octets octets
        && parts.offset(octets.first(), octets.last()) >= 0;
  }

  /// RFC 9110, section 13.1.5: only a strong match lets a range through.
  private static boolean ifRangeHolds(RequestHead head, StoredResponse stored) {
    String condition = head.fields().first(FieldName.IF_RANGE);
    if (condition == null) {
      return true;
    }
    if (condition.startsWith("\"") || condition.startsWith("W/")) {
      @Nullable String etag = stored.validators().etag();
      return etag != null && EntityTag.strongEquals(etag, condition);
    }
    String modified = stored.validators().lastModified();
    return modified != null
        && !stored.rules().byRows()
        && HttpDate.parse(condition) != HttpDate.INVALID
        && HttpDate.parse(condition) == HttpDate.parse(modified);
  }
}
