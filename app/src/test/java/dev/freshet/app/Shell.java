package dev.freshet.app;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/// The command line in this process: what a command prints, and its exit code.
///
/// @param out standard output
/// @param err standard error
record Shell(int code, String out, String err) {

  static Shell run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine(arguments);
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    int code = line.execute(arguments);
    return new Shell(code, out.toString(), err.toString());
  }
}
