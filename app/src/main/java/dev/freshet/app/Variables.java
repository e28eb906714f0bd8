package dev.freshet.app;

import dev.freshet.base.Trouble;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Puts the environment into the configuration: `${NAME}`, or `${NAME:-otherwise}`.
final class Variables {
  private static final Pattern SHAPE =
      Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?}");

  private Variables() {}

  static String expand(
      String file,
      String text,
      Function<String, @Nullable String> environment,
      List<Trouble> troubles) {
    StringBuilder out = new StringBuilder();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      if (number > 1) {
        out.append('\n');
      }
      boolean isComment = line.stripLeading().startsWith("#");
      out.append(isComment ? line : line(file, number, line, environment, troubles));
    }
    return out.toString();
  }

  private static String line(
      String file,
      int number,
      String line,
      Function<String, @Nullable String> environment,
      List<Trouble> troubles) {
    Matcher m = SHAPE.matcher(line);
    StringBuilder out = new StringBuilder();
    while (m.find()) {
      String value = environment.apply(m.group(1));
      if (value == null && m.group(2) == null) {
        troubles.add(
            new Trouble(
                file + ":" + number,
                "the environment has no " + m.group(1),
                "set it, or write ${" + m.group(1) + ":-otherwise}"));
      }
      String put = value != null ? value : m.group(2) == null ? "" : m.group(2);
      m.appendReplacement(out, Matcher.quoteReplacement(put));
    }
    return m.appendTail(out).toString();
  }
}
