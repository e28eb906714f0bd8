package dev.freshet.app;

import dev.freshet.assets.PageTime;
import dev.freshet.assets.PageTimer;
import dev.freshet.base.HostPort;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.load.PageFigure;
import dev.freshet.load.PageFigure.Kind;
import dev.freshet.load.Proof;
import dev.freshet.load.ProofTables;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/// Page loads in a Chromium without a window, bare and through Freshet in turns, with nothing else
/// on the site: of a visitor who was never there, and of the same one who comes again.
///
/// What others have seen before is measured: pages are loaded until what is made smaller in the
/// background is made, and what they ship stays the same.
final class BrowserLoads implements PageLoads {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /// Freshet keeps the slowest three trips of a route.
  private static final int TRACED = 3;

  private final HostPort bare;
  private final HostPort through;
  private final List<String> paths;
  private final BooleanSupplier rests;
  private final Duration patience;
  private final Time time;

  /// Of one side, a list for each round, a load for each page in it.
  private record Side(List<List<PageTime>> first, List<List<PageTime>> again) {
    Side() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  /// @param paths of pages
  /// @param rests whether Freshet makes nothing smaller in the background
  /// @param patience how long that is waited for
  BrowserLoads(
      HostPort bare,
      HostPort through,
      List<String> paths,
      BooleanSupplier rests,
      Duration patience,
      Time time) {
    this.bare = bare;
    this.through = through;
    this.paths = List.copyOf(paths);
    this.rests = rests;
    this.patience = patience;
    this.time = time;
  }

  /// A figure for each round, the mean over pages.
  @Override
  public ProofTables.PageLoads measure(int rounds, Consumer<String> progress)
      throws InterruptedException {
    return measured(rounds, progress, false);
  }

  /// A figure for each load, for medians.
  ProofTables.PageLoads each(int rounds, Consumer<String> progress) throws InterruptedException {
    return measured(rounds, progress, true);
  }

  @Override
  public List<Proof.Stack> traced(AdminApi admin) throws InterruptedException {
    Path program = Programs.chromium(null);
    if (program == null) {
      return List.of();
    }
    PageTraces traces = new PageTraces(new SecureRandom());
    try (PageTimer timer = PageTimer.open(program)) {
      octets(timer, through);
      var _ = admin.post("/bottlenecks", Map.of());
      for (int i = 0; i < TRACED; i++) {
        for (String path : paths) {
          Map<String, String> fields = traces.next();
          traces.loaded(fields, timer.visit("http://" + through + path, fields));
        }
      }
    } catch (IOException | Trouble.Found e) {
      // That the browser failed was told of the loads before.
      System.getLogger("freshet.app").log(System.Logger.Level.DEBUG, "no traced loads", e);
      return List.of();
    }
    return traces.stacks(BottleneckReport.of(admin));
  }

  private ProofTables.PageLoads measured(int rounds, Consumer<String> progress, boolean isEach)
      throws InterruptedException {
    Path program = Programs.chromium(null);
    if (program == null) {
      return ProofTables.PageLoads.none("there is no chromium or google-chrome on the PATH");
    }
    progress.accept("Loading " + paths.size() + " pages in a browser, " + rounds + " rounds ...");
    Side first = new Side();
    Side second = new Side();
    try (PageTimer timer = PageTimer.open(program)) {
      boolean isReady = isWarm(timer, progress);
      for (int i = 0; i < rounds; i++) {
        boolean isBareFirst = i % 2 == 0;
        round(timer, isBareFirst ? bare : through, isBareFirst ? first : second);
        round(timer, isBareFirst ? through : bare, isBareFirst ? second : first);
      }
      return new ProofTables.PageLoads(
          figures(first, second, isEach),
          isReady ? "" : "Freshet was still making something smaller in the background",
          true);
    } catch (IOException | Trouble.Found e) {
      return ProofTables.PageLoads.none("the browser failed (" + e.getMessage() + ")");
    }
  }

  /// Loads pages until nothing more becomes smaller by that.
  private boolean isWarm(PageTimer timer, Consumer<String> progress)
      throws IOException, InterruptedException {
    long end = time.nanos() + patience.toNanos();
    boolean isTold = false;
    octets(timer, bare);
    long before = -1;
    long now = octets(timer, through);
    while (now != before || !rests.getAsBoolean()) {
      if (!isTold && !rests.getAsBoolean()) {
        isTold = true;
        progress.accept(
            "  once Freshet has made smaller what was asked for (at most "
                + patience.toSeconds()
                + " s) ...");
      }
      while (!rests.getAsBoolean() && time.nanos() < end) {
        LockSupport.parkNanos(LOOK_NANOS);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
      if (time.nanos() >= end) {
        return false;
      }
      before = now;
      now = octets(timer, through);
    }
    return true;
  }

  private long octets(PageTimer timer, HostPort at) throws IOException, InterruptedException {
    long sum = 0;
    for (String path : paths) {
      sum += timer.visit("http://" + at + path, 1).getFirst().octets();
    }
    return sum;
  }

  private void round(PageTimer timer, HostPort at, Side side)
      throws IOException, InterruptedException {
    List<PageTime> first = new ArrayList<>();
    List<PageTime> again = new ArrayList<>();
    for (String path : paths) {
      List<PageTime> both = timer.visit("http://" + at + path, 2);
      first.add(both.getFirst());
      again.add(both.getLast());
    }
    side.first().add(first);
    side.again().add(again);
  }

  private static List<PageFigure> figures(Side bare, Side through, boolean isEach) {
    List<PageFigure> out = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      ToDoubleFunction<PageTime> figure = figure(kind);
      List<List<PageTime>> one = isAgain(kind) ? bare.again() : bare.first();
      List<List<PageTime>> other = isAgain(kind) ? through.again() : through.first();
      out.add(kind.of(values(one, figure, isEach), values(other, figure, isEach)));
    }
    return out;
  }

  private static boolean isAgain(Kind kind) {
    return switch (kind) {
      case LOADED_AGAIN, OCTETS_AGAIN, REQUESTS_AGAIN -> true;
      default -> false;
    };
  }

  private static ToDoubleFunction<PageTime> figure(Kind kind) {
    return switch (kind) {
      case FIRST_PAINT -> PageTime::firstPaint;
      case FIRST_CONTENTFUL -> PageTime::firstContentful;
      case LARGEST -> PageTime::largest;
      case INTERACTIVE -> PageTime::interactive;
      case BLOCKING -> PageTime::blocking;
      case LOADED, LOADED_AGAIN -> PageTime::loaded;
      case OCTETS, OCTETS_AGAIN -> time -> time.octets() / 1e3;
      case REQUESTS, REQUESTS_AGAIN -> PageTime::requests;
    };
  }

  private static List<Double> values(
      List<List<PageTime>> rounds, ToDoubleFunction<PageTime> figure, boolean isEach) {
    return isEach
        ? rounds.stream().flatMap(List::stream).map(figure::applyAsDouble).toList()
        : rounds.stream()
            .map(round -> round.stream().mapToDouble(figure).average().orElse(0))
            .toList();
  }
}
