package dev.freshet.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/// The terminal that the program was started in, by way of `stty`: how large it is, and each key as
/// it is pressed. Ctrl-C stays what it is.
final class Terminal implements AutoCloseable {
  private final String before;

  private Terminal(String before) {
    this.before = before;
  }

  /// Keys come at once and don't show, until it is closed.
  static Terminal open() {
    String before = stty("-g");
    if (!before.isEmpty()) {
      stty("-icanon", "-echo", "min", "1", "time", "0");
    }
    return new Terminal(before);
  }

  /// Tells each key that is pressed, on a thread of its own.
  void onKey(InputStream keys, IntConsumer pressed) {
    Thread.ofPlatform()
        .daemon()
        .name("freshet-keys")
        .start(() -> {
          try {
            for (int key = keys.read(); key >= 0; key = keys.read()) {
              pressed.accept(key);
            }
          } catch (IOException e) {
            // Then there are no keys.
          }
        });
  }

  /// Rows and columns.
  int[] size() {
    String said = stty("size");
    if (!said.matches("[1-9]\\d{0,4} [1-9]\\d{0,4}")) {
      // Whatever it is, it is no smaller than this.
      return new int[] {24, 80};
    }
    int space = said.indexOf(' ');
    return new int[] {
      Integer.parseInt(said.substring(0, space)), Integer.parseInt(said.substring(space + 1))
    };
  }

  /// What it says; empty where it fails.
  private static String stty(String... words) {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(words));
    try {
      Process stty =
          new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.INHERIT).start();
      byte[] said = stty.getInputStream().readAllBytes();
      return stty.waitFor() == 0 ? new String(said, StandardCharsets.US_ASCII).strip() : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  @Override
  public void close() {
    if (!before.isEmpty()) {
      stty(before);
    }
  }
}
