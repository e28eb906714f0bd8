package dev.freshet.app;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `freshet assets`.
@Command(
    name = "assets",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes what pages load smaller: for a front-end of your own.",
      "",
      "  freshet assets build web -o dist --budget main=500KB,total=2MB",
      ""
    },
    subcommands = {AssetsBuildCommand.class})
final class AssetsCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
