package dev.freshet.load;

import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.load.Shot.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/// Runs a [LoadPlan]: a closed model, so what is measured is how long so many users wait, not what
/// a rate of arrivals would meet.
public final class LoadTest {
  /// A pause of the generator beyond this makes the figures doubtful.
  private static final double LATE_MILLIS = 5;

  private final LoadPlan plan;
  private final Time time;

  private LoadTest(LoadPlan plan, Time time) {
    this.plan = plan;
    this.time = time;
  }

  /// Runs to the end, or until the thread is interrupted.
  ///
  /// @param progress told the share that is done, 0 to 1, a few times a second
  public static LoadResult run(LoadPlan plan, Time time, Consumer<Double> progress)
      throws InterruptedException {
    if (!plan.target().isLoopback()) {
      throw new Trouble.Found(
          new Trouble(
              "load " + plan.target(),
              "load is put on this machine's own addresses only",
              "aim at 127.0.0.1"));
    }
    return new LoadTest(plan, time).run(progress);
  }

  private LoadResult run(Consumer<Double> progress) throws InterruptedException {
    long start = time.nanos();
    long from = start + plan.warmUp().toNanos();
    long until = from + plan.measured().toNanos();
    CountDownLatch done = new CountDownLatch(plan.users());
    Set<String> seen = ConcurrentHashMap.newKeySet();
    List<Tally> tallies = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    Audit audit = Audit.start(plan, time);
    for (int i = 0; i < plan.users(); i++) {
      Tally tally = new Tally();
      tallies.add(tally);
      int number = i;
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .name("user-" + i)
              .stackSize(256 << 10)
              .start(() -> {
                try {
                  act(number, new User(plan, time, seen), tally, audit, from, until);
                } finally {
                  done.countDown();
                }
              }));
    }
    Histogram lateness = new Histogram(60_000_000L, 3);
    try {
      long tick = time.nanos();
      while (!done.await(10, TimeUnit.MILLISECONDS)) {
        long now = time.nanos();
        long late = Math.max(0, now - tick - 10_000_000);
        tick = now;
        if (now > from && now < until) {
          lateness.recordValue(Math.min(late / 1_000, 60_000_000L));
        }
        progress.accept(Math.min(1, (double) (now - start) / (until - start)));
      }
    } catch (InterruptedException e) {
      threads.forEach(Thread::interrupt);
      audit.close();
      throw e;
    }
    return result(tallies, (until - from) / 1e9, lateness, audit.finish());
  }

  private void act(int number, User visitor, Tally tally, Audit audit, long from, long until) {
    Mix.Script script = plan.mix().of(plan.seed(), number);
    Tally warm = new Tally();
    try (User user = visitor) {
      while (!Thread.currentThread().isInterrupted()) {
        long thought = time.nanos() + script.thinkNanos();
        for (long left = thought - time.nanos(); left > 0; left = thought - time.nanos()) {
          if (thought >= until || Thread.currentThread().isInterrupted()) {
            return;
          }
          LockSupport.parkNanos(left);
        }
        long now = time.nanos();
        if (now >= until) {
          return;
        }
        Shot shot = script.next();
        boolean isDone = user.make(shot, now < from ? warm : tally);
        if (shot.sets() != null) {
          audit.wrote(shot.sets(), now, time.nanos(), isDone);
        }
      }
    }
  }

  private LoadResult result(
      List<Tally> tallies, double seconds, Histogram lateness, Audited audited) {
    Tally all = new Tally();
    tallies.forEach(all::add);
    Map<Kind, LoadResult.Line> byKind = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      byKind.put(kind, LoadResult.Line.of(all.part(kind), seconds));
    }
    List<String> warnings = new ArrayList<>();
    double late = lateness.getValueAtPercentile(99) / 1e3;
    if (late > LATE_MILLIS) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "the load generator itself was late (p99 %.1f ms): it shares the processors",
              late));
    }
    return new LoadResult(
        plan.users(), seconds, LoadResult.Line.of(all.total(), seconds), byKind, audited, warnings);
  }
}
