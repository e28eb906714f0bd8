package dev.freshet.app;

import dev.freshet.base.HostPort;
import dev.freshet.base.Time;
import dev.freshet.edge.Edge;
import dev.freshet.edge.WarmingSnapshot;
import dev.freshet.load.Mix;
import dev.freshet.load.Scorecard;
import dev.freshet.load.Shot;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// What the demo does as `freshet warm --log` would: an access log of other visitors of the same
/// kind, the day before, and Freshet asks for what that has most often before the load begins.
final class DayBefore {
  /// Requests of that day.
  static final int REQUESTS = 100_000;

  private static final int VISITORS = 50;
  private static final int MOST = 20_000;
  private static final int AT_ONCE = 4;
  private static final long LOOK_MILLIS = 200;

  private final long made;
  private final int wanted;
  private final double seconds;

  private DayBefore(long made, int wanted, double seconds) {
    this.made = made;
    this.wanted = wanted;
    this.seconds = seconds;
  }

  /// @param seed another than that of the load: what was asked then is not what will be asked
  /// @param most how long it may take
  static DayBefore warm(
      Edge edge, HostPort through, Mix mix, long seed, Duration most, ProgressLine progress)
      throws InterruptedException {
    Time time = Time.system();
    List<String> wanted = mostAsked("http://" + through, mix, seed);
    WarmingSnapshot before = edge.warming();
    long began = time.nanos();
    edge.warm(wanted, AT_ONCE);
    CountDownLatch never = new CountDownLatch(1);
    boolean isOver = false;
    while (!isOver && !edge.warming().isIdle()) {
      isOver = never.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      double seconds = (time.nanos() - began) / 1e9;
      isOver |= seconds > most.toMillis() / 1e3;
      progress.at(
          String.format(
              Locale.ROOT,
              "  %,d of %,d made, %.0f of at most %d s",
              made(edge.warming(), before),
              wanted.size(),
              seconds,
              most.toSeconds()));
    }
    DayBefore out =
        new DayBefore(
            made(edge.stopWarming(), before), wanted.size(), (time.nanos() - began) / 1e9);
    progress.end("  " + out.says());
    return out;
  }

  private static long made(WarmingSnapshot now, WarmingSnapshot before) {
    return now.made() - before.made() + now.there() - before.there();
  }

  static List<String> mostAsked(String site, Mix mix, long seed) {
    List<Mix.Script> visitors = new ArrayList<>();
    for (int i = 0; i < VISITORS; i++) {
      visitors.add(mix.of(seed, i));
    }
    StringBuilder log = new StringBuilder();
    for (int i = 0; i < REQUESTS; i++) {
      Shot shot = visitors.get(i % VISITORS).next();
      if (shot.method().equals("GET")) {
        log.append(shot.target()).append('\n');
      }
    }
    Addresses asked = new Addresses(site);
    try (BufferedReader in = new BufferedReader(new StringReader(log.toString()))) {
      asked.read(in);
    } catch (IOException e) {
      throw new UncheckedIOException("a text can be read", e);
    }
    return asked.mostAsked(MOST);
  }

  Scorecard.Row row() {
    return new Scorecard.Row(
        "asked ahead", "-", String.format(Locale.ROOT, "%,d in %.0f s", made, seconds), "", "");
  }

  /// One line.
  String says() {
    return String.format(Locale.ROOT, "%,d of %,d made in %.0f s", made, wanted, seconds);
  }
}
