package dev.freshet.app;

import dev.freshet.base.Trouble;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The command line.
@Command(
    name = "freshet",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description = {
      "Freshet stands between your users and your web app and makes the app fast.",
      "",
      "Start with one line:",
      "  freshet run --origin http://127.0.0.1:3000",
      "and look at http://127.0.0.1:8080. See it at work on an ordinary slow shop:",
      "  freshet demo",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:what was measured or checked fell short",
      "2:usage or configuration is wrong"
    },
    subcommands = {
      RunCommand.class,
      DemoCommand.class,
      StressCommand.class,
      CheckCommand.class,
      TopCommand.class,
      ProveCommand.class,
      PurgeCommand.class,
      WarmCommand.class,
      LoadCommand.class,
      RecordCommand.class,
      AssetsCommand.class,
      WarmUpCommand.class
    })
public final class Main implements Runnable {
  private static final String FORMAT = "java.util.logging.SimpleFormatter.format";

  @Spec private CommandSpec spec = CommandSpec.create();

  /// Runs one command and exits with its code.
  public static void main(String[] args) {
    // Libraries speak only when something is wrong; Freshet's own lines are printed by the
    // commands.
    Logger.getLogger("").setLevel(Level.WARNING);
    // One line each, with a moment that sorts; whoever sets that property has his own way.
    if (System.getProperty(FORMAT) == null) {
      System.setProperty(FORMAT, "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s: %5$s%6$s%n");
    }
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpWidth(100);
    line.setExecutionExceptionHandler((failure, of, parsed) -> {
      if (failure instanceof Trouble.Found found) {
        for (Trouble trouble : found.troubles()) {
          of.getErr().println("freshet: " + trouble.line());
        }
        return CommandLine.ExitCode.USAGE;
      }
      throw failure;
    });
    return line;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
