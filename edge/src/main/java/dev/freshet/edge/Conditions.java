package dev.freshet.edge;

import dev.freshet.http.EntityTag;
import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.HttpDate;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Evaluates conditional requests against what is stored (RFC 9110, section 13; RFC 9111, section
/// 4.3.2).
final class Conditions {
  private static final Set<FieldName> ON_304 =
      Set.of(
          FieldName.CACHE_CONTROL,
          FieldName.CONTENT_LOCATION,
          FieldName.DATE,
          FieldName.ETAG,
          FieldName.EXPIRES,
          FieldName.VARY,
          FieldName.LAST_MODIFIED,
          FieldName.CDN_CACHE_CONTROL,
          FieldName.SET_COOKIE);

  private Conditions() {}

  /// True when only the origin can evaluate the request's preconditions.
  static boolean needOrigin(Fields request) {
    return request.has(FieldName.IF_MATCH) || request.has(FieldName.IF_UNMODIFIED_SINCE);
  }

  /// True when the client already has what is stored, so that 304 is the answer.
  ///
  /// @param etag of the representation that would be sent
  /// @param date its `Date`, which stands in for a missing `Last-Modified`
  static boolean isNotModified(
      Fields request, @Nullable String etag, @Nullable String lastModified, @Nullable String date) {
    String noneMatch = request.combined(FieldName.IF_NONE_MATCH);
    if (noneMatch != null) {
      return noneMatch.strip().equals("*")
          || (etag != null && EntityTag.listMatchesWeakly(noneMatch, etag));
    }
    String since = request.first(FieldName.IF_MODIFIED_SINCE);
    // What was never said to be modified was made at its Date at the latest (RFC 9110, section
    // 13.1.3).
    String known = lastModified != null ? lastModified : date;
    if (since == null || known == null) {
      return false;
    }
    if (since.equals(lastModified)) {
      return true;
    }
    long asked = HttpDate.parse(since);
    long changed = HttpDate.parse(known);
    return asked != HttpDate.INVALID && changed != HttpDate.INVALID && changed <= asked;
  }

  /// Whether `If-None-Match` names what would be sent, in whatever coding.
  static boolean isKnown(Fields asked, @Nullable String tag) {
    String given = asked.combined(FieldName.IF_NONE_MATCH);
    return given != null
        && tag != null
        && (given.strip().equals("*")
            || EntityTag.listMatchesWeakly(
                CodedVariants.originTag(given), CodedVariants.originTag(tag)));
  }

  /// Whether `If-Match` names others only (RFC 9110, section 13.1.1).
  static boolean isRuledOut(Fields asked, @Nullable String tag) {
    String given = asked.combined(FieldName.IF_MATCH);
    if (given == null || given.strip().equals("*")) {
      return false;
    }
    return tag == null
        || FieldLists.split(given).stream().noneMatch(one -> EntityTag.strongEquals(one, tag));
  }

  /// The fields of a 304 for that representation (RFC 9110, section 15.4.5).
  static Fields on304(Fields stored) {
    Fields out = stored.copy();
    out.removeIf(name -> !ON_304.contains(name));
    return out;
  }
}
