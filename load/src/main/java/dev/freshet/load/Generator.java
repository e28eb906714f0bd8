package dev.freshet.load;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.freshet.base.LowPriority;
import dev.freshet.base.ShortTurns;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.load.Measured.Second;
import dev.freshet.load.StressStep.Target;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Puts load on one target, phase after phase over the same connections.
///
/// What is measured is measured twice: from when a request was meant to begin, and from when it was
/// sent. Only the first sees what a server's pause does to those who wait behind it.
public final class Generator implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final long SAMPLE_NANOS = 1_000_000_000;
  private static final long LEAD_NANOS = 20_000_000;
  private final Aim aim;
  private final Time time;
  private final EventLoopGroup group;
  private final String threads;
  private final List<Lane> lanes = new ArrayList<>();
  private boolean hasRun;
  private boolean isSettled;

  /// Number of the next visitor. Numbers go on from phase to phase, so that nobody comes twice:
  /// what a phase asks for again would be known to caches by the one before it, and more so the
  /// more alike the two are.
  private long visitors;

  private volatile boolean isStopped;
  private volatile List<Round> running = List.of();

  private Generator(Aim aim, Visits visits, Time time, InetSocketAddress address) {
    this.aim = aim;
    this.time = time;
    this.threads = "load" + NUMBER.incrementAndGet();
    boolean isEpoll = Epoll.isAvailable();
    group =
        new MultiThreadIoEventLoopGroup(
            aim.loops(),
            new DefaultThreadFactory(threads, true),
            isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    Dialler dialler = new Dialler(aim, address, isEpoll);
    Marks marks = new Marks();
    for (int i = 0; i < aim.loops(); i++) {
      // What doesn't divide evenly goes to the first.
      int most = (aim.connections() + aim.loops() - 1 - i) / aim.loops();
      lanes.add(new Lane(group.next(), dialler, visits, marks, time, aim, most, i));
    }
  }

  /// Makes one; refuses hosts as [Aim#address] does.
  public static Generator open(Aim aim, Visits visits, Time time) {
    return new Generator(aim, visits, time, aim.address());
  }

  /// Makes one for an address that [Aim#address] gave.
  public static Generator open(Aim aim, InetSocketAddress address, Visits visits, Time time) {
    return new Generator(aim, visits, time, address);
  }

  /// Runs one phase to its end and until what it had asked for is answered or given up.
  ///
  /// A target that can't be reached is an error of the first phase's begin; later ones count what
  /// fails, for what was measured until then is worth telling.
  ///
  /// @throws Trouble.Found when the target can't be reached at the very beginning
  public Measured run(Phase phase, Watch watch) throws InterruptedException {
    return run(phase, watch, null);
  }

  /// The same, but ends as soon as it is settled that the target isn't kept.
  ///
  /// @param requests that are to come while they are counted
  Measured runUntilSettled(Phase phase, Watch watch, Target target, double requests)
      throws InterruptedException {
    return run(phase, watch, new Allowance(target, requests, lanes.size()));
  }

  private Measured run(Phase phase, Watch watch, @Nullable Allowance allowance)
      throws InterruptedException {
    boolean isOpen =
        phase.shape() instanceof Phase.Shape.ConstantRate
            || phase.shape() instanceof Phase.Shape.RampRate
            || phase.shape() instanceof Phase.Shape.Recorded;
    if (isOpen) {
      connect();
    }
    hasRun = true;
    Replay replay =
        phase.shape() instanceof Phase.Shape.Recorded(Replay recorded) ? recorded : null;
    if (replay != null) {
      replay.begin(lanes.size());
      replay.await();
    }
    CountDownLatch done = new CountDownLatch(lanes.size());
    long start = time.nanos() + LEAD_NANOS;
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i < lanes.size(); i++) {
      Round round = new Round(phase, i, lanes.size(), visitors, start, done, allowance);
      Lane lane = lanes.get(i);
      rounds.add(round);
      lane.loop().execute(() -> lane.start(round));
    }
    running = rounds;
    if (isStopped) {
      stop();
    }
    Processor before = Processor.now(threads, time);
    List<Second> over = new ArrayList<>();
    try {
      sample(phase, rounds, start, done, watch, over);
    } finally {
      running = List.of();
      long now = time.nanos();
      rounds.forEach(round -> round.endAt(now));
      if (replay != null) {
        replay.end(isStopped);
      }
    }
    visitors += rounds.stream().mapToLong(round -> round.visitors).max().orElse(0);
    return measured(phase, rounds, over, before, Processor.now(threads, time));
  }

  /// Opens the connections that visitors of the open model share.
  ///
  /// @throws Trouble.Found when that is the very beginning, and the target can't be reached
  void connect() throws InterruptedException {
    connect(!hasRun);
    hasRun = true;
  }

  private void connect(boolean isRequired) throws InterruptedException {
    CountDownLatch settled = new CountDownLatch(aim.connections());
    AtomicInteger good = new AtomicInteger();
    AtomicReference<@Nullable String> kind = new AtomicReference<>();
    for (Lane lane : lanes) {
      lane.loop()
          .execute(() ->
              lane.open(failed -> {
                if (failed == null) {
                  good.incrementAndGet();
                } else {
                  kind.set(failed);
                }
                settled.countDown();
              }));
    }
    boolean isSettled = settled.await(aim.timeout().toMillis() + 1_000, TimeUnit.MILLISECONDS);
    if (isRequired && good.get() == 0) {
      String why = isSettled ? String.valueOf(kind.get()) : "nothing answered";
      throw new Trouble.Found(
          new Trouble(
              "load " + aim.target(),
              "no connection could be opened (" + why + ")",
              "start the server, or correct the address"));
    }
  }

  private void sample(
      Phase phase,
      List<Round> rounds,
      long start,
      CountDownLatch done,
      Watch watch,
      List<Second> over)
      throws InterruptedException {
    long from = start;
    Round any = rounds.getFirst();
    boolean isBegun = false;
    boolean isEnded = false;
    while (true) {
      long mark = isEnded ? Long.MAX_VALUE : isBegun ? any.until() : any.from;
      long left = Math.min(from + SAMPLE_NANOS, mark) - time.nanos();
      boolean isDone = done.await(Math.max(1, left), TimeUnit.NANOSECONDS);
      long now = time.nanos();
      if (!isSettled && now < any.from && now - start >= phase.warmUp().toNanos() / 2) {
        settle();
      }
      if (!isBegun && now >= any.from) {
        isBegun = true;
        watch.began(phase);
      }
      if (isBegun && !isEnded && (isDone || now >= any.until())) {
        isEnded = true;
        watch.ended(phase);
      }
      if (!isDone && now < from + SAMPLE_NANOS) {
        continue;
      }
      double width = (now - from) / 1e9;
      if (isDone && width < 0.2) {
        return;
      }
      if (now < start) {
        continue;
      }
      boolean isWarmUp = (now + from) / 2 - start < phase.warmUp().toNanos();
      Second second = second((now - start) / 1e9, width, isWarmUp, rounds);
      from = now;
      over.add(second);
      watch.second(phase, second);
      if (isDone) {
        return;
      }
    }
  }

  /// Gets out of the way of what is measured, once, while nothing is: whoever stays is moved to
  /// where the collector does not move him again (thousands of visitors took it 60 ms, later), and
  /// the JVM's compiler goes behind the visitors.
  private void settle() {
    isSettled = true;
    LowPriority.giveToCompiler();
    ShortTurns.giveTo(threads);
    HotSpotDiagnosticMXBean machine =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    // Else it would give back what the next visitors need, and collect all the more often. Other
    // machines than HotSpot have nothing of that kind.
    if (machine != null) {
      machine.setVMOption("MaxHeapFreeRatio", "100");
    }
    System.gc();
  }

  private static Second second(double at, double width, boolean isWarmUp, List<Round> rounds) {
    Histogram all = new Histogram(2);
    long answers = 0;
    long failures = 0;
    long hits = 0;
    long told = 0;
    long open = 0;
    long messages = 0;
    Histogram delays = new Histogram(2);
    for (Round round : rounds) {
      open += round.open.sum();
      messages += round.messages.sumThenReset();
      delays.add(round.delays.getIntervalHistogram());
      all.add(round.recent.getIntervalHistogram());
      answers += round.answers.sumThenReset();
      failures += round.failures.sumThenReset();
      hits += round.hits.sumThenReset();
      told += round.told.sumThenReset();
    }
    return new Second(
        at,
        isWarmUp,
        answers / width,
        failures / width,
        all.getValueAtPercentile(50) / 1e6,
        all.getValueAtPercentile(95) / 1e6,
        all.getValueAtPercentile(99) / 1e6,
        told == 0 || answers == 0 ? -1 : (double) hits / answers,
        open == 0 && messages == 0
            ? null
            : new Measured.Live(open, messages / width, delays.getValueAtPercentile(95) / 1e6));
  }

  private Measured measured(
      Phase phase, List<Round> rounds, List<Second> over, Processor before, Processor after) {
    Map<String, Figures> steps = new TreeMap<>();
    Histogram lateness = new Histogram(3);
    Histogram beats = new Histogram(3);
    Figures total = new Figures();
    double seconds = 0;
    for (Round round : rounds) {
      round.steps.forEach((step, figures) -> {
        steps.computeIfAbsent(step, name -> new Figures()).add(figures);
        total.add(figures);
      });
      lateness.add(round.lateness);
      beats.add(round.beats);
      seconds = Math.max(seconds, Math.max(0, (round.until() - round.from) / 1e9));
    }
    return new Measured(
        phase,
        seconds,
        total,
        steps,
        lateness,
        beats,
        after.waited(before),
        after.worked(before),
        over,
        isStopped);
  }

  /// How long visitors wait for an answer.
  Duration patience() {
    return aim.timeout();
  }

  /// Ends the phase that runs, which still reports, and lets no other begin; from any thread.
  public void stop() {
    isStopped = true;
    endPhase();
  }

  /// Ends the phase that runs before its time; from any thread.
  void endPhase() {
    long now = time.nanos();
    running.forEach(round -> round.endAt(now));
  }

  @Override
  public void close() {
    lanes.forEach(lane -> lane.loop().execute(lane::close));
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
