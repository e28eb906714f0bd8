package dev.freshet.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `freshet warm`.
@Command(
    name = "warm",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Lets a running Freshet ask the app before visitors do.",
      "For after a start or a deploy. What an access log has most often goes first. Freshet asks",
      "by itself, as nobody in particular, with what the app has to spare, and keeps what it may",
      "keep; what is for one user, what sounds as if it did something (/logout, ?add-to-cart=7)",
      "and routes on which a GET was seen to write are left alone.",
      "",
      "  freshet warm http://shop.example --log /var/log/nginx/access.log",
      "  zcat access.log.*.gz | freshet warm http://shop.example --log -",
      "  freshet warm http://shop.example --sitemap",
      ""
    })
final class WarmCommand implements Callable<Integer> {
  /// So many are brought at a time, and again when fewer than half of them wait.
  private static final int A_LOAD = 1_000;

  private static final long LOOK_MILLIS = 250;
  private static final long SHOW_NANOS = TimeUnit.SECONDS.toNanos(5);

  /// What the admin API takes at once, with room for what is around the addresses.
  private static final int MOST_OCTETS = 800_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SITE", description = "scheme and host as clients use them")
  private String site = "";

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description = {
        "access log (common or combined format), or a list of addresses or paths, one a line; -",
        "reads standard input; may be repeated"
      })
  private List<String> logs = new ArrayList<>();

  @Option(
      names = "--sitemap",
      paramLabel = "URL",
      arity = "0..1",
      fallbackValue = "",
      description = "sitemap of the site, gzipped or not (SITE/sitemap.xml)")
  private @Nullable String sitemap;

  @Option(names = "--most", paramLabel = "N", description = "addresses (${DEFAULT-VALUE})")
  private int most = 10_000;

  @Option(names = "--for", paramLabel = "D", description = "at most so long (${DEFAULT-VALUE})")
  private String lasting = "10m";

  @Option(
      names = "--at-once",
      paramLabel = "N",
      description = "requests to the app at a time, at most 16 (${DEFAULT-VALUE})")
  private int atOnce = WarmOrders.AT_ONCE;

  @Option(names = "--admin", paramLabel = "HOST:PORT", description = "(${DEFAULT-VALUE})")
  private String admin = "127.0.0.1:8090";

  @Option(names = "--token", description = "the admin API's token; better: FRESHET_TOKEN")
  private @Nullable String token;

  @Option(names = "--json", description = "print the end as JSON")
  private boolean asJson;

  private final Time time = Time.system();
  private final CountDownLatch interrupted = new CountDownLatch(1);

  @Override
  public Integer call() throws InterruptedException {
    Duration patience = Durations.flag("--for", lasting);
    if (most < 1) {
      throw new Trouble.Found(new Trouble("--most " + most, "is less than one", "give 1 or more"));
    }
    Addresses found = Flags.read("SITE", () -> new Addresses(site));
    collect(found);
    PrintWriter progress = asJson ? spec.commandLine().getErr() : spec.commandLine().getOut();
    progress.println(found.said());
    if (found.size() == 0) {
      throw new Trouble.Found(
          new Trouble(
              "warm " + site,
              "there is no address of it in what was given",
              "write scheme and host as its visitors do, or give another --log"));
    }
    try (AdminApi api = AdminApi.at(admin, token);
        var _ = new Interruption(interrupted::countDown, Duration.ZERO)) {
      return warm(api, found.mostAsked(most), patience, progress);
    }
  }

  private void collect(Addresses found) throws InterruptedException {
    if (logs.isEmpty() && sitemap == null) {
      throw new Trouble.Found(
          new Trouble(
              "warm", "it isn't said what visitors will ask for", "give --log FILE or --sitemap"));
    }
    for (String log : logs) {
      try (BufferedReader in =
          log.equals("-")
              ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.ISO_8859_1))
              : Files.newBufferedReader(Path.of(log), StandardCharsets.ISO_8859_1)) {
        found.read(in);
      } catch (IOException e) {
        throw new Trouble.Found(
            new Trouble("--log " + log, "it can't be read (" + e.getMessage() + ")", "correct it"));
      }
    }
    if (sitemap != null) {
      found.sitemap(sitemap.isEmpty() ? found.site() + "/sitemap.xml" : sitemap);
    }
  }

  private int warm(AdminApi api, List<String> urls, Duration patience, PrintWriter progress)
      throws InterruptedException {
    long end = time.nanos() + patience.toNanos();
    long shown = time.nanos();
    int brought = 0;
    JsonNode before = api.get("/warm");
    JsonNode now = before;
    boolean isOver = false;
    while (!isOver) {
      if (brought < urls.size() && now.path("waiting").asInt() < A_LOAD / 2) {
        List<String> load = load(urls, brought);
        now = api.post("/warm", Map.of("urls", load, "atOnce", atOnce));
        brought += load.size();
      }
      boolean isStopped =
          interrupted.await(LOOK_MILLIS, TimeUnit.MILLISECONDS) || time.nanos() - end > 0;
      now = isStopped ? api.post("/warm", Map.of("stop", true)) : api.get("/warm");
      boolean isIdle = now.path("waiting").asInt() + now.path("underWay").asInt() == 0;
      isOver = isStopped || (isIdle && brought == urls.size());
      if (isOver || time.nanos() - shown > SHOW_NANOS) {
        progress.println(line(since(before, now), urls.size()));
        progress.flush();
        shown = time.nanos();
      }
    }
    JsonNode done = since(before, now);
    if (asJson) {
      spec.commandLine().getOut().println(done.toPrettyString());
    }
    return done.path("made").asLong() + done.path("there").asLong() > 0 ? 0 : 1;
  }

  private static List<String> load(List<String> urls, int from) {
    int octets = 0;
    int to = from;
    while (to < urls.size() && to - from < A_LOAD && octets < MOST_OCTETS) {
      octets += urls.get(to++).length() + 8;
    }
    return urls.subList(from, to);
  }

  /// What this run came to: Freshet counts since its start.
  private static ObjectNode since(JsonNode before, JsonNode now) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("waiting", now.path("waiting").asInt());
    out.put("underWay", now.path("underWay").asInt());
    for (String sum : List.of("made", "there", "notKept")) {
      out.put(sum, now.path(sum).asLong() - before.path(sum).asLong());
    }
    ObjectNode leftAlone = out.putObject("leftAlone");
    for (Map.Entry<String, JsonNode> why : now.path("leftAlone").properties()) {
      long many = why.getValue().asLong() - before.path("leftAlone").path(why.getKey()).asLong();
      if (many > 0) {
        leftAlone.put(why.getKey(), many);
      }
    }
    return out;
  }

  private static String line(JsonNode done, int all) {
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "of %,d: %,d made, %,d there already, %,d not kept",
            all,
            done.path("made").asLong(),
            done.path("there").asLong(),
            done.path("notKept").asLong()));
    for (Map.Entry<String, JsonNode> why : done.path("leftAlone").properties()) {
      out.append(
          String.format(
              Locale.ROOT, ", %,d left alone (%s)", why.getValue().asLong(), why.getKey()));
    }
    return out.toString();
  }
}
