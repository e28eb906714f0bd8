package dev.freshet.app;

import dev.freshet.base.Trouble;
import java.util.function.Supplier;

/// What flags of the command line say.
final class Flags {
  private Flags() {}

  /// What is made of a flag's value: an IllegalArgumentException becomes a [Trouble] that names the
  /// flag.
  static <T> T read(String name, Supplier<T> making) {
    try {
      return making.get();
    } catch (IllegalArgumentException e) {
      throw new Trouble.Found(
          new Trouble(name, String.valueOf(e.getMessage()), "correct the flag"));
    }
  }
}
