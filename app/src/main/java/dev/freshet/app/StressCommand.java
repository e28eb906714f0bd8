package dev.freshet.app;

import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.load.Aim;
import dev.freshet.load.BreakingPoint;
import dev.freshet.load.Call;
import dev.freshet.load.Found;
import dev.freshet.load.Generator;
import dev.freshet.load.Manner;
import dev.freshet.load.RecordedVisits;
import dev.freshet.load.ReplayOrder;
import dev.freshet.load.Scenario;
import dev.freshet.load.StressBench;
import dev.freshet.load.StressPage;
import dev.freshet.load.StressReport;
import dev.freshet.load.StressStep;
import dev.freshet.load.Visits;
import dev.freshet.recording.Recording;
import dev.freshet.recording.RecordingOrder;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `freshet stress`.
@Command(
    name = "stress",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Finds how much a site can take, unattended and in under three minutes.",
      "More and more requests arrive each second until 95 of 100 are no longer answered in",
      "time, or too many fail; then the rate between is narrowed down and seen again. Says",
      "what was at its limit, what happens at twice that, how long it takes to be well",
      "after, and how many users that is.",
      "",
      "Requests arrive at their rate whatever became of those before, as visitors do, and",
      "are timed from when they were meant to be sent. A generator that can't keep up is",
      "named as the limit; its figures are never taken for the site's.",
      "",
      "  freshet stress http://127.0.0.1:8080/",
      "  freshet stress http://127.0.0.1:8080/ /api/products --p95 200ms --report stress.html",
      "  freshet stress http://127.0.0.1:8080/ --admin 127.0.0.1:8090 --plan-users 5000",
      "  freshet stress --scenario checkout.yaml http://127.0.0.1:8080",
      "",
      "It really does bring a site down that can be brought down: use one nobody needs.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:found, and at least what --at-least asks for",
      "1:no rate kept the target, less than asked for, or ended early",
      "2:usage is wrong, or nobody answers",
      "130:ended by Ctrl-C; what there was until then is told"
    })
final class StressCommand implements Callable<Integer> {
  private static final long SEED = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "URL",
      description = "the site, with a path to ask for")
  private @Nullable String url;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "PATH",
      description = "more paths, asked for in turn")
  private List<String> paths = List.of();

  @Option(
      names = "--scenario",
      paramLabel = "FILE",
      description =
          "its visits instead of paths, without their pauses; or `shop`; or a recording (.frec)")
  private @Nullable String scenario;

  @Option(
      names = "--p95",
      paramLabel = "TIME",
      description = "95 of 100 requests are answered within (${DEFAULT-VALUE})")
  private String p95 = "500ms";

  @Option(
      names = "--errors",
      paramLabel = "PERCENT",
      description = "requests that may fail (${DEFAULT-VALUE})")
  private double errors = 1;

  @Option(
      names = "--warm-up",
      paramLabel = "TIME",
      description = "a few visitors until it is steady, so long at most (a fifth of --within)")
  private @Nullable String warmUp;

  @Option(
      names = "--from",
      paramLabel = "RATE",
      description = "a second, to begin with at least (${DEFAULT-VALUE})")
  private double from = 10;

  @Option(
      names = "--most",
      paramLabel = "RATE",
      description = "a second, to stop at (${DEFAULT-VALUE})")
  private double most = 200_000;

  @Option(
      names = "--at-least",
      paramLabel = "RATE",
      description = "exit with 1 where the site takes less")
  private double atLeast;

  @Option(
      names = "--step",
      paramLabel = "TIME",
      description = "how long a rate is tried (${DEFAULT-VALUE})")
  private String step = "5s";

  @Option(
      names = "--within",
      paramLabel = "TIME",
      description = "how long all of it may take, steps of it eight or more (${DEFAULT-VALUE})")
  private String within = "170s";

  @Option(
      names = "--plan-users",
      paramLabel = "N",
      description = "say how many nodes so many users need")
  private double users;

  @Option(
      names = "--per-user",
      paramLabel = "RATE",
      description = "requests a second that a user makes (${DEFAULT-VALUE})")
  private double perUser = 0.2;

  @Mixin private AimFlags flags = new AimFlags();

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      description = "of a Freshet that the requests pass: its meters tell what was at its limit")
  private @Nullable String admin;

  @Option(names = "--token", description = "the admin API's token; better: FRESHET_TOKEN")
  private @Nullable String token;

  @Option(names = "--json", description = "print all figures as JSON")
  private boolean asJson;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "write a page with pictures (.html), or Markdown (.md)")
  private @Nullable Path report;

  @Override
  public Integer call() throws InterruptedException {
    Duration limit = Durations.flag("--p95", p95);
    Duration patience = limit.multipliedBy(4).plusMillis(500);
    RecordedVisits again = recorded();
    LoadFiles.Named named = named(again != null);
    Scenario visited = named.scenario() == null ? null : named.scenario().withoutPauses();
    if (visited != null) {
      refuseChannels(visited);
    }
    Manner said = visited == null ? Manner.PLAIN : visited.manner();
    Aim aim = flags.aim(named.target(), patience, 500, false, false, said);
    flags.warn(spec.commandLine().getErr());
    URI target = aim.target();
    BreakingPoint.Plan plan = Flags.read("stress", () -> plan(limit));
    if (!(perUser > 0)) {
      throw new Trouble.Found(
          new Trouble("--per-user", "a user makes some requests", "correct the flag"));
    }
    Visits visits = again != null ? again : visits(visited, target);
    PrintWriter console = asJson ? spec.commandLine().getErr() : spec.commandLine().getOut();
    // Looked up once: what was allowed is what is met.
    InetSocketAddress address = aim.address();
    try (StressMeters meters = StressMeters.of(admin, token, address);
        Generator generator = Generator.open(aim, address, visits, Time.system());
        var _ = new Interruption(generator::stop, patience)) {
      say(
          console,
          "Stress on "
              + target
              + ": warming it up, then looking for its breaking point; Ctrl-C ends it.");
      say(console, StressReport.heads());
      // Tells a wrong --admin before anything is asked of the site.
      var _ = meters.begin();
      StressBench bench =
          again != null
              ? bench(generator, meters, limit, again.requestsPerVisit(), again.mostRequests())
              : visited == null
                  ? new StressBench(generator, meters::begin)
                  : bench(
                      generator, meters, limit, visited.requestsPerVisit(), visited.mostRequests());
      Found found =
          BreakingPoint.find(
              bench,
              plan,
              Time.system(),
              (stage, tried, verdict) -> say(console, StressReport.line(stage, tried, verdict)));
      return tell(new StressReport(target.toString(), found, users, perUser), console);
    }
  }

  /// How long a visitor stays on a channel is no time of an answer, and messages are no requests:
  /// neither rates nor times would be what they are called.
  private void refuseChannels(Scenario visited) {
    List<Trouble> troubles =
        visited.visits().stream()
            .flatMap(visit ->
                visit.steps().stream()
                    .filter(one -> one.talk() != null)
                    .map(one ->
                        new Trouble(
                            "--scenario " + scenario + ", " + visit.name() + ": " + one.name(),
                            "opens a channel, and stress tells the breaking point of requests",
                            "take the step out, or put load on channels with `freshet load`")))
            .toList();
    if (!troubles.isEmpty()) {
      throw new Trouble.Found(troubles);
    }
  }

  private static StressBench bench(
      Generator generator, StressMeters meters, Duration limit, double perVisit, int most) {
    return new StressBench(generator, meters::begin, perVisit, limit.multipliedBy(most - 1));
  }

  private Visits visits(@Nullable Scenario visited, URI target) {
    return visited == null ? Flags.read("PATH", () -> visits(target)) : visited.acts(SEED);
  }

  /// Recorded visits, reading ones only; null where the scenario is no recording.
  private @Nullable RecordedVisits recorded() {
    if (scenario == null || !scenario.endsWith(RecordingOrder.EXTENSION)) {
      return null;
    }
    Path file = Path.of(scenario);
    return Flags.read(
        "--scenario " + scenario,
        () -> RecordedVisits.of(Recording.open(file), ReplayOrder.plain()));
  }

  private LoadFiles.Named named(boolean isRecorded) {
    if (isRecorded && paths.isEmpty()) {
      return LoadFiles.address(url == null ? List.of() : List.of(url));
    }
    if (scenario == null) {
      if (url == null) {
        throw new Trouble.Found(
            new Trouble("stress", "it isn't said what to aim at", "add an address or --scenario"));
      }
      return new LoadFiles.Named(null, url);
    }
    if (!paths.isEmpty()) {
      throw new Trouble.Found(
          new Trouble("--scenario", "stands beside paths", "write these into the scenario"));
    }
    return LoadFiles.named(url == null ? List.of(scenario) : List.of(scenario, url));
  }

  private BreakingPoint.Plan plan(Duration limit) {
    Duration budget = Durations.flag("--within", within);
    Duration warm = warmUp == null ? budget.dividedBy(5) : Durations.flag("--warm-up", warmUp);
    return new BreakingPoint.Plan(
        new StressStep.Target(limit.toNanos() / 1e6, errors / 100),
        warm,
        from,
        most,
        Durations.flag("--step", step),
        budget,
        1.06);
  }

  private Visits visits(URI target) {
    String path = target.getRawPath() == null ? "" : target.getRawPath();
    String query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
    Visits[] all = new Visits[1 + paths.size()];
    all[0] = Visits.of(Call.get((path.isEmpty() ? "/" : path) + query));
    for (int i = 0; i < paths.size(); i++) {
      all[i + 1] = Visits.of(Call.get(paths.get(i)));
    }
    return number -> all[(int) (number % all.length)].visitor(number);
  }

  private int tell(StressReport told, PrintWriter console) {
    say(console, told.text());
    if (asJson) {
      spec.commandLine().getOut().println(LoadFiles.text(told.data()));
      spec.commandLine().getOut().flush();
    }
    if (report != null) {
      boolean isMarkdown = report.toString().endsWith(".md");
      LoadFiles.write(report, isMarkdown ? told.markdown() : StressPage.of(told));
      say(console, "Written to " + report);
    }
    Found found = told.found();
    boolean isEnough = atLeast > 0 ? found.keeps(atLeast) : found.good() != null;
    return isEnough && found.isWhole() ? 0 : 1;
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }
}
