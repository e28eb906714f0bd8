package dev.freshet.app;

import dev.freshet.base.Trouble;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;

/// Reads configurations that a test has written down.
final class Reading {
  static final String ORIGIN = "origin: http://127.0.0.1:3000\n";

  private Reading() {}

  static Settings read(String text) {
    return read(text, SettingsReader.Flags.NONE);
  }

  static Settings read(String text, SettingsReader.Flags flags) {
    return SettingsReader.read("freshet.yaml", text, flags, Map.<String, String>of()::get);
  }

  /// Everything that is wrong with a text, as it is printed.
  static List<String> troubles(String text) {
    return troubles(text, SettingsReader.Flags.NONE);
  }

  static List<String> troubles(String text, SettingsReader.Flags flags) {
    try {
      read(text, flags);
    } catch (Trouble.Found e) {
      return e.troubles().stream().map(Trouble::line).toList();
    }
    return Assertions.fail("this was accepted:\n" + text);
  }

  /// What is wrong with a line or some, in a file that is sound otherwise: the origin is its line
  /// 1.
  static List<String> troublesOf(String lines) {
    return troubles(ORIGIN + lines);
  }
}
