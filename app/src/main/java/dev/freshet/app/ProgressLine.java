package dev.freshet.app;

import dev.freshet.base.Time;
import java.io.Console;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;

/// One line about long work, said again and again: drawn in its place on a terminal, a line each
/// ten seconds elsewhere.
final class ProgressLine {
  private static final long ON_TERMINAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long ELSEWHERE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final String REST_OF_LINE = "\u001b[K";
  private final PrintWriter out;
  private final boolean isTerminal;
  private final Time time;
  private long shown;

  ProgressLine(PrintWriter out, boolean isTerminal, Time time) {
    this.out = out;
    this.isTerminal = isTerminal;
    this.time = time;
    this.shown = time.nanos();
  }

  /// @param mayDraw whether the output may be a terminal's
  // Since JDK 25 there is none again where the output is no terminal.
  @SuppressWarnings("SystemConsoleNull")
  static ProgressLine on(PrintWriter out, boolean mayDraw) {
    Console console = System.console();
    boolean isTerminal = mayDraw && console != null && console.isTerminal();
    return new ProgressLine(out, isTerminal, Time.system());
  }

  /// How far it is; said when it is time to.
  void at(String line) {
    long now = time.nanos();
    if (now - shown < (isTerminal ? ON_TERMINAL_NANOS : ELSEWHERE_NANOS)) {
      return;
    }
    shown = now;
    if (isTerminal) {
      out.print('\r' + TopScreen.cut(line, 79) + REST_OF_LINE);
    } else {
      out.println(line);
    }
    out.flush();
  }

  /// What came of it; stays.
  void end(String line) {
    out.println(isTerminal ? '\r' + line + REST_OF_LINE : line);
    out.flush();
  }
}
