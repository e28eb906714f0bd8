package dev.freshet.http;

/// The `Age` field (RFC 9111, section 5.1).
public final class AgeField {
  private AgeField() {}

  /// Seconds, 0 when absent or unreadable; of several values the first counts.
  public static long parse(Fields fields) {
    String value = fields.first(FieldName.AGE);
    if (value == null) {
      return 0;
    }
    int comma = value.indexOf(',');
    String one = comma < 0 ? value : value.substring(0, comma);
    return CacheDirectives.deltaSeconds(one.strip());
  }
}
