package dev.freshet.shop;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One line of the shop's map: which method and path lead where.
///
/// @param template as in `openapi.json`, with `{name}` for a part
/// @param head whether HEAD works too; on many routes it was forgotten
record Route(String method, String template, Pattern pattern, boolean head, Handler handler) {

  /// Makes the answer to a request.
  interface Handler {
    Answer answer(Request request);
  }

  /// A GET that knows HEAD.
  static Route page(String template, Handler handler) {
    return new Route("GET", template, compile(template), true, handler);
  }

  /// Any other; HEAD is a 405.
  static Route of(String method, String template, Handler handler) {
    return new Route(method, template, compile(template), false, handler);
  }

  /// The match of a path, else null.
  @Nullable MatchResult match(String path) {
    Matcher matcher = pattern.matcher(path);
    return matcher.matches() ? matcher.toMatchResult() : null;
  }

  boolean takes(String asked) {
    return method.equals(asked) || (head && asked.equals("HEAD"));
  }

  private static Pattern compile(String template) {
    return Pattern.compile(template.replaceAll("\\{[a-z]+}", "([^/]+)"));
  }
}
