package dev.freshet.http;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/// What a page's Content-Security-Policy says of scripts and workers of its own site (CSP 3,
/// sections 6.1 and 6.6).
public final class ScriptPolicy {
  private static final FieldName ENFORCED = FieldName.of("Content-Security-Policy");
  private static final FieldName REPORTED = FieldName.of("Content-Security-Policy-Report-Only");

  private static final String[] SCRIPTS = {"script-src-elem", "script-src", "default-src"};

  private ScriptPolicy() {}

  /// Whether the page says anything.
  public static boolean isStated(Fields response) {
    return response.has(ENFORCED) || response.has(REPORTED);
  }

  /// Whether a script of the site may be put into the page and register a worker, without a word to
  /// the console or to who is told of breaches.
  public static boolean allowsOwn(Fields response) {
    return doAll(
        response,
        said ->
            !said.containsKey("require-trusted-types-for")
                && allowsOwn(said, SCRIPTS)
                && allowsOwn(said, "worker-src", "child-src", "script-src", "default-src"));
  }

  /// Whether rules of the site's own for pages that are fetched ahead (`Speculation-Rules`) come
  /// through, whichever directive a browser goes by: for a time it was that for scripts, then none,
  /// and one of their own is proposed, in whose place that for scripts stands.
  public static boolean allowsRules(Fields response) {
    return doAll(
        response,
        said ->
            allowsOwn(said, SCRIPTS)
                && allowsOwn(
                    said, "speculation-rules-src", "script-src-elem", "script-src", "default-src"));
  }

  private static boolean doAll(Fields response, Predicate<Map<String, List<String>>> allows) {
    for (FieldName field : List.of(ENFORCED, REPORTED)) {
      for (String line : response.all(field)) {
        for (String policy : line.split(",", -1)) {
          Map<String, List<String>> said = directives(policy);
          if (said.containsKey("sandbox") || !allows.test(said)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private static Map<String, List<String>> directives(String policy) {
    Map<String, List<String>> directives = new HashMap<>();
    for (String directive : policy.toLowerCase(Locale.ROOT).split(";", -1)) {
      List<String> words = Arrays.asList(directive.strip().split("\\s+", -1));
      // The first of a name counts.
      directives.putIfAbsent(words.getFirst(), words.subList(1, words.size()));
    }
    return directives;
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
