package dev.freshet.assets;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a page's Content-Security-Policy says of scripts and workers of its own site (CSP 3,
/// sections 6.1 and 6.6).
final class ScriptPolicy {
  private static final FieldName ENFORCED = FieldName.of("Content-Security-Policy");
  private static final FieldName REPORTED = FieldName.of("Content-Security-Policy-Report-Only");

  private ScriptPolicy() {}

  /// Whether the page says anything.
  static boolean isStated(Fields response) {
    return response.has(ENFORCED) || response.has(REPORTED);
  }

  /// Whether a script of the site may be put into the page and register a worker, without a word to
  /// the console or to who is told of breaches.
  static boolean allowsOwn(Fields response) {
    for (FieldName field : List.of(ENFORCED, REPORTED)) {
      for (String line : response.all(field)) {
        for (String policy : line.split(",", -1)) {
          if (!allowsOwn(policy)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private static boolean allowsOwn(String policy) {
    Map<String, List<String>> directives = new HashMap<>();
    for (String directive : policy.toLowerCase(Locale.ROOT).split(";", -1)) {
      List<String> words = Arrays.asList(directive.strip().split("\\s+", -1));
      // The first of a name counts.
      directives.putIfAbsent(words.getFirst(), words.subList(1, words.size()));
    }
    return !directives.containsKey("sandbox")
        && !directives.containsKey("require-trusted-types-for")
        && allowsOwn(directives, "script-src-elem", "script-src", "default-src")
        && allowsOwn(directives, "worker-src", "child-src", "script-src", "default-src");
  }

  /// By the first of these that there is.
  private static boolean allowsOwn(Map<String, List<String>> directives, String... names) {
    for (String name : names) {
      List<String> sources = directives.get(name);
      if (sources != null) {
        boolean isNamed = sources.contains("'self'") || sources.contains("*");
        return isNamed && !sources.contains("'strict-dynamic'");
      }
    }
    return true;
  }
}
