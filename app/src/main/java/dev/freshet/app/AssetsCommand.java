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
      "Makes what pages load smaller.",
      "Builds a front-end of your own, and says of any site what its pages ship and what to do",
      "about it.",
      "",
      "  freshet assets build web -o dist --budget main=500KB,total=2MB",
      "  freshet assets audit http://127.0.0.1:3000",
      ""
    },
    subcommands = {AssetsBuildCommand.class, AssetsAuditCommand.class})
final class AssetsCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
