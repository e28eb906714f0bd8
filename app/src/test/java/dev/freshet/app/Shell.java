package dev.freshet.app;

import java.io.PrintWriter;
import java.io.StringWriter;

/// The command line in this process: what a command prints, and its exit code.
///
/// @param out standard output
/// @param err standard error
record Shell(int code, String out, String err) {

  static Shell run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.execute(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Shell(code, out.toString(), err.toString());
  }
}
