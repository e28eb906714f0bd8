package dev.freshet.app;

import java.io.PrintWriter;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the words of `freshet run` where they are plain: flags with a value each, and none twice.
///
/// picocli learns by reflection what a command understands, looks through every jar for a language
/// that nobody here speaks, and is compiled for a Java so old that no AOT cache takes its classes:
/// together half of the time until the first octet is served. So it is asked only where there is
/// something to explain: help, a mistake, or any other way to write a flag.
final class PlainWords {
  private static final Map<String, String> LONG_NAMES =
      Map.of(
          "-c", "--config",
          "-o", "--origin",
          "-l", "--listen",
          "-m", "--memory",
          "-d", "--database");

  private PlainWords() {}

  /// Null where picocli has to read them.
  static @Nullable Serving read(PrintWriter out, String... words) {
    if (words.length == 0 || !words[0].equals("run")) {
      return null;
    }
    SettingsFlags flags = new SettingsFlags();
    String drain = Serving.DRAIN;
    Set<String> given = new HashSet<>();
    for (int i = 1; i < words.length; i++) {
      String word = words[i];
      int equals = word.startsWith("--") ? word.indexOf('=') : -1;
      String flag = equals < 0 ? LONG_NAMES.getOrDefault(word, word) : word.substring(0, equals);
      if (equals < 0) {
        i++;
      }
      String value = equals >= 0 ? word.substring(equals + 1) : i < words.length ? words[i] : "";
      boolean isOnce = given.add(flag) || flag.equals("--origin");
      if (!isOnce || !isPlain(value)) {
        return null;
      }
      if (flag.equals("--drain")) {
        drain = value;
      } else if (!flags.set(flag, value)) {
        return null;
      }
    }
    return new Serving(flags, drain, out);
  }

  /// Nothing that may mean a flag, a file of words or a quotation.
  private static boolean isPlain(String value) {
    return !value.isEmpty() && "-@\"'".indexOf(value.charAt(0)) < 0;
  }
}
