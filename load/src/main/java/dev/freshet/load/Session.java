package dev.freshet.load;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One visit under way: who makes it, its cookies, and the call that is out. Touched by its event
/// loop only.
final class Session {
  private static final int MOST_COOKIES = 50;

  final Round round;

  /// Whose connections its calls go to.
  final Pool pool;

  /// Whether it begins again when the visit is over.
  final boolean isUser;

  Visits.Visitor visitor;
  @Nullable Call call;

  /// Where the call is out; null while it waits for a connection.
  @Nullable Line line;

  long intended;
  long sent;
  boolean isAgain;
  private @Nullable Map<String, String> cookies;

  Session(Round round, Pool pool, boolean isUser, Visits.Visitor visitor) {
    this.round = round;
    this.pool = pool;
    this.isUser = isUser;
    this.visitor = visitor;
  }

  /// A call is to be made.
  void begin(Call next, long meant) {
    call = next;
    intended = meant;
    isAgain = false;
  }

  /// Begins another visit, as somebody without cookies.
  void restart(Visits.Visitor next) {
    visitor = next;
    cookies = null;
  }

  /// The call that is out.
  Call call() {
    Call out = call;
    if (out == null) {
      throw new IllegalStateException("no call is out");
    }
    return out;
  }

  void keep(Fields fields) {
    for (String line : fields.all(FieldName.SET_COOKIE)) {
      int semicolon = line.indexOf(';');
      int equals = line.indexOf('=');
      if (equals > 0 && (semicolon < 0 || equals < semicolon)) {
        Map<String, String> jar = cookies;
        if (jar == null) {
          jar = new LinkedHashMap<>();
          cookies = jar;
        }
        String value = line.substring(equals + 1, semicolon < 0 ? line.length() : semicolon);
        String name = line.substring(0, equals).strip();
        if (jar.size() < MOST_COOKIES || jar.containsKey(name)) {
          jar.put(name, value.strip());
        }
      }
    }
  }

  /// Value of `Cookie`; empty when there is none.
  String cookies() {
    Map<String, String> jar = cookies;
    if (jar == null) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    jar.forEach((name, value) ->
        out.append(out.isEmpty() ? "" : "; ").append(name).append('=').append(value));
    return out.toString();
  }
}
