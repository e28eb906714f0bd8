package dev.freshet.http;

/// Compares entity tags (RFC 9110, sections 8.8.3 and 13.1). Tags without quotes occur in the wild;
/// they match only themselves, with or without quotes.
public final class EntityTag {
  private EntityTag() {}

  /// Same octets, both strong (RFC 9110, section 8.8.3.2).
  public static boolean strongEquals(String a, String b) {
    return !isWeak(a) && !isWeak(b) && opaque(a).equals(opaque(b));
  }

  /// Same octets, weak or not.
  public static boolean weakEquals(String a, String b) {
    return opaque(a).equals(opaque(b));
  }

  public static boolean isWeak(String tag) {
    return tag.startsWith("W/");
  }

  /// True when the list of an `If-None-Match` holds the tag, by weak comparison.
  public static boolean listMatchesWeakly(String list, String tag) {
    String wanted = opaque(tag);
    if (list.equals(tag)) {
      return true;
    }
    for (String element : FieldLists.split(list, false)) {
      if (opaque(element).equals(wanted)) {
        return true;
      }
    }
    return false;
  }

  /// What stands between the quotes.
  private static String opaque(String tag) {
    String t = isWeak(tag) ? tag.substring(2) : tag;
    boolean isQuoted = t.length() >= 2 && t.startsWith("\"") && t.endsWith("\"");
    return isQuoted ? t.substring(1, t.length() - 1) : t;
  }
}
