package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.Trouble;
import dev.freshet.changes.ChangeFeed;
import dev.freshet.changes.ChangesConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `freshet check`.
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Says what will be stored, what will not and why, and what would help.",
      "Reads the configuration and asks the app for a few pages through it.",
      "",
      "  freshet check --origin http://127.0.0.1:3000 / /products /static/app.css",
      ""
    })
final class CheckCommand implements Callable<Integer> {
  @Mixin private SettingsFlags flags = new SettingsFlags();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "PATH",
      arity = "0..*",
      description = "paths to ask for; without any, / and what it links to")
  private List<String> paths = List.of();

  @Option(names = "--json", description = "print findings as JSON")
  private boolean asJson;

  @Option(
      names = "--prepare",
      description = "first make the publication that the change feed follows, and complete it")
  private boolean isPreparing;

  @Option(
      names = "--full",
      description = {
        "with --prepare: set REPLICA IDENTITY FULL on every table, so that answers are",
        "exact by every column (updates then write about a third more log)"
      })
  private boolean isFull;

  @Override
  public Integer call() throws InterruptedException {
    Settings settings = flags.read();
    if (isPreparing || isFull) {
      prepare(settings);
    }
    List<Trouble> unlike =
        paths.stream()
            .filter(path -> !path.startsWith("/"))
            .map(path -> new Trouble("'" + path + "'", "is not a path", "begin it with a slash"))
            .toList();
    if (!unlike.isEmpty()) {
      throw new Trouble.Found(unlike);
    }
    List<Finding> findings = new Checkup(settings).run(paths);
    var out = spec.commandLine().getOut();
    if (asJson) {
      out.println(json(findings));
    } else {
      for (Finding finding : findings) {
        out.println(finding.level().mark() + " " + finding.place() + ": " + finding.text());
        if (!finding.remedy().isEmpty()) {
          out.println("    " + finding.remedy().replace("\n", "\n    "));
        }
      }
    }
    boolean isSound = findings.stream().noneMatch(f -> f.level() == Finding.Level.WRONG);
    return isSound ? 0 : 1;
  }

  private void prepare(Settings settings) {
    ChangesConfig changes = settings.changes();
    if (changes == null || !isPreparing) {
      throw new Trouble.Found(
          isPreparing
              ? new Trouble("--prepare", "no database is followed", "give --database")
              : new Trouble("--full", "nothing is prepared", "give --prepare too"));
    }
    List<String> ran = ChangeFeed.prepare(changes, isFull);
    if (!asJson) {
      ran.forEach(statement -> spec.commandLine().getOut().println("ran  " + statement));
    }
  }

  private static String json(List<Finding> findings) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("findings", findings);
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("findings are plain records", e);
    }
  }
}
