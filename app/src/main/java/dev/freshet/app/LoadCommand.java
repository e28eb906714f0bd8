package dev.freshet.app;

import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.load.Aim;
import dev.freshet.load.Comparison;
import dev.freshet.load.Crawl;
import dev.freshet.load.Generator;
import dev.freshet.load.LoadPage;
import dev.freshet.load.LoadReport;
import dev.freshet.load.Manner;
import dev.freshet.load.Measured;
import dev.freshet.load.Phase;
import dev.freshet.load.Replay;
import dev.freshet.load.ReplayReport;
import dev.freshet.load.Scenario;
import dev.freshet.load.Threshold;
import dev.freshet.load.Visits;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `freshet load`.
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Puts load on a site and tells what its visitors felt.",
      "Every request is timed from when it was meant to begin, so a pause of the server",
      "counts for all who wait.",
      "Without a scenario it follows the site's links and its OpenAPI document.",
      "Exit code 1 when a threshold was missed, nothing was answered, or the figures can't",
      "be believed. Ctrl-C ends it and still reports; exit code 130 then.",
      "",
      "  freshet load http://127.0.0.1:8080",
      "  freshet load shop http://127.0.0.1:8080 --rate 200 --for 1m",
      "  freshet load live http://127.0.0.1:8080 --threshold 'delay p95 < 100ms'",
      "  freshet load checkout.yaml --report load.html",
      "  freshet load --from traffic.frec --speed 10 http://127.0.0.1:8080",
      ""
    })
final class LoadCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..2",
      paramLabel = "WHAT",
      description = {
        "a scenario's file, `shop`, `live`, or nothing; then the address, unless it names one;",
        "with --from only the address (http://127.0.0.1:8080)"
      })
  private List<String> what = List.of();

  @Option(names = "--rate", paramLabel = "N", description = "visits that begin each second")
  private @Nullable String rate;

  @Option(names = "--users", paramLabel = "N", description = "users who wait for their answers")
  private int users;

  @Option(names = "--for", paramLabel = "D", description = "measured for so long (20s)")
  private @Nullable String lasting;

  @Option(names = "--warm-up", paramLabel = "D", description = "before that (5s)")
  private @Nullable String warmUp;

  @Option(
      names = "--threshold",
      paramLabel = "T",
      description = {
        "`p95 < 200ms`, `home p99 < 1s`, `errors < 1%%`, `rate > 100`, `hits > 80%%`,",
        "`delay p95 < 100ms` and other times of channels"
      })
  private List<String> thresholds = new ArrayList<>();

  @Option(names = "--timeout", paramLabel = "D", description = "patience of visitors (10s)")
  private String timeout = "10s";

  @Option(names = "--share", description = "users share the connections of --connections")
  private boolean share;

  @Option(
      names = "--browser",
      description = "visitors load the files of pages and keep what they may, as browsers do")
  private boolean browser;

  @Mixin private AimFlags target = new AimFlags();

  @Mixin private ReplayFlags recorded = new ReplayFlags();

  @Option(names = "--seed", paramLabel = "N", description = "the same one does the same")
  private long seed = 1;

  @Option(names = "--json", description = "print everything as JSON")
  private boolean asJson;

  @Option(names = "--report", paramLabel = "FILE", description = "write a page to look at (HTML)")
  private @Nullable Path page;

  @Option(
      names = "--compare",
      paramLabel = "FILE",
      description = "JSON of an earlier run, shown beside this one")
  private @Nullable Path earlier;

  @Option(
      names = "--summary",
      paramLabel = "FILE",
      description = "write a summary under k6's names (JSON)")
  private @Nullable Path summary;

  @Option(
      names = "--hgrm",
      paramLabel = "DIR",
      description = "write each phase's percentiles (.hgrm, milliseconds)")
  private @Nullable Path histograms;

  @Override
  public Integer call() throws InterruptedException {
    Comparison before = earlier == null ? null : new Comparison(LoadFiles.json(earlier));
    Replay replay = recorded.replay();
    LoadFiles.Named named = replay == null ? LoadFiles.named(what) : LoadFiles.address(what);
    Aim aim = aim(named);
    target.warn(spec.commandLine().getErr());
    // Looked up once, before anything is asked of the host: what was allowed is what is met.
    InetSocketAddress address = aim.address();
    Work work = replay == null ? work(named, aim, address) : work(replay);
    List<Threshold> asked = new ArrayList<>(work.thresholds());
    thresholds.forEach(text -> asked.add(Flags.read("--threshold", () -> Threshold.parse(text))));
    PrintWriter console = asJson ? spec.commandLine().getErr() : spec.commandLine().getOut();
    try (Generator generator = Generator.open(aim, address, work.visits(), Time.system());
        var _ = new Interruption(generator::stop, aim.timeout())) {
      long began = Time.system().millis();
      LoadView view = LoadView.on(console, !asJson);
      List<Measured> measured = run(generator, work.phases(), view);
      LoadReport report =
          new LoadReport(aim.target().toString(), work.name(), began, measured, asked);
      ReplayReport beside = replay == null ? null : new ReplayReport(replay, measured.getFirst());
      console.print(report.text() + (beside == null ? "" : beside.text()));
      console.print(before == null ? "" : before.text(report.loaded()));
      console.flush();
      if (asJson) {
        Map<String, Object> data = report.data();
        if (beside != null) {
          data.put("replay", beside.data());
        }
        spec.commandLine().getOut().println(LoadFiles.text(data));
        spec.commandLine().getOut().flush();
      }
      write(report, before, beside, console);
      return report.isWell() ? 0 : 1;
    }
  }

  /// What there is to do.
  private record Work(String name, List<Phase> phases, Visits visits, List<Threshold> thresholds) {}

  private Work work(LoadFiles.Named named, Aim aim, InetSocketAddress address)
      throws InterruptedException {
    Scenario scenario =
        named.scenario() == null ? Crawl.of(aim, address, Time.system()) : named.scenario();
    return new Work(scenario.name(), phases(scenario), scenario.acts(seed), scenario.thresholds());
  }

  private Work work(Replay replay) {
    if (rate != null || users != 0) {
      throw new Trouble.Found(
          new Trouble(
              rate != null ? "--rate" : "--users",
              "recorded visitors come when they came",
              "say how fast with --speed"));
    }
    if (browser) {
      throw new Trouble.Found(
          new Trouble(
              "--browser",
              "what browsers asked for is in the recording, page by page with its files",
              "leave one of --browser and --from out"));
    }
    Duration first = warmUp == null ? null : Durations.flag("--warm-up", warmUp);
    Duration most = lasting == null ? null : Durations.flag("--for", lasting);
    Phase phase = Flags.read("--warm-up and --for", () -> replay.phase(first, most));
    return new Work("replay", List.of(phase), replay, List.of());
  }

  private Aim aim(LoadFiles.Named named) {
    Scenario scenario = named.scenario();
    Manner said = scenario == null ? Manner.PLAIN : scenario.manner();
    Duration patience = Durations.flag("--timeout", timeout);
    return target.aim(named.target(), patience, 100, share, browser, said);
  }

  private List<Phase> phases(Scenario scenario) {
    boolean isSaid = rate != null || users != 0 || lasting != null || warmUp != null;
    if (!isSaid && !scenario.phases().isEmpty()) {
      return scenario.phases();
    }
    if (rate != null && users != 0) {
      throw new Trouble.Found(new Trouble("--users", "stands beside --rate", "keep one of them"));
    }
    Duration behind = Durations.flag("--for", lasting == null ? "20s" : lasting);
    Duration first = Durations.flag("--warm-up", warmUp == null ? "5s" : warmUp);
    if (users != 0) {
      return List.of(Flags.read("--users", () -> Phase.users(users, first, behind)));
    }
    String arrivals = rate == null ? "20" : rate;
    return List.of(
        Flags.read(
            "--rate", () -> Phase.constantRate(ScenarioReader.rate(arrivals), first, behind)));
  }

  private static List<Measured> run(Generator generator, List<Phase> phases, LoadView view)
      throws InterruptedException {
    List<Measured> out = new ArrayList<>();
    for (Phase phase : phases) {
      Measured measured = generator.run(phase, view);
      view.end();
      out.add(measured);
      if (measured.isStopped()) {
        break;
      }
    }
    return out;
  }

  private void write(
      LoadReport report,
      @Nullable Comparison before,
      @Nullable ReplayReport beside,
      PrintWriter console) {
    if (page != null) {
      LoadFiles.write(page, LoadPage.of(report, before, beside));
      console.println("Written to " + page);
    }
    if (summary != null) {
      LoadFiles.write(summary, LoadFiles.text(report.summary()));
    }
    if (histograms != null) {
      LoadFiles.histograms(histograms, report);
    }
    console.flush();
  }
}
