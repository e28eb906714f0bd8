package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.HostPort;
import dev.freshet.base.LowPriority;
import dev.freshet.base.ShortTurns;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.load.ProofTables;
import dev.freshet.load.Scorecard;
import dev.freshet.load.ShopMix;
import java.io.PrintWriter;
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
      "that you can look around. Before its turn Freshet asks ahead, and what its report says is",
      "done in the shop's database. The data is kept for the next time.",
      "",
      "  freshet demo",
      "  freshet demo --quick        a small shop, a short load, then ends",
      ""
    })
final class DemoCommand implements Callable<Integer> {
  /// Asking ahead at full size.
  private static final int AHEAD = 60;

  private static final int WIDTH = 100;
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
          "seconds in which Freshet may ask ahead, as `freshet warm --log` does, for what other"
              + " visitors of the day before asked for most; the scorecard says what came of it;"
              + " 0 leaves it out (60, with --quick 0)")
  private @Nullable Integer ahead;

  @Option(
      names = "--no-indexes",
      description =
          "leave the shop's database as it is; else the demo makes the indexes that Freshet's"
              + " report names, after the bare shop was measured, and takes them away when it is"
              + " started the next time")
  private boolean isWithoutIndexes;

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
    // As `freshet run` does; both sides are measured from here on.
    LowPriority.giveToCompiler();
    ShortTurns.giveTo("freshet-");
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
    ProgressLine progress = ProgressLine.on(console, !asJson);
    DemoRun.Outcome outcome =
        new DemoRun(parts, stage.shop(), mix, effort(), console, progress).measure();
    List<String> notes = new ArrayList<>(outcome.notes());
    if (!isWithoutBrowser) {
      ProofTables.PageLoads seen = pages(console, parts, DemoStage.pages(categories));
      seen.figures().forEach(figure -> pages.add(figure.row()));
      if (!seen.why().isEmpty()) {
        notes.add("page load in a browser: " + seen.why());
      }
    }
    Scorecard card = outcome.card().with(pages, notes);
    if (asJson) {
      spec.commandLine().getOut().println(json(card, outcome));
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
      slow(outcome.slow(), freshet.console().address()).forEach(line -> say(console, line));
    }
    if (!quick && !asJson) {
      say(console, "Have a look around; Ctrl-C stops everything.");
      over.await();
    }
    return 0;
  }

  private DemoRun.Effort effort() {
    return new DemoRun.Effort(
        users > 0 ? users : quick ? 20 : 50,
        seconds > 0 ? seconds : quick ? 4 : 15,
        warm,
        ahead != null ? ahead : quick ? 0 : AHEAD,
        isWithoutIndexes ? 0 : quick ? 2 : 5);
  }

  /// What a reader of the card asks next.
  static List<String> slow(List<Bottleneck> slow, HostPort console) {
    String where = "http://" + console + "/#time";
    if (slow.isEmpty()) {
      return List.of("No request went to the shop that could be slow; see " + where, "");
    }
    List<String> out = new ArrayList<>();
    out.add("What is still slow, of requests that reach the shop, and what to do:");
    for (Bottleneck each : slow) {
      wrap("  - ", each.says(), out);
      wrap("    ", each.remedy(), out);
    }
    out.add("More of it: " + where);
    out.add("");
    return out;
  }

  /// In lines of at most a screen's width, further ones below the text.
  private static void wrap(String indent, String text, List<String> out) {
    StringBuilder line = new StringBuilder(indent);
    for (String word : text.split(" ", -1)) {
      if (line.length() > indent.length() && line.length() + word.length() > WIDTH) {
        out.add(line.toString().stripTrailing());
        line = new StringBuilder(" ".repeat(indent.length()));
      }
      line.append(word).append(' ');
    }
    out.add(line.toString().stripTrailing());
  }

  private static void notBackwards(String flag, @Nullable Integer said) {
    if (said != null && said < 0) {
      throw new Trouble.Found(
          new Trouble(flag + " " + said, "time doesn't run backwards", "say 0 or more seconds"));
    }
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

  private static String json(Scorecard card, DemoRun.Outcome outcome) {
    Map<String, Object> all = new LinkedHashMap<>(card.data());
    all.put("version", Version.text());
    all.put("indexes", outcome.indexes());
    all.put("bottlenecks", outcome.slow());
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
