package dev.freshet.gateway;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Settings that come in the startup packet.
final class StartupOptions {
  private StartupOptions() {}

  /// Reads the `options` parameter: `-c name=value` and `--name=value`, white space and backslashes
  /// escaped by a backslash.
  static void read(String text, Map<String, String> into) {
    String pending = null;
    for (String word : words(text)) {
      if (pending != null) {
        put(word, into);
        pending = null;
      } else if (word.equals("-c")) {
        pending = word;
      } else if (word.startsWith("-c")) {
        put(word.substring(2), into);
      } else if (word.startsWith("--")) {
        put(word.substring(2), into);
      } else {
        throw new IllegalArgumentException(
            "the startup option '" + word + "' is not known here; write -c name=value");
      }
    }
    if (pending != null) {
      throw new IllegalArgumentException("a startup option -c names no setting");
    }
  }

  private static Iterable<String> words(String text) {
    java.util.List<String> out = new java.util.ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean isWord = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        word.append(text.charAt(++i));
        isWord = true;
      } else if (Character.isWhitespace(c)) {
        if (isWord) {
          out.add(word.toString());
          word.setLength(0);
          isWord = false;
        }
      } else {
        word.append(c);
        isWord = true;
      }
    }
    if (isWord) {
      out.add(word.toString());
    }
    return out;
  }

  private static void put(String assignment, Map<String, String> into) {
    int equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new IllegalArgumentException("the startup option '" + assignment + "' sets nothing");
    }
    String name = assignment.substring(0, equals).toLowerCase(Locale.ROOT).replace('-', '_');
    into.put(name, assignment.substring(equals + 1));
  }

  /// What to report to a client that begins with these settings.
  ///
  /// @param server what the server reports on a new connection
  static Map<String, String> told(Map<String, String> wanted, Map<String, String> server) {
    Map<String, String> reported = new LinkedHashMap<>();
    server.keySet().forEach(name -> reported.put(name.toLowerCase(Locale.ROOT), name));
    Map<String, String> out = new LinkedHashMap<>(server);
    wanted.forEach((name, value) -> {
      String asReported = reported.get(name);
      String has = asReported == null ? null : server.get(asReported);
      if (asReported != null && has != null && !isSame(name, value, has)) {
        out.put(asReported, value);
      }
    });
    return out;
  }

  private static boolean isSame(String name, String value, String has) {
    if (name.equals("client_encoding")) {
      return encoding(value).equals(encoding(has));
    }
    if (name.equals("datestyle") && value.indexOf(',') < 0) {
      return has.regionMatches(true, 0, value + ",", 0, value.length() + 1);
    }
    return value.equals(has);
  }

  private static String encoding(String name) {
    String bare = name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "");
    return bare.equals("UNICODE") ? "UTF8" : bare;
  }
}
