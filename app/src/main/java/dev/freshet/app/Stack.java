package dev.freshet.app;

import java.util.Locale;

/// What apps are made with, and how our adapter for it is set.
enum Stack {
  PHP("PHP: auto_prepend_file = .../integrations/php/freshet.php", "php laravel"),
  NODE(
      "Node: NODE_OPTIONS=\"--require .../integrations/node/freshet.cjs\"", "express next.js node"),
  PYTHON(
      "Python: PYTHONPATH=.../integrations/python",
      "python gunicorn uvicorn werkzeug wsgi hypercorn daphne"),
  JAVA(
      "Java: jdbc:freshet:postgresql://... with the jar of integrations/java/",
      "java servlet jetty tomcat undertow coyote");

  private final String remedy;
  private final String signs;

  /// @param signs words by which its servers name themselves
  Stack(String remedy, String signs) {
    this.remedy = remedy;
    this.signs = signs;
  }

  /// How to set the likeliest one, where the app says what it is; else all of them.
  ///
  /// @param said what answers say of who made them
  static String remedy(String said) {
    String lower = said.toLowerCase(Locale.ROOT);
    for (Stack stack : values()) {
      for (String sign : stack.signs.split(" ", -1)) {
        if (lower.contains(sign)) {
          return stack.remedy;
        }
      }
    }
    StringBuilder out = new StringBuilder("one of these, or what docs/integrations.md says:");
    for (Stack stack : values()) {
      out.append('\n').append(stack.remedy);
    }
    return out.toString();
  }
}
