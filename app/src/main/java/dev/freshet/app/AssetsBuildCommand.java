package dev.freshet.app;

import dev.freshet.assets.AssetBuild;
import dev.freshet.assets.Budget;
import dev.freshet.assets.BuildConfig;
import dev.freshet.assets.BuildFailed;
import dev.freshet.assets.BuildWatch;
import dev.freshet.assets.BundleReport;
import dev.freshet.assets.Lighter;
import dev.freshet.assets.StagedPictures;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `freshet assets build`.
@Command(
    name = "build",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Bundles, minifies and splits a front-end, and names files by their contents.",
      "",
      "  freshet assets build web -o dist",
      "  freshet assets build web -o dist --budget main=500KB,total=2MB,route=200KB",
      "  freshet assets build web -o dist --watch",
      "",
      "Begins with the pages in SRC (*.html): the modules, scripts and style sheets they name",
      "are built, their pictures made smaller (they look the same; \"freshet check\" says by what",
      "that is done), their references rewritten. Without a page it begins",
      "with index, main or app (.js, .ts, .jsx, .tsx, .css) in SRC or SRC/src. What import()",
      "names becomes a file of its own. SRC/public is copied as it is. OUT then has",
      "manifest.json (source to URL) and, beside each file they make smaller, its br, zstd and",
      "gzip forms; OUT/.freshet/report.html shows which module costs what, what is there",
      "twice, and which import to make dynamic. A build that fails or is over a budget leaves",
      "OUT as it was.",
      "",
      "Budgets count minified octets: main, the scripts an entry loads at once; route, those a",
      "dynamic import adds; css, an entry's style sheet; total, everything but source maps.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:built",
      "1:the sources are wrong, or a budget doesn't hold",
      "2:usage is wrong"
    })
final class AssetsBuildCommand implements Callable<Integer> {
  private static final int MAX_ADVICE = 5;
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SRC", description = "the folder of your sources")
  private Path source = Path.of("");

  @Option(
      names = {"-o", "--out"},
      paramLabel = "OUT",
      required = true,
      description = "the folder to write to")
  private Path out = Path.of("");

  @Option(
      names = "--entry",
      paramLabel = "PATH",
      split = ",",
      description = "begin with this page, module or style sheet in SRC, and with no other")
  private List<String> entries = List.of();

  @Option(
      names = "--base",
      paramLabel = "URL",
      description = "what URLs begin with, such as /static/ or https://cdn.example/ (/)")
  private String base = "/";

  @Option(
      names = "--budget",
      paramLabel = "NAME=SIZE",
      split = ",",
      description = "fail when main, route, css or total is larger; tells what grew")
  private List<String> budgets = List.of();

  @Option(
      names = "--baseline",
      paramLabel = "FILE",
      description = "the report.json to tell growth against (that of the build in OUT)")
  private @Nullable Path baseline;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "write the report there too, as a page, also when a budget doesn't hold")
  private @Nullable Path page;

  @Option(names = "--watch", description = "build again when a source changes, until Ctrl-C")
  private boolean isWatching;

  @Option(names = "--keep-pictures", description = "copy pictures as they are")
  private boolean keepsPictures;

  @Option(names = "--maps", description = "write source maps")
  private boolean hasMaps;

  @Option(
      names = "--with",
      paramLabel = "ARG",
      description = "one argument more for esbuild, such as --with=--external:jquery")
  private List<String> more = List.of();

  @Option(
      names = "--esbuild",
      paramLabel = "PATH",
      description = "run this esbuild (the one in ESBUILD, else the one that comes along)")
  private @Nullable Path esbuild;

  @Option(names = "--json", description = "print the report as JSON")
  private boolean asJson;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    if (page != null) {
      ReportFile.check(page);
    }
    Lighter lighter = keepsPictures ? null : new Lighter(Programs.refiner(0));
    AssetBuild build =
        new AssetBuild(
            Programs.esbuild(esbuild),
            lighter != null && lighter.knowsPictures() ? lighter : null,
            line -> {
              err.println("freshet: " + line);
              err.flush();
            });
    BuildConfig config =
        new BuildConfig(source, out, entries, base, hasMaps, true, more, limits(), baseline);
    if (isWatching) {
      return watch(build, config);
    }
    try {
      AssetBuild.Result result = build.run(config);
      tell(result);
      return result.isPublished() ? 0 : 1;
    } catch (BuildFailed failure) {
      complain(failure.complaints());
      return 1;
    }
  }

  private List<Budget> limits() {
    List<Budget> all = new ArrayList<>();
    List<Trouble> troubles = new ArrayList<>();
    for (String text : budgets) {
      try {
        all.add(Budget.parse(text));
      } catch (IllegalArgumentException e) {
        troubles.add(
            new Trouble(
                "--budget",
                "'" + text + "' is not a budget",
                "write it like main=500KB, route=200KB, css=50KB or total=2MB"));
      }
    }
    if (!troubles.isEmpty()) {
      throw new Trouble.Found(troubles);
    }
    return all;
  }

  private void tell(AssetBuild.Result result) throws IOException {
    BundleReport report = result.report();
    complain(result.warnings());
    if (page != null) {
      ReportFile.write(page, AssetBuild.page(report));
    }
    PrintWriter to = spec.commandLine().getOut();
    if (asJson) {
      to.print(report.json());
    } else {
      summary(to, report, result.pictures());
    }
    if (isWithinBudgets(result) && !asJson) {
      to.println("built  " + out + "  (" + out.resolve(".freshet/report.html") + ")");
    }
    to.flush();
  }

  /// A line for each time that a change was built.
  private void tellAgain(AssetBuild.Result result, BuildWatch.Turn turn) {
    complain(result.warnings());
    if (isWithinBudgets(result)) {
      List<String> sizes =
          result.report().entries().stream()
              .filter(entry -> entry.first().octets() > 0)
              .limit(MAX_ADVICE)
              .map(entry -> entry.name() + " " + entry.first())
              .toList();
      PrintWriter to = spec.commandLine().getOut();
      to.println(
          String.format(
              Locale.ROOT,
              "again  %s in %.2f s: %s",
              turn.why(),
              turn.millis() / 1e3,
              String.join(", ", sizes)));
      to.flush();
    }
  }

  /// Says which budgets don't hold.
  private boolean isWithinBudgets(AssetBuild.Result result) {
    PrintWriter err = spec.commandLine().getErr();
    for (Budget.Breach breach : result.breaches()) {
      err.println("freshet: " + breach.text());
      breach.grown().forEach(line -> err.println("    " + line));
    }
    if (!result.isPublished()) {
      unchanged();
    }
    err.flush();
    return result.isPublished();
  }

  private void unchanged() {
    PrintWriter err = spec.commandLine().getErr();
    err.println("freshet: " + out + " stays as it was");
    err.flush();
  }

  private static void summary(PrintWriter to, BundleReport report, StagedPictures pictures) {
    for (BundleReport.Entry entry : report.entries()) {
      List<String> parts = new ArrayList<>();
      if (entry.first().octets() > 0) {
        parts.add("scripts " + entry.first());
      }
      if (entry.css().octets() > 0) {
        parts.add("css " + entry.css());
      }
      to.println("entry  " + entry.name() + "  " + String.join(", ", parts));
      entry
          .routes()
          .forEach(r -> to.println("       when asked for " + r.name() + "  + " + r.more()));
    }
    if (pictures.count() > 0) {
      to.println("less   " + pictures.line());
    }
    to.println("total  " + report.total() + " in " + report.files().size() + " files");
    report.splits().stream()
        .limit(MAX_ADVICE)
        .forEach(s ->
            to.println(
                "gain   %,d octets: import() %s in %s (%s)"
                    .formatted(s.octets(), s.module(), s.importer(), s.evidence())));
    report.duplicates().stream()
        .limit(MAX_ADVICE)
        .forEach(d ->
            to.println(
                "gain   %,d octets: %s is there %d times (%s)"
                    .formatted(
                        d.octets(),
                        d.name(),
                        d.copies().size(),
                        String.join(
                            ", ",
                            d.copies().stream()
                                .map(c -> c.version() + " in " + c.folder())
                                .toList()))));
  }

  private void complain(List<BuildFailed.Complaint> complaints) {
    PrintWriter err = spec.commandLine().getErr();
    for (BuildFailed.Complaint complaint : complaints) {
      err.println("freshet: " + complaint.trouble().line());
      if (!complaint.frame().isEmpty()) {
        err.println(complaint.frame());
      }
    }
    err.flush();
  }

  private int watch(AssetBuild build, BuildConfig config) throws IOException {
    Thread watching = Thread.currentThread();
    Signals.handle("INT", watching::interrupt);
    Signals.handle("TERM", watching::interrupt);
    PrintWriter err = spec.commandLine().getErr();
    try {
      // Who watches waits: coded forms take most of a build's time.
      new BuildWatch(
              build,
              config.withCoded(false),
              new BuildWatch.Listener() {
                @Override
                public void built(AssetBuild.Result result, BuildWatch.Turn turn)
                    throws IOException {
                  if (turn.changed().isEmpty()) {
                    tell(result);
                  } else {
                    tellAgain(result, turn);
                  }
                }

                @Override
                public void failed(BuildFailed failure) {
                  complain(failure.complaints());
                  unchanged();
                }

                @Override
                public void troubled(Trouble.Found found) {
                  found.troubles().forEach(t -> err.println("freshet: " + t.line()));
                  err.flush();
                }
              },
              Time.system())
          .run();
    } catch (InterruptedException e) {
      // Ctrl-C is how this ends.
      spec.commandLine().getOut().println("freshet: watching has ended");
      spec.commandLine().getOut().flush();
    }
    return 0;
  }
}
