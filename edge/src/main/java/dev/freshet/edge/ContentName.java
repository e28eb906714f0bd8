package dev.freshet.edge;

import dev.freshet.http.RequestHead;
import org.jspecify.annotations.Nullable;

/// The parameter by which a URL names the content that is meant: `/app.css?v=1&freshet=...`, at the
/// end of it.
///
/// It is Freshet's own: taken off before anything else is made of the request, so neither the app
/// nor a key nor a rule ever has it. The path stays, so what a style sheet names relative to itself
/// means the same.
final class ContentName {
  private static final String PARAMETER = "freshet=";

  /// 132 bits of a digest.
  private static final int LENGTH = 22;

  private ContentName() {}

  /// The name in that target; null for none.
  static @Nullable String of(String target) {
    int sign = sign(target);
    return sign < 0 ? null : target.substring(sign + 1 + PARAMETER.length());
  }

  static String without(String target) {
    int sign = sign(target);
    return sign < 0 ? target : target.substring(0, sign);
  }

  static RequestHead without(RequestHead head) {
    int sign = sign(head.target());
    return sign < 0
        ? head
        : new RequestHead(
            head.method(),
            head.scheme(),
            head.authority(),
            head.target().substring(0, sign),
            head.fields(),
            head.version());
  }

  /// What is put behind a URL, as it is written in HTML.
  static String inHtml(String url, String name) {
    return (url.indexOf('?') < 0 ? "?" : "&amp;") + PARAMETER + name;
  }

  /// Where the parameter begins, -1 without one.
  private static int sign(String target) {
    int sign = target.length() - LENGTH - PARAMETER.length() - 1;
    if (sign < 1 || !target.startsWith(PARAMETER, sign + 1)) {
      return -1;
    }
    for (int i = target.length() - LENGTH; i < target.length(); i++) {
      if (!isOfName(target.charAt(i))) {
        return -1;
      }
    }
    int question = target.indexOf('?');
    boolean isParameter =
        question == sign || (target.charAt(sign) == '&' && question >= 0 && question < sign);
    return isParameter ? sign : -1;
  }

  private static boolean isOfName(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }
}
