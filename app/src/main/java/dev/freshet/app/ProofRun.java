package dev.freshet.app;

import dev.freshet.base.HostPort;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.load.Aim;
import dev.freshet.load.Interval;
import dev.freshet.load.LoadResult;
import dev.freshet.load.Measured.Validity;
import dev.freshet.load.Mix;
import dev.freshet.load.MostUsers;
import dev.freshet.load.Proof;
import dev.freshet.load.ProofTables;
import dev.freshet.load.Shot.Kind;
import dev.freshet.load.UserLoad;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Measures a site bare and through Freshet in turns, and asks Freshet where the time went.
final class ProofRun {
  private static final long SEED = 20_260_101;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MAX_REASONS = 10;
  private static final int MAX_STACKS = 12;
  private final Subject subject;
  private final Effort effort;
  private final Consumer<String> progress;
  private final Instant began = Instant.ofEpochMilli(Time.system().millis());
  private final List<ProofTables.Round> rounds = new ArrayList<>();
  private final List<DatabaseWork> bareWork = new ArrayList<>();
  private final List<DatabaseWork> throughWork = new ArrayList<>();

  /// With as many users as the bare site takes, where it does not take all.
  private final List<ProofTables.Round> fewer = new ArrayList<>();

  private final List<MostUsers.Step> steps = new ArrayList<>();
  private ProofTables.PageLoads loads = ProofTables.PageLoads.none("it was ended before");
  private List<Proof.Stack> seen = List.of();
  private @Nullable BottleneckReport bottlenecks;
  private boolean isEarly;

  /// What is measured.
  ///
  /// @param isOwned whether somebody vouches that a host outside private networks is theirs
  /// @param work what visitors do, for people
  /// @param admin Freshet's admin API; null where nobody may ask it
  /// @param database whose work is counted; null to count none
  record Subject(
      HostPort bare,
      HostPort through,
      boolean isOwned,
      Mix mix,
      String work,
      @Nullable AdminApi admin,
      @Nullable String database) {}

  /// How much of it.
  ///
  /// @param think mean pause of a visitor between two requests
  /// @param warmUp before each side is measured for the first time
  /// @param most users that are tried through Freshet when the rounds are over; none beyond `users`
  ///   when it is no more than those
  record Effort(int users, Duration think, int rounds, Duration each, Duration warmUp, int most) {}

  ProofRun(Subject subject, Effort effort, Consumer<String> progress) {
    this.subject = subject;
    this.effort = effort;
    this.progress = progress;
  }

  /// Measures all there is. Who is interrupted tells what there is by then, if it is a whole round.
  Proof run(PageLoads pages) throws InterruptedException {
    try (EarlyEnd end = EarlyEnd.of(Thread.currentThread())) {
      measure(pages, end);
    } catch (InterruptedException e) {
      if (rounds.isEmpty()) {
        throw e;
      }
      isEarly = true;
      askOnceMore();
    }
    return proof();
  }

  /// Who was ended by the same Ctrl-C doesn't answer any longer.
  private void askOnceMore() throws InterruptedException {
    try {
      askWhereTheTimeGoes();
    } catch (Trouble.Found e) {
      System.getLogger("freshet.app").log(System.Logger.Level.DEBUG, "no bottlenecks", e);
    }
  }

  /// Whether it was ended before all was measured.
  boolean isEarly() {
    return isEarly;
  }

  private void measure(PageLoads pages, EarlyEnd end) throws InterruptedException {
    AdminApi admin = subject.admin();
    for (int i = 0; i < effort.rounds(); i++) {
      rounds.add(round(i, effort.users()));
      if (i == 0 && admin != null && effort.rounds() > 1) {
        // Where the time of a cold program goes is not where it goes.
        var _ = admin.post("/bottlenecks", Map.of());
      }
    }
    askWhereTheTimeGoes();
    if (new ProofTables(rounds).isBareDoubtful()) {
      withFewerUsers();
    }
    if (effort.most() > effort.users()) {
      var _ = MostUsers.search(effort.users(), effort.most(), this::step);
    }
    ProofTables.PageLoads told = pages.measure(effort.rounds(), progress);
    if (end.isAsked()) {
      // A terminal's Ctrl-C ends the browser, too, which may be noticed first.
      throw new InterruptedException();
    }
    loads = told;
    seen = admin == null || isUntraced() ? List.of() : pages.traced(admin);
  }

  /// Whether trips have no trace, so that none of a page load would be found by it.
  private boolean isUntraced() {
    BottleneckReport told = bottlenecks;
    return told != null
        && !told.routes().isEmpty()
        && told.routes().stream()
            .flatMap(route -> route.slowest().stream())
            .allMatch(trip -> trip.trace().isEmpty());
  }

  /// Which side comes first changes from round to round, so that whatever grows or tires meanwhile
  /// weighs on both alike.
  private ProofTables.Round round(int number, int users) throws InterruptedException {
    boolean isBareFirst = number % 2 == 0;
    LoadResult first = side(number, users, isBareFirst);
    LoadResult second = side(number, users, !isBareFirst);
    return isBareFirst
        ? new ProofTables.Round(first, second)
        : new ProofTables.Round(second, first);
  }

  private void askWhereTheTimeGoes() throws InterruptedException {
    AdminApi admin = subject.admin();
    if (admin != null && bottlenecks == null) {
      bottlenecks = BottleneckReport.of(admin);
    }
  }

  /// A site that takes the machine's processors makes the generator late, and its times are the
  /// machine's. With half as many users, and half of those, there comes a number that it takes:
  /// then both sides are measured with that.
  private void withFewerUsers() throws InterruptedException {
    progress.accept(
        "The bare site leaves the generator no time: looking for how many it takes ...");
    int users = MostUsers.taken(effort.users(), this::bare);
    for (int i = 0; i < effort.rounds() && users > 0; i++) {
      fewer.add(round(i, users));
    }
  }

  private LoadResult bare(int users) throws InterruptedException {
    LoadResult result = load(subject.bare(), users, SEED - 2);
    tell(String.format(Locale.ROOT, "%,d users: ", users), result);
    return result;
  }

  private Proof proof() {
    ProofTables tables = new ProofTables(rounds);
    List<String> notes = new ArrayList<>(tables.warnings());
    if (!loads.why().isEmpty()) {
      boolean isMeasured = loads.figures().stream().anyMatch(f -> !f.through().isEmpty());
      notes.add((isMeasured ? "page load: " : "page load not measured: ") + loads.why());
    }
    boolean isSeen = loads.figures().stream().anyMatch(f -> !f.through().isEmpty());
    if (subject.admin() != null && isSeen && seen.isEmpty()) {
      notes.add(
          "the browser's share of a route's time was not measured: no trip to the app was found"
              + " under the trace of a page load, which takes `database` and a route with"
              + " `cache: rows`");
    }
    notes.addAll(notes());
    List<Proof.Table> all = new ArrayList<>(tables.tables(loads, database(), steps));
    if (!fewer.isEmpty()) {
      all.add(2, new ProofTables(fewer).taken());
    }
    return new Proof(
        isEarly ? "Freshet: before and after, ended early" : "Freshet: before and after",
        work(),
        method(),
        all,
        notes,
        reasons(),
        stacks(seen),
        indexes());
  }

  private List<Proof.Index> indexes() {
    BottleneckReport told = bottlenecks;
    return told == null
        ? List.of()
        : told.indexes().stream()
            .map(each ->
                new Proof.Index(
                    each.name(), each.rows(), each.millis(), each.statements(), each.sql()))
            .toList();
  }

  /// What Freshet said of where the time goes; null where nobody could be asked.
  @Nullable BottleneckReport bottlenecks() {
    return bottlenecks;
  }

  private LoadResult side(int round, int users, boolean isBare) throws InterruptedException {
    String name = isBare ? "bare" : "through Freshet";
    boolean isAll = users == effort.users();
    Duration warm = round == 0 && isAll ? effort.warmUp() : laterWarmUp();
    progress.accept(
        String.format(
            Locale.ROOT,
            "Round %d of %d, %s: %,d users, %.0f s to warm up, %.0f s measured ...",
            round + 1,
            effort.rounds(),
            name,
            users,
            warm.toMillis() / 1e3,
            effort.each().toMillis() / 1e3));
    DatabaseWork before = work(subject.database());
    LoadResult result =
        new UserLoad(
                aim(isBare ? subject.bare() : subject.through()),
                subject.mix(),
                users,
                warm,
                effort.each(),
                SEED + round)
            .run(Time.system());
    DatabaseWork after = work(subject.database());
    if (isAll && before != null && after != null) {
      (isBare ? bareWork : throughWork).add(after.since(before));
    }
    tell("", result);
    return result;
  }

  private void tell(String who, LoadResult result) {
    progress.accept(
        String.format(
            Locale.ROOT,
            "  %s%,.1f requests/s, p95 %,.1f ms, %d failed%s",
            who,
            result.total().perSecond(),
            result.total().p95(),
            result.total().failures(),
            result.validity() == Validity.VALID ? "" : "; " + result.validity().text()));
  }

  private LoadResult step(int users) throws InterruptedException {
    LoadResult result = load(subject.through(), users, SEED - 1);
    steps.add(MostUsers.Step.of(result));
    progress.accept("  " + MostUsers.Step.of(result).text());
    return result;
  }

  private LoadResult load(HostPort at, int users, long seed) throws InterruptedException {
    return new UserLoad(aim(at), subject.mix(), users, laterWarmUp(), effort.each(), seed)
        .run(Time.system());
  }

  private Duration laterWarmUp() {
    return Duration.ofMillis(effort.warmUp().toMillis() / 4);
  }

  private Aim aim(HostPort at) {
    return new Aim(URI.create("http://" + at), 1, 1, PATIENCE, subject.isOwned(), false);
  }

  private static @Nullable DatabaseWork work(@Nullable String database) {
    return database == null ? null : DatabaseWork.of(database);
  }

  private String work() {
    return String.format(
        Locale.ROOT,
        "%,d users, each with its own connection and cookies, %s; %s.",
        effort.users(),
        effort.think().isZero()
            ? "without a pause between requests"
            : String.format(
                Locale.ROOT,
                "thinking %.1f s in the mean between requests",
                effort.think().toMillis() / 1e3),
        subject.work());
  }

  private String method() {
    return String.format(
        Locale.ROOT,
        "%d rounds of %.0f s on each side, in turns (bare, Freshet, Freshet, bare, ...), the same"
            + " seeded requests on both sides, another seed in each round. A figure is the mean of"
            + " the rounds' figures ± half of its 95 %% interval by Student's t over the rounds"
            + " (requests of one round are not independent); a ratio is the geometric mean over"
            + " rounds with its interval. A target is met when the whole interval keeps it, and"
            + " not certain when only the mean does. Closed model: who waits sends nothing"
            + " meanwhile. Begun %s, by Freshet %s; the load generator had %d processors (%s), with"
            + " whatever else ran there.",
        rounds.size(),
        effort.each().toMillis() / 1e3,
        began.truncatedTo(ChronoUnit.SECONDS),
        Version.text(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name") + ", Java " + Runtime.version().feature());
  }

  private List<Proof.Row> database() {
    if (bareWork.isEmpty() || throughWork.isEmpty()) {
      return List.of();
    }
    List<Proof.Row> out = new ArrayList<>();
    out.add(
        row(
            "transactions/s",
            "",
            of(bareWork, w -> w.transactions() / w.seconds()),
            of(throughWork, w -> w.transactions() / w.seconds())));
    out.add(
        row(
            "work of the database",
            " ms/s",
            of(bareWork, w -> w.busyMillis() / w.seconds()),
            of(throughWork, w -> w.busyMillis() / w.seconds())));
    out.add(
        row(
            "mean transaction",
            " ms",
            of(bareWork, w -> w.busyMillis() / Math.max(1, w.transactions())),
            of(throughWork, w -> w.busyMillis() / Math.max(1, w.transactions()))));
    return out;
  }

  private static List<Double> of(
      List<DatabaseWork> all, java.util.function.ToDoubleFunction<DatabaseWork> figure) {
    return all.stream().map(figure::applyAsDouble).toList();
  }

  private static Proof.Row row(String name, String unit, List<Double> bare, List<Double> through) {
    return new Proof.Row(name, unit, Interval.of(bare), Interval.of(through), null, null);
  }

  private List<String> notes() {
    List<String> out = new ArrayList<>();
    if (isEarly) {
      out.add(
          "ended early, after "
              + rounds.size()
              + " of "
              + effort.rounds()
              + " rounds: what was under way then is left out, and what was to follow is missing");
    }
    if (new ProofTables(rounds).isBareDoubtful()) {
      out.add(doubtful());
    }
    steps.forEach(step -> out.add("through Freshet, one run each: " + step.text()));
    BottleneckReport told = bottlenecks;
    if (told == null) {
      out.add(
          subject.admin() == null
              ? "where the time goes was not measured: say where Freshet's admin API is (--admin)"
              : "where the time goes was not measured: Freshet no longer answered");
    } else {
      boolean isIdle = !told.isMeasured() && effort.rounds() > 1;
      if (isIdle) {
        out.add("where the time goes: no request reached the app from the second round on");
      } else {
        told.notes().forEach(note -> out.add("where the time goes: " + note));
      }
      out.add(
          effort.rounds() > 1
              ? "where the time goes counts from the second round on"
              : "where the time goes counts from Freshet's start, warming up included");
    }
    boolean hasApi = rounds.getFirst().through().byKind().containsKey(Kind.API);
    if (subject.database() == null && hasApi) {
      out.add("work of the database not measured: give --database");
    }
    return out;
  }

  private String doubtful() {
    String why =
        String.format(
            Locale.ROOT,
            "bare, the times with %,d users are this machine's and not the site's: what serves them"
                + " takes the processors that the load generator needs, too",
            effort.users());
    return fewer.isEmpty()
        ? why + "; give the generator a machine of its own, or say fewer --users"
        : String.format(
            Locale.ROOT,
            "%s; so both sides were measured once more with %,d users",
            why,
            fewer.getFirst().bare().users());
  }

  private List<Proof.Reason> reasons() {
    BottleneckReport told = bottlenecks;
    if (told == null) {
      return List.of();
    }
    return told.bottlenecks().stream()
        .limit(MAX_REASONS)
        .map(b ->
            new Proof.Reason(
                b.says(),
                b.remedy(),
                b.shareOfAll(),
                b.millisPerTrip(),
                b.trips(),
                b.statement(),
                b.plan()))
        .toList();
  }

  /// The parts of all routes alike, so that colours mean the same in each.
  private List<Proof.Stack> stacks(List<Proof.Stack> seen) {
    BottleneckReport told = bottlenecks;
    List<Proof.Stack> out = new ArrayList<>(seen);
    if (told == null) {
      return out;
    }
    told.routes().stream()
        .filter(route -> route.trips() > 0)
        .limit(MAX_STACKS)
        .forEach(route -> {
          Map<String, Double> shares = new LinkedHashMap<>();
          for (String part : BottleneckReport.PARTS) {
            BottleneckReport.Part found = route.parts().get(part);
            shares.put(part, found == null ? 0.0 : found.share());
          }
          shares.put(PageTraces.BROWSER, 0.0);
          out.add(new Proof.Stack(route.route(), route.meanMillis(), shares));
        });
    return out;
  }
}
