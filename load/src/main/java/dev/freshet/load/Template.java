package dev.freshet.load;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A text with variables in it, written `${name}`.
///
/// @param parts literal texts and names, in turn, beginning with a text
public record Template(List<String> parts) {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");

  public Template {
    parts = List.copyOf(parts);
  }

  public static Template of(String text) {
    List<String> parts = new ArrayList<>();
    Matcher m = VARIABLE.matcher(text);
    int at = 0;
    while (m.find()) {
      parts.add(text.substring(at, m.start()));
      parts.add(m.group(1));
      at = m.end();
    }
    parts.add(text.substring(at));
    return new Template(parts);
  }

  /// Names of the variables.
  public List<String> variables() {
    List<String> out = new ArrayList<>();
    for (int i = 1; i < parts.size(); i += 2) {
      out.add(parts.get(i));
    }
    return out;
  }

  boolean isPlain() {
    return parts.size() == 1;
  }

  /// The text with values in it; null when one is not known.
  @Nullable String text(Map<String, String> values) {
    return text(values, false);
  }

  /// The same for a path, where values are percent-encoded.
  @Nullable String path(Map<String, String> values) {
    return text(values, true);
  }

  private @Nullable String text(Map<String, String> values, boolean isPath) {
    if (isPlain()) {
      return parts.getFirst();
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      if (i % 2 == 0) {
        out.append(parts.get(i));
        continue;
      }
      String value = values.get(parts.get(i));
      if (value == null) {
        return null;
      }
      out.append(isPath ? encoded(value) : value);
    }
    return out.toString();
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
