package dev.freshet.app;

/// One thing that `check` found.
///
/// @param place what it is about: a path, or a part of the configuration
/// @param remedy what to do, empty when there is nothing to do
public record Finding(Level level, String place, String text, String remedy) {

  /// How bad it is.
  public enum Level {
    GOOD("ok  "),
    NOTE("note"),
    WRONG("FAIL");

    private final String mark;

    Level(String mark) {
      this.mark = mark;
    }

    String mark() {
      return mark;
    }
  }
}
