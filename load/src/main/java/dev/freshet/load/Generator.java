package dev.freshet.load;

import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.load.Measured.Second;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
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
    int each = aim.connections() / aim.loops();
    for (int i = 0; i < aim.loops(); i++) {
      lanes.add(new Lane(group.next(), dialler, visits, time, aim, each));
    }
  }

  /// Makes one; refuses hosts as [Aim#address] does.
  public static Generator open(Aim aim, Visits visits, Time time) {
    return new Generator(aim, visits, time, aim.address());
  }

  /// Runs one phase to its end and until what it had asked for is answered or given up.
  ///
  /// @throws Trouble.Found when the target can't be reached
  public Measured run(Phase phase, Watch watch) throws InterruptedException {
    boolean isOpen =
        phase.shape() instanceof Phase.Shape.ConstantRate
            || phase.shape() instanceof Phase.Shape.RampRate;
    if (isOpen) {
      connect();
    }
    CountDownLatch done = new CountDownLatch(lanes.size());
    long start = time.nanos() + LEAD_NANOS;
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i < lanes.size(); i++) {
      Round round = new Round(phase, i, lanes.size(), start, done);
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
    }
    return measured(phase, rounds, over, Processor.now(threads, time).waited(before));
  }

  private void connect() throws InterruptedException {
    int all = aim.connections() / aim.loops() * aim.loops();
    CountDownLatch settled = new CountDownLatch(all);
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
    if (good.get() == 0) {
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
    while (true) {
      long left = from + SAMPLE_NANOS - time.nanos();
      boolean isDone = done.await(Math.max(1, left), TimeUnit.NANOSECONDS);
      long now = time.nanos();
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

  private static Second second(double at, double width, boolean isWarmUp, List<Round> rounds) {
    Histogram all = new Histogram(2);
    long answers = 0;
    long failures = 0;
    long hits = 0;
    long told = 0;
    for (Round round : rounds) {
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
        told == 0 || answers == 0 ? -1 : (double) hits / answers);
  }

  private Measured measured(Phase phase, List<Round> rounds, List<Second> over, double waited) {
    Map<String, Figures> steps = new TreeMap<>();
    Histogram lateness = new Histogram(3);
    Figures total = new Figures();
    double seconds = 0;
    for (Round round : rounds) {
      round.steps.forEach((step, figures) -> {
        steps.computeIfAbsent(step, name -> new Figures()).add(figures);
        total.add(figures);
      });
      lateness.add(round.lateness);
      seconds = Math.max(seconds, Math.max(0, (round.until() - round.from) / 1e9));
    }
    return new Measured(phase, seconds, total, steps, lateness, waited, over, isStopped);
  }

  /// Ends the phase that runs, which still reports, and lets no other begin; from any thread.
  public void stop() {
    isStopped = true;
    long now = time.nanos();
    running.forEach(round -> round.endAt(now));
  }

  @Override
  public void close() {
    lanes.forEach(lane -> lane.loop().execute(lane::close));
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
