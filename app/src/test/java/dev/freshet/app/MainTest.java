package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class MainTest {

  @Test
  void helpNamesEveryCommandThatIsMeantForPeople() {
    Shell help = Shell.run("--help");
    assertThat(help.code()).isZero();
    assertThat(help.out())
        .contains("  run ", "  demo ", "  stress ", "  check ", "  top ", "  prove ")
        .contains("  purge ", "  warm ", "  load ", "  record ", "  assets ")
        .doesNotContain("warm-up");
    assertThat(Shell.run().out()).isEqualTo(help.out());
  }

  /// Only the command that is named is described; that must make no difference to who reads it.
  @Test
  void aCommandIsTheSameAloneAsAmongAll() {
    Map<String, CommandLine> all = Main.commandLine().getSubcommands();
    assertThat(all).hasSizeGreaterThan(10);
    all.forEach((name, among) -> {
      Map<String, CommandLine> alone = Main.commandLine(name).getSubcommands();
      assertThat(alone).containsOnlyKeys(name);
      for (CommandLine only : alone.values()) {
        assertThat(only.getCommandName()).isEqualTo(among.getCommandName());
        assertThat(only.getUsageMessage()).isEqualTo(among.getUsageMessage());
      }
    });
  }

  @Test
  void aMisspeltCommandIsToldTheNearest() {
    Shell shell = Shell.run("lod", "http://127.0.0.1:1");
    assertThat(shell.code()).isEqualTo(2);
    assertThat(shell.err()).contains("lod").contains("load");
  }
}
