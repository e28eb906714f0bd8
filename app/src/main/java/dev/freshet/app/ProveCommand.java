package dev.freshet.app;

import dev.freshet.base.HostPort;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.load.Aim;
import dev.freshet.load.Mix;
import dev.freshet.load.PathMix;
import dev.freshet.load.Proof;
import dev.freshet.load.ProofPage;
import dev.freshet.load.ProofTables;
import dev.freshet.load.ProofText;
import dev.freshet.load.ShopMix;
import dev.freshet.load.ThinkingMix;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `freshet prove`.
@Command(
    name = "prove",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures the same work on a site bare and through Freshet.",
      "In turns, with intervals, beside the targets; and where the time goes that is still spent.",
      "",
      "  freshet prove --demo -o report.html",
      "  freshet prove --origin http://127.0.0.1:3000 --freshet http://127.0.0.1:8080",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every target is met",
      "1:one is missed, not certain or not measured",
      "2:usage is wrong, or something can't be reached",
      "130:Ctrl-C ended it; what was measured by then is told"
    })
final class ProveCommand implements Callable<Integer> {
  private static final int MOST_USERS = 10_000;

  /// A thousand visitors have asked for all pictures of the site by then; while these are made
  /// smaller, pages are loaded beside that.
  private static final Duration WARM_PAGES = Duration.ofMinutes(3);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--origin", paramLabel = "URL", description = "the app, bare")
  private @Nullable String origin;

  @Option(names = "--freshet", paramLabel = "URL", description = "the app through Freshet")
  private @Nullable String freshet;

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      description = "Freshet's admin API, for where the time goes (127.0.0.1:8090)")
  private String admin = "127.0.0.1:8090";

  @Option(names = "--no-admin", description = "don't ask where the time goes")
  private boolean isWithoutAdmin;

  @Option(names = "--token", paramLabel = "TOKEN", description = "of the admin API")
  private @Nullable String token;

  @Option(
      names = "--database",
      paramLabel = "URL",
      description = "the app's PostgreSQL, whose work is counted")
  private @Nullable String database;

  @Option(
      names = "--path",
      paramLabel = "PATH",
      description = "what visitors ask for, again for each; without, / and what it links to")
  private List<String> paths = List.of();

  @Option(names = "--demo", description = "on the demo shop, which is started for it")
  private boolean isDemo;

  @Option(names = "--scale", paramLabel = "X", description = "size of the demo's data (1.0)")
  private double scale = 1;

  @Option(names = "--data", paramLabel = "DIR", description = "where the demo keeps its data")
  private Path data = DemoShop.defaultData();

  @Option(names = "--users", paramLabel = "N", description = "visitors at once (1000)")
  private int users = 1_000;

  @Option(
      names = "--most-users",
      paramLabel = "N",
      description = {
        "then look for the most visitors through Freshet for whom the",
        "API keeps its targets, by steps, up to N (10000 at most)"
      })
  private int most;

  @Option(
      names = "--think",
      paramLabel = "TIME",
      description = "mean pause of a visitor between two requests (10s)")
  private String think = "10s";

  @Option(names = "--rounds", paramLabel = "N", description = "on each side (4)")
  private int rounds = 4;

  @Option(names = "--seconds", paramLabel = "N", description = "measured in each round (15)")
  private int seconds = 15;

  @Option(
      names = "--warm",
      paramLabel = "N",
      description = "seconds before each side is measured first (20); a quarter later")
  private int warm = 20;

  @Option(names = "--no-browser", description = "leave out what takes a browser to measure")
  private boolean isWithoutBrowser;

  @Option(
      names = "--i-own-this-host",
      description = "allows hosts outside this machine and private networks")
  private boolean isOwned;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "write a report too: .md, .html or .json; again for each")
  private List<Path> outputs = List.of();

  @Option(names = "--json", description = "print the report as JSON")
  private boolean asJson;

  @Override
  public Integer call() {
    check();
    PrintWriter console = asJson ? spec.commandLine().getErr() : spec.commandLine().getOut();
    Consumer<String> progress =
        line -> {
          console.println(line);
          console.flush();
        };
    try {
      return isDemo ? demo(progress) : site(progress);
    } catch (InterruptedException e) {
      progress.accept("Ended before the first round was over: there is no report.");
      Thread.currentThread().interrupt();
      return EarlyEnd.EXIT_CODE;
    }
  }

  private void check() {
    List<Trouble> wrong = new ArrayList<>();
    if (isDemo ? origin != null || freshet != null : origin == null || freshet == null) {
      wrong.add(
          new Trouble(
              "prove",
              isDemo ? "--demo has its own site" : "it takes a site bare and through Freshet",
              "give --origin and --freshet, or --demo alone"));
    }
    if (rounds < 1 || rounds > 100 || seconds < 1 || seconds > 3_600 || warm < 0) {
      wrong.add(
          new Trouble(
              "--rounds, --seconds, --warm",
              "out of bounds",
              "1 to 100 rounds of 1 to 3600 seconds, warmed up for 0 or more"));
    }
    if (users < 1 || users > MOST_USERS) {
      wrong.add(new Trouble("--users " + users, "out of bounds", "give 1 to 10000"));
    }
    if (most < 0 || most > MOST_USERS) {
      wrong.add(new Trouble("--most-users " + most, "out of bounds", "give up to 10000"));
    }
    for (String path : paths) {
      if (!path.startsWith("/")) {
        wrong.add(new Trouble("--path " + path, "is not a path", "begin it with a slash"));
      }
    }
    for (Path file : outputs) {
      Path folder = file.toAbsolutePath().getParent();
      if (!file.toString().matches(".*\\.(md|html|json)")) {
        wrong.add(
            new Trouble("-o " + file, "no such kind of report", "end it in .md, .html or .json"));
      } else if (folder == null || !Files.isWritable(folder)) {
        wrong.add(new Trouble("-o " + file, "its folder can't be written to", "name another"));
      }
    }
    if (!wrong.isEmpty()) {
      throw new Trouble.Found(wrong);
    }
  }

  private int demo(Consumer<String> progress) throws InterruptedException {
    Thread here = Thread.currentThread();
    DemoStage stage = new DemoStage(data, scale, progress);
    Thread stop =
        new Thread(
            () -> {
              here.interrupt();
              stage.close();
            },
            "freshet-prove-stop");
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      return demo(stage, progress);
    } finally {
      stage.close();
    }
  }

  private int demo(DemoStage stage, Consumer<String> progress) throws InterruptedException {
    DemoStage.Parts parts = stage.open(8080, true);
    List<String> categories = stage.shop().categories(parts.bare());
    String at = parts.freshet().console().address().toString();
    try (AdminApi api = AdminApi.at(at, null)) {
      return run(
          new ProofRun.Subject(
              parts.bare(),
              parts.through(),
              isOwned,
              new ShopMix(stage.shop().products(), categories),
              "browsing, searching, filling carts and changing stock in the demo shop",
              api,
              parts.database()),
          DemoStage.pages(categories),
          () -> parts.freshet().refiner().isIdle(),
          progress);
    }
  }

  private int site(Consumer<String> progress) throws InterruptedException {
    HostPort bare = address("--origin", origin);
    HostPort through = address("--freshet", freshet);
    AdminApi api = isWithoutAdmin ? null : AdminApi.at(admin, token);
    try {
      if (api != null) {
        // Whatever is wrong there comes out before minutes are spent.
        var _ = api.get("/status");
      }
      List<String> asked = paths.isEmpty() ? SitePaths.of(bare) : paths;
      return run(
          new ProofRun.Subject(
              bare,
              through,
              isOwned,
              new PathMix(asked),
              "asking for " + asked.size() + " paths, each as often as any other",
              api,
              database),
          asked.stream().filter(PathMix::isPage).limit(3).toList(),
          () -> rests(api),
          progress);
    } finally {
      if (api != null) {
        api.close();
      }
    }
  }

  /// Where nobody can be asked, that what pages ship stays the same has to do.
  private static boolean rests(@Nullable AdminApi api) {
    if (api == null) {
      return true;
    }
    try {
      return api.get("/status").at("/optimize/forms/waiting").asInt() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private int run(
      ProofRun.Subject subject,
      List<String> pages,
      BooleanSupplier rests,
      Consumer<String> progress)
      throws InterruptedException {
    Duration pause = thinking();
    Mix mix = pause.isZero() ? subject.mix() : new ThinkingMix(subject.mix(), pause);
    ProofRun.Subject whole =
        new ProofRun.Subject(
            subject.bare(),
            subject.through(),
            isOwned,
            mix,
            subject.work(),
            subject.admin(),
            subject.database());
    PageLoads loads =
        isWithoutBrowser
            ? (many, told) -> ProofTables.PageLoads.leftOut()
            : pages.isEmpty()
                ? (many, told) -> ProofTables.PageLoads.none("no path looks like a page")
                : new BrowserLoads(
                    subject.bare(), subject.through(), pages, rests, WARM_PAGES, Time.system());
    ProofRun run =
        new ProofRun(
            whole,
            new ProofRun.Effort(
                users, pause, rounds, Duration.ofSeconds(seconds), Duration.ofSeconds(warm), most),
            progress);
    Proof proof = run.run(loads);
    String json = ProofJson.of(proof, run.bottlenecks(), run.isEarly());
    for (Path file : outputs) {
      write(file, proof, json);
      progress.accept("Wrote " + file);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(asJson ? json : ProofText.plain(proof));
    out.flush();
    return run.isEarly() ? EarlyEnd.EXIT_CODE : proof.isMet() ? 0 : 1;
  }

  private Duration thinking() {
    return think.equals("0") ? Duration.ZERO : Durations.flag("--think", think);
  }

  private static void write(Path file, Proof proof, String json) {
    String name = file.toString();
    String text =
        name.endsWith(".md")
            ? ProofText.markdown(proof)
            : name.endsWith(".html") ? ProofPage.html(proof) : json;
    try {
      Files.writeString(file, text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new Trouble.Found(
          new Trouble(
              "-o " + file, "it can't be written (" + e.getMessage() + ")", "name another"));
    }
  }

  private HostPort address(String flag, @Nullable String url) {
    String text = String.valueOf(url);
    if (!text.startsWith("http://")) {
      throw new Trouble.Found(
          new Trouble(flag + " " + text, "is no URL", "write it like http://127.0.0.1:8080"));
    }
    String rest = text.substring("http://".length());
    try {
      HostPort at =
          HostPort.parse(rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest, 80);
      // Refuses where a load could do harm.
      var _ = new Aim(URI.create(text), 1, 1, Duration.ofSeconds(10), isOwned, false).address();
      return at;
    } catch (IllegalArgumentException e) {
      throw new Trouble.Found(
          new Trouble(flag + " " + text, String.valueOf(e.getMessage()), "correct the flag"));
    }
  }
}
