package dev.freshet.app;

import dev.freshet.base.Trouble;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
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
    versionProvider = VersionLine.class,
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
    })
public final class Main implements Runnable {
  private static final String FORMAT = "java.util.logging.SimpleFormatter.format";

  /// By name, in the order of `--help`.
  private static final Map<String, Supplier<Object>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("run", RunCommand::new);
    COMMANDS.put("demo", DemoCommand::new);
    COMMANDS.put("stress", StressCommand::new);
    COMMANDS.put("check", CheckCommand::new);
    COMMANDS.put("top", TopCommand::new);
    COMMANDS.put("prove", ProveCommand::new);
    COMMANDS.put("purge", PurgeCommand::new);
    COMMANDS.put("warm", WarmCommand::new);
    COMMANDS.put("load", LoadCommand::new);
    COMMANDS.put("record", RecordCommand::new);
    COMMANDS.put("assets", AssetsCommand::new);
    COMMANDS.put("warm-up", WarmUpCommand::new);
  }

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
    System.exit(execute(writer(System.out), writer(System.err), args));
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, stream.charset());
  }

  /// Does what the words say, and gives the exit code.
  static int execute(PrintWriter out, PrintWriter err, String... words) {
    Serving serving = PlainWords.read(out, words);
    if (serving == null) {
      return commandLine(words).setOut(out).setErr(err).execute(words);
    }
    try {
      return serving.untilStopped();
    } catch (Trouble.Found found) {
      tell(err, found);
      return CommandLine.ExitCode.USAGE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CommandLine.ExitCode.SOFTWARE;
    } catch (RuntimeException e) {
      e.printStackTrace(err);
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private static void tell(PrintWriter err, Trouble.Found found) {
    found.troubles().forEach(trouble -> err.println("freshet: " + trouble.line()));
  }

  /// What reads these words, where they are not [PlainWords]. A command is described by reflection,
  /// which takes its time; so where one is named first, only that one is.
  static CommandLine commandLine(String... args) {
    CommandLine line = new CommandLine(new Main());
    Supplier<Object> named = args.length == 0 ? null : COMMANDS.get(args[0]);
    if (named == null) {
      COMMANDS.forEach((name, command) -> line.addSubcommand(name, command.get()));
    } else {
      line.addSubcommand(args[0], named.get());
    }
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpWidth(100);
    line.setExecutionExceptionHandler((failure, of, parsed) -> {
      if (failure instanceof Trouble.Found found) {
        tell(of.getErr(), found);
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
