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

  /// What the visitor's browser has kept; null for one who has none.
  @Nullable PrivateCache cache;

  /// Whether the browser had kept nothing when the call was made.
  boolean isFirst;

  /// Whose file this is; null for a call of the visitor's own.
  final @Nullable PageView view;

  private final @Nullable Session parent;
  private @Nullable Map<String, String> cookies;

  Session(Round round, Pool pool, boolean isUser, Visits.Visitor visitor) {
    this.round = round;
    this.pool = pool;
    this.isUser = isUser;
    this.visitor = visitor;
    this.view = null;
    this.parent = null;
  }

  /// A file of a page that a visitor's browser loads.
  Session(Session parent, PageView view) {
    this.round = parent.round;
    this.pool = parent.pool;
    this.isUser = false;
    this.visitor = () -> null;
    this.view = view;
    this.parent = parent;
  }

  /// Whether the content of an answer is to be kept until it is whole.
  boolean keeps(Fields fields) {
    return call().wantsContent() || (cache != null && Reply.isPage(fields));
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
    if (parent != null) {
      parent.keep(fields);
      return;
    }
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
    if (parent != null) {
      return parent.cookies();
    }
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
