package dev.freshet.app;

import dev.freshet.base.HostPort;
import dev.freshet.base.Time;
import dev.freshet.edge.EdgeSnapshot;
import dev.freshet.gateway.Gateway;
import dev.freshet.load.Aim;
import dev.freshet.load.LoadResult;
import dev.freshet.load.Mix;
import dev.freshet.load.Scorecard;
import dev.freshet.load.UserLoad;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The demo's measurement: the shop bare as it was found; then Freshet before it, and done what its
/// report says and what an operator would.
final class DemoRun {
  private static final long SEED = 20_260_101;
  private static final int MOST_WARMING = 20;
  private static final int STILL_SLOW = 3;
  private final DemoStage.Parts parts;
  private final DemoShop shop;
  private final Mix mix;
  private final Effort effort;
  private final PrintWriter console;
  private final ProgressLine progress;

  /// How much of it.
  ///
  /// @param seconds measured each way
  /// @param warm seconds before that; null for what is usual
  /// @param ahead seconds in which Freshet may ask ahead at most
  /// @param look seconds after which Freshet's report is read for missing indexes; 0 leaves the
  ///   shop as it is
  record Effort(int users, int seconds, @Nullable Integer warm, int ahead, int look) {}

  /// What came of it.
  ///
  /// @param indexes that were made
  /// @param notes on what was done
  /// @param slow what is the slowest still, the largest first
  record Outcome(
      Scorecard card, List<IndexAdvice> indexes, List<String> notes, List<Bottleneck> slow) {}

  DemoRun(
      DemoStage.Parts parts,
      DemoShop shop,
      Mix mix,
      Effort effort,
      PrintWriter console,
      ProgressLine progress) {
    this.parts = parts;
    this.shop = shop;
    this.mix = mix;
    this.effort = effort;
    this.console = console;
    this.progress = progress;
  }

  Outcome measure() throws InterruptedException {
    int usual = Math.min(MOST_WARMING, effort.seconds() + 5);
    Integer said = effort.warm();
    int warm = said == null ? usual : said;
    DatabaseWork start = DatabaseWork.of(parts.database());
    LoadResult bare = load("bare", parts.bare(), Math.min(MOST_WARMING, warm), effort.seconds());
    DatabaseWork bareWork = DatabaseWork.of(parts.database()).since(start);
    try (AdminApi admin = AdminApi.at(parts.freshet().console().address().toString(), null)) {
      List<IndexAdvice> indexes = effort.look() > 0 ? index(admin) : List.of();
      LoadResult indexed = indexes.isEmpty() ? null : bareIndexed();
      DayBefore asked = effort.ahead() > 0 ? askAhead() : null;
      // What is still slow for visitors is told, not what was made before they came.
      var _ = admin.post("/bottlenecks", Map.of());
      DatabaseWork middle = DatabaseWork.of(parts.database());
      LoadResult through = load("through Freshet", parts.through(), warm, effort.seconds());
      DatabaseWork throughWork = DatabaseWork.of(parts.database()).since(middle);
      List<Scorecard.Row> more = new ArrayList<>(DatabaseWork.rows(bareWork, throughWork));
      List<String> notes = new ArrayList<>();
      if (indexed != null) {
        more.addAll(DemoIndexes.rows(indexed, through));
        notes.add(DemoIndexes.note(indexes));
        notes.addAll(DemoIndexes.warnings(indexed));
      }
      more.addAll(rows(asked));
      List<Bottleneck> slow = BottleneckReport.of(admin).bottlenecks();
      return new Outcome(
          new Scorecard(bare, through, List.of(), more, List.of()),
          indexes,
          notes,
          slow.subList(0, Math.min(STILL_SLOW, slow.size())));
    }
  }

  /// Visitors of another day, so that Freshet sees the statements of all kinds of requests.
  private List<IndexAdvice> index(AdminApi admin) throws InterruptedException {
    say("Looking for %d s at what the shop asks its database ...".formatted(effort.look()));
    var _ = run(parts.through(), 0, effort.look(), SEED - 2);
    return new DemoIndexes(shop, admin, this::say).make();
  }

  /// So that nobody takes for Freshet's what the indexes alone have done.
  private LoadResult bareIndexed() throws InterruptedException {
    int warm = Math.min(5, effort.seconds());
    return load("bare with these indexes", parts.bare(), warm, Math.min(10, effort.seconds()));
  }

  private DayBefore askAhead() throws InterruptedException {
    say(
        "Freshet asks ahead for what most was asked for the day before, %d s at most ..."
            .formatted(effort.ahead()));
    Duration most = Duration.ofSeconds(effort.ahead());
    return DayBefore.warm(parts.freshet().edge(), parts.through(), mix, SEED - 1, most, progress);
  }

  private List<Scorecard.Row> rows(@Nullable DayBefore asked) {
    List<Scorecard.Row> out = new ArrayList<>();
    EdgeSnapshot edge = parts.freshet().edge().snapshot();
    out.add(needless(edge));
    if (asked != null) {
      out.add(asked.row());
    }
    long renewals = edge.routes().stream().mapToLong(EdgeSnapshot.RouteLine::renewals).sum();
    out.add(new Scorecard.Row("made again unasked", "-", Long.toString(renewals), "", ""));
    Gateway gateway = parts.freshet().gateway();
    if (gateway != null) {
      gateway.snapshot().pools().forEach(pool -> out.addAll(DatabaseWork.rows(pool)));
    }
    return out;
  }

  /// Answers made again because rows had changed that came out as they were, warming up included.
  private static Scorecard.Row needless(EdgeSnapshot edge) {
    long same = edge.routes().stream().mapToLong(EdgeSnapshot.RouteLine::refilledSame).sum();
    long other = edge.routes().stream().mapToLong(EdgeSnapshot.RouteLine::refilledOther).sum();
    return new Scorecard.Row("needless refills", "-", same + " of " + (same + other), "", "");
  }

  private LoadResult load(String name, HostPort at, int warm, int seconds)
      throws InterruptedException {
    say(
        "Loading the shop %s: %d users, %d s to warm up, %d s measured ..."
            .formatted(name, effort.users(), warm, seconds));
    return run(at, warm, seconds, SEED);
  }

  private LoadResult run(HostPort at, int warm, int seconds, long seed)
      throws InterruptedException {
    Aim aim = Aim.at(URI.create("http://" + at)).with(1, 1, Duration.ofSeconds(30));
    Duration before = Duration.ofSeconds(warm);
    return new UserLoad(aim, mix, effort.users(), before, Duration.ofSeconds(seconds), seed)
        .run(Time.system());
  }

  private void say(String line) {
    console.println(line);
    console.flush();
  }
}
