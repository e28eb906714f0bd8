package dev.freshet.app;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `freshet run`, as picocli reads it; see [PlainWords].
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Serves your app through Freshet until Ctrl-C.",
      "",
      "  freshet run --origin http://127.0.0.1:3000",
      "  freshet run --config freshet.yaml",
      "",
      "Without any rule it caches exactly what your app's own headers allow.",
      "`freshet check` says what that is, and which rule would change it. Pages of",
      "HTML get lazy pictures and kept places on their way; `optimize: off` leaves",
      "them as they are. SIGHUP or POST /reload reads the file again without",
      "dropping a connection; SIGTERM and Ctrl-C let requests finish.",
      ""
    })
final class RunCommand implements Callable<Integer> {
  @Mixin private SettingsFlags flags = new SettingsFlags();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--drain",
      paramLabel = "TIME",
      description = "how long requests may take to finish when stopping (${DEFAULT-VALUE})")
  private String drain = Serving.DRAIN;

  @Override
  public Integer call() throws InterruptedException {
    return new Serving(flags, drain, spec.commandLine().getOut()).untilStopped();
  }
}
