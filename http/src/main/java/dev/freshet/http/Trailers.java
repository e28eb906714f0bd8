package dev.freshet.http;

import java.util.Set;

/// What may stand behind content.
public final class Trailers {
  private static final Set<FieldName> MISPLACED =
      Set.of(
          FieldName.TRANSFER_ENCODING,
          FieldName.CONTENT_LENGTH,
          FieldName.HOST,
          FieldName.CONNECTION,
          FieldName.TRAILER,
          FieldName.TE,
          FieldName.AUTHORIZATION,
          FieldName.COOKIE,
          FieldName.SET_COOKIE,
          FieldName.CACHE_CONTROL,
          FieldName.CONTENT_ENCODING,
          FieldName.CONTENT_TYPE,
          FieldName.CONTENT_RANGE);

  private Trailers() {}

  /// Without fields that frame, route or authenticate a message: they have no business in trailers
  /// (RFC 9110, section 6.5.1). Changes what it is given.
  public static Fields allowed(Fields sent) {
    return sent.removeIf(MISPLACED::contains);
  }
}
