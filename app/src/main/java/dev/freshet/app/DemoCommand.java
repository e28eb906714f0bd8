package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.HostPort;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.edge.EdgeSnapshot;
import dev.freshet.gateway.Gateway;
import dev.freshet.load.Aim;
import dev.freshet.load.LoadResult;
import dev.freshet.load.ProofTables;
import dev.freshet.load.Scorecard;
import dev.freshet.load.ShopMix;
import dev.freshet.load.UserLoad;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `freshet demo`.
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows it at work on an ordinary slow shop, beside the same shop bare.",
      "Starts PostgreSQL, the shop on it, and Freshet in front; puts the same load on the shop",
      "bare and through Freshet, prints both beside the targets, and stays up until Ctrl-C so",
      "that you can look around. The data is kept for the next time.",
      "",
      "  freshet demo",
      "  freshet demo --quick        a small shop, a short load, then ends",
      ""
    })
final class DemoCommand implements Callable<Integer> {
  private static final long SEED = 20_260_101;
  private static final int MOST_WARMING = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration QUICK_PATIENCE = Duration.ofSeconds(3);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--quick", description = "a small shop, a short load, then end")
  private boolean quick;

  @Option(names = "--json", description = "print the scorecard as JSON, and end")
  private boolean asJson;

  @Option(names = "--users", paramLabel = "N", description = "who load the shop at once (50)")
  private int users;

  @Option(names = "--seconds", paramLabel = "N", description = "measured each way (15)")
  private int seconds;

  @Option(
      names = "--warm",
      paramLabel = "N",
      description =
          "seconds of the same load before that: the scorecard says how many, and what the hit"
              + " ratio was meanwhile (5 more than are measured, 20 at most; the bare shop, which"
              + " has no cache to fill, is never given more)")
  private @Nullable Integer warm;

  @Option(
      names = "--ahead",
      paramLabel = "N",
      description =
          "seconds in which Freshet may ask ahead, as `freshet warm --log` would, for what other"
              + " visitors of the day before asked for most; the scorecard says what came of it"
              + " (0)")
  private int ahead;

  @Option(names = "--scale", paramLabel = "X", description = "size of the shop's data (1.0)")
  private double scale;

  @Option(
      names = "--identity",
      paramLabel = "full|default",
      description =
          "what the database's log tells of old rows: all of them, so that a change ends only"
              + " answers that the row was in (full), or their keys (default)")
  private Identity identity = Identity.FULL;

  private enum Identity {
    FULL,
    DEFAULT
  }

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "where the demo keeps its data (the user's cache folder)")
  private Path data = DemoShop.defaultData();

  @Option(
      names = "--no-browser",
      description = "leave out page loads, which take a chromium or google-chrome on the PATH")
  private boolean isWithoutBrowser;

  @Option(names = "--port", paramLabel = "N", description = "for Freshet (8080, or a free one)")
  private int port = 8080;

  @Override
  public Integer call() throws InterruptedException {
    notBackwards("--warm", warm);
    notBackwards("--ahead", ahead);
    PrintWriter console = asJson ? spec.commandLine().getErr() : spec.commandLine().getOut();
    double size = scale > 0 ? scale : quick ? 0.05 : 1.0;
    int many = users > 0 ? users : quick ? 20 : 50;
    int each = seconds > 0 ? seconds : quick ? 4 : 15;
    CountDownLatch over = new CountDownLatch(1);
    DemoStage stage = new DemoStage(data, size, line -> say(console, line));
    Thread stop =
        new Thread(
            () -> {
              stage.close();
              over.countDown();
            },
            "freshet-demo-stop");
    Runtime.getRuntime().addShutdownHook(stop);
    DemoStage.Parts parts = stage.open(port, identity == Identity.FULL);
    HostPort bare = parts.bare();
    HostPort through = parts.through();
    Wiring freshet = parts.freshet();
    say(console, "");
    say(console, "  shop bare              http://" + bare);
    say(console, "  shop through Freshet   http://" + through);
    say(console, "  PostgreSQL gateway     " + parts.gateway() + " (user and password postgres)");
    say(console, "  Freshet's console      http://" + freshet.console().address());
    say(console, "");
    List<String> categories = stage.shop().categories(bare);
    ShopMix mix = new ShopMix(stage.shop().products(), categories);
    List<Scorecard.Row> pages = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    Scorecard load = measure(console, parts, mix, many, each);
    if (!isWithoutBrowser) {
      ProofTables.PageLoads seen = pages(console, parts, DemoStage.pages(categories));
      seen.figures().forEach(figure -> pages.add(figure.row()));
      if (!seen.why().isEmpty()) {
        notes.add("page load in a browser: " + seen.why());
      }
    }
    Scorecard card = load.with(pages, notes);
    if (asJson) {
      spec.commandLine().getOut().println(json(card));
    } else {
      say(console, card.text());
      say(
          console,
          """
            Through Freshet home, category, product and search pages are shared as long as the
            rows they were made from stay as they are, and shown as to a new visitor: no
            greeting, no cart count. Cart, account and /api/me are never stored.
            /api/products and /api/search are lists: the bare shop answers them whole, Freshet
            with their first 50 elements and a link to the next.
          """);
    }
    if (!quick && !asJson) {
      say(console, "Have a look around; Ctrl-C stops everything.");
      over.await();
    }
    return 0;
  }

  private static void notBackwards(String flag, @Nullable Integer said) {
    if (said != null && said < 0) {
      throw new Trouble.Found(
          new Trouble(flag + " " + said, "time doesn't run backwards", "say 0 or more seconds"));
    }
  }

  private Scorecard measure(
      PrintWriter console, DemoStage.Parts parts, ShopMix mix, int many, int each)
      throws InterruptedException {
    String database = parts.database();
    DatabaseWork start = DatabaseWork.of(database);
    LoadResult first = load(console, parts, true, mix, many, each);
    DatabaseWork middle = DatabaseWork.of(database);
    DayBefore asked = ahead > 0 ? askAhead(console, parts, mix) : null;
    LoadResult second = load(console, parts, false, mix, many, each);
    DatabaseWork end = DatabaseWork.of(database);
    List<Scorecard.Row> more = new ArrayList<>();
    more.addAll(DatabaseWork.rows(middle.since(start), end.since(middle)));
    EdgeSnapshot edge = parts.freshet().edge().snapshot();
    more.add(needless(edge));
    if (asked != null) {
      more.add(asked.row());
    }
    long renewals = edge.routes().stream().mapToLong(EdgeSnapshot.RouteLine::renewals).sum();
    more.add(new Scorecard.Row("made again unasked", "-", Long.toString(renewals), "", ""));
    Gateway gateway = parts.freshet().gateway();
    if (gateway != null) {
      gateway.snapshot().pools().forEach(pool -> more.addAll(DatabaseWork.rows(pool)));
    }
    return new Scorecard(first, second, List.of(), more, List.of());
  }

  private DayBefore askAhead(PrintWriter console, DemoStage.Parts parts, ShopMix mix)
      throws InterruptedException {
    say(console, "Freshet asks ahead for at most %d s ...".formatted(ahead));
    Duration most = Duration.ofSeconds(ahead);
    return DayBefore.warm(parts.freshet().edge(), parts.through(), mix, SEED - 1, most);
  }

  /// What a visitor's browser makes of it, after the load, with nothing else on the shop.
  private ProofTables.PageLoads pages(
      PrintWriter console, DemoStage.Parts parts, List<String> paths) throws InterruptedException {
    BrowserLoads loads =
        new BrowserLoads(
            parts.bare(),
            parts.through(),
            quick ? paths.subList(0, 1) : paths,
            parts.freshet().refiner()::isIdle,
            quick ? QUICK_PATIENCE : PATIENCE,
            Time.system());
    return loads.each(quick ? 2 : 5, line -> say(console, line));
  }

  /// Answers made again because rows had changed that came out as they were, warming up included.
  private static Scorecard.Row needless(EdgeSnapshot edge) {
    long same = edge.routes().stream().mapToLong(EdgeSnapshot.RouteLine::refilledSame).sum();
    long other = edge.routes().stream().mapToLong(EdgeSnapshot.RouteLine::refilledOther).sum();
    return new Scorecard.Row("needless refills", "-", same + " of " + (same + other), "", "");
  }

  private LoadResult load(
      PrintWriter console, DemoStage.Parts parts, boolean isBare, ShopMix mix, int many, int each)
      throws InterruptedException {
    String name = isBare ? "bare" : "through Freshet";
    HostPort at = isBare ? parts.bare() : parts.through();
    // Long enough for the slow pages to have been fetched once.
    int usual = Math.min(MOST_WARMING, each + 5);
    int before = warm == null ? usual : isBare ? Math.min(MOST_WARMING, warm) : warm;
    say(
        console,
        "Loading the shop %s: %d users, %d s to warm up, %d s measured ..."
            .formatted(name, many, before, each));
    Aim aim = Aim.at(URI.create("http://" + at)).with(1, 1, Duration.ofSeconds(30));
    return new UserLoad(aim, mix, many, Duration.ofSeconds(before), Duration.ofSeconds(each), SEED)
        .run(Time.system());
  }

  private static String json(Scorecard card) {
    Map<String, Object> all = new LinkedHashMap<>(card.data());
    all.put("version", Version.text());
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a scorecard is plain records", e);
    }
  }

  private static void say(PrintWriter console, String line) {
    console.println(line);
    console.flush();
  }
}
