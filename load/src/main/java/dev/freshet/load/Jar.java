package dev.freshet.load;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Cookies of one visitor, whatever their attributes. Touched by one event loop.
final class Jar {
  private static final int MOST = 50;
  private @Nullable Map<String, String> cookies;

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
        if (jar.size() < MOST || jar.containsKey(name)) {
          jar.put(name, value.strip());
        }
      }
    }
  }

  void empty() {
    cookies = null;
  }

  /// Value of `Cookie`; empty when there is none.
  String line() {
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
