package dev.freshet.app;

import dev.freshet.load.LoadScreen;
import dev.freshet.load.Measured.Second;
import dev.freshet.load.Phase;
import dev.freshet.load.Watch;
import java.io.Console;
import java.io.PrintWriter;
import java.util.List;

/// Shows a load while it runs: a block of lines that is drawn again each second on a terminal, one
/// line a second elsewhere.
final class LoadView implements Watch {
  private static final String REST_OF_LINE = "\u001b[K";
  private final PrintWriter out;
  private final boolean isTerminal;
  private LoadScreen screen = new LoadScreen();
  private int drawn;

  LoadView(PrintWriter out, boolean isTerminal) {
    this.out = out;
    this.isTerminal = isTerminal;
  }

  /// @param mayDraw whether the output may be a terminal's
  // Since JDK 25 there is none again where the output is no terminal.
  @SuppressWarnings("SystemConsoleNull")
  static LoadView on(PrintWriter out, boolean mayDraw) {
    Console console = System.console();
    return new LoadView(out, mayDraw && console != null && console.isTerminal());
  }

  @Override
  public void second(Phase phase, Second second) {
    if (!isTerminal) {
      out.println(LoadScreen.line(phase, second));
    } else {
      if (drawn > 0) {
        out.print("\u001b[" + drawn + "A");
      }
      List<String> lines = screen.lines(phase, second);
      lines.forEach(line -> out.println(TopScreen.cut(line, 79) + REST_OF_LINE));
      drawn = lines.size();
    }
    out.flush();
  }

  /// The phase is over: what is drawn stays.
  void end() {
    drawn = 0;
    screen = new LoadScreen();
  }
}
