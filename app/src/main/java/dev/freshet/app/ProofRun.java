package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.freshet.base.HostPort;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.load.Aim;
import dev.freshet.load.Interval;
import dev.freshet.load.LoadResult;
import dev.freshet.load.Measured.Validity;
import dev.freshet.load.Mix;
import dev.freshet.load.Proof;
import dev.freshet.load.ProofTables;
import dev.freshet.load.Shot.Kind;
import dev.freshet.load.UserLoad;
import java.net.URI;
import java.time.Duration;
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
  private final List<ProofTables.Round> rounds = new ArrayList<>();
  private final List<DatabaseWork> bareWork = new ArrayList<>();
  private final List<DatabaseWork> throughWork = new ArrayList<>();
  private @Nullable BottleneckReport bottlenecks;

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
  record Effort(int users, Duration think, int rounds, Duration each, Duration warmUp) {}

  ProofRun(Subject subject, Effort effort, Consumer<String> progress) {
    this.subject = subject;
    this.effort = effort;
    this.progress = progress;
  }

  /// Runs all rounds. Which side comes first changes from round to round, so that whatever grows or
  /// tires meanwhile weighs on both alike.
  Proof run(PageLoads pages) throws InterruptedException {
    AdminApi admin = subject.admin();
    for (int i = 0; i < effort.rounds(); i++) {
      boolean isBareFirst = i % 2 == 0;
      LoadResult first = side(i, isBareFirst);
      LoadResult second = side(i, !isBareFirst);
      rounds.add(
          isBareFirst
              ? new ProofTables.Round(first, second)
              : new ProofTables.Round(second, first));
      if (i == 0 && admin != null && effort.rounds() > 1) {
        // Where the time of a cold program goes is not where it goes.
        var _ = admin.post("/bottlenecks", Map.of());
      }
    }
    bottlenecks = admin == null ? null : asked(admin);
    ProofTables tables = new ProofTables(rounds);
    ProofTables.PageLoads loads = pages.measure(effort.rounds(), progress);
    List<String> notes = new ArrayList<>(tables.warnings());
    if (!loads.why().isEmpty()) {
      notes.add("page load not measured: " + loads.why());
    }
    notes.addAll(notes());
    return new Proof(
        "Freshet: before and after",
        work(),
        method(),
        tables.tables(loads, database()),
        notes,
        reasons(),
        stacks());
  }

  /// What Freshet said of where the time goes; null where nobody could be asked.
  @Nullable BottleneckReport bottlenecks() {
    return bottlenecks;
  }

  private LoadResult side(int round, boolean isBare) throws InterruptedException {
    String name = isBare ? "bare" : "through Freshet";
    Duration warm =
        round == 0 ? effort.warmUp() : Duration.ofMillis(effort.warmUp().toMillis() / 4);
    progress.accept(
        String.format(
            Locale.ROOT,
            "Round %d of %d, %s: %,d users, %.0f s to warm up, %.0f s measured ...",
            round + 1,
            effort.rounds(),
            name,
            effort.users(),
            warm.toMillis() / 1e3,
            effort.each().toMillis() / 1e3));
    DatabaseWork before = work(subject.database());
    LoadResult result =
        new UserLoad(
                aim(isBare ? subject.bare() : subject.through()),
                subject.mix(),
                effort.users(),
                warm,
                effort.each(),
                SEED + round)
            .run(Time.system());
    DatabaseWork after = work(subject.database());
    if (before != null && after != null) {
      (isBare ? bareWork : throughWork).add(after.since(before));
    }
    progress.accept(
        String.format(
            Locale.ROOT,
            "  %,.1f requests/s, p95 %,.1f ms, %d failed%s",
            result.total().perSecond(),
            result.total().p95(),
            result.total().failures(),
            result.validity() == Validity.VALID ? "" : "; " + result.validity().text()));
    return result;
  }

  private Aim aim(HostPort at) {
    return new Aim(URI.create("http://" + at), 1, 1, PATIENCE, subject.isOwned(), false);
  }

  private static @Nullable DatabaseWork work(@Nullable String database) {
    return database == null ? null : DatabaseWork.of(database);
  }

  private static BottleneckReport asked(AdminApi admin) throws InterruptedException {
    ObjectMapper json =
        JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    try {
      return json.treeToValue(admin.get("/bottlenecks"), BottleneckReport.class);
    } catch (JsonProcessingException e) {
      throw new Trouble.Found(
          new Trouble(
              "--admin " + admin.address() + "/bottlenecks",
              "the answer is not what this version knows",
              "use the same version of Freshet on both sides"));
    }
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
            + " meanwhile.",
        effort.rounds(),
        effort.each().toMillis() / 1e3);
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
    BottleneckReport told = bottlenecks;
    if (told == null) {
      out.add("where the time goes was not measured: say where Freshet's admin API is (--admin)");
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
  private List<Proof.Stack> stacks() {
    BottleneckReport told = bottlenecks;
    List<Proof.Stack> out = new ArrayList<>();
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
          out.add(new Proof.Stack(route.route(), route.meanMillis(), shares));
        });
    return out;
  }
}
