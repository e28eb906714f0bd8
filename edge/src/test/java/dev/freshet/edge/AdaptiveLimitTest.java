package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.util.ArrayDeque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The limit before a simulated app: so many workers, each at one request at a time, and a queue
/// within. No real time goes by.
final class AdaptiveLimitTest {
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);

  /// What came of a stretch of time.
  ///
  /// @param busy the workers' share of time spent at work
  private record Seen(
      double busy, double goodPerSecond, double refusedPerSecond, double meanMillis, int limit) {}

  private record Asked(long at, long begun, int generation) {}

  private record Work(long ends, Asked asked) {}

  private static final class App {
    private final Rolls rolls;
    private final AdaptiveLimit limit = new AdaptiveLimit(256, 0);
    private final int workers;
    private final PriorityQueue<Work> atWork =
        new PriorityQueue<>((a, b) -> Long.compare(a.ends(), b.ends()));
    private final ArrayDeque<Asked> within = new ArrayDeque<>();
    private final ArrayDeque<Long> waiting = new ArrayDeque<>();
    private double serviceMillis;
    private double tail;
    private long now;
    private int good;
    private int refused;
    private double millis;
    private double workedMillis;

    App(Rolls rolls, int workers, double serviceMillis, double tail) {
      this.rolls = rolls;
      this.workers = workers;
      this.serviceMillis = serviceMillis;
      this.tail = tail;
    }

    double capacity() {
      return workers / (serviceMillis * (1 + tail * 19) / 1e3);
    }

    Seen run(double perSecond, int seconds) {
      good = 0;
      refused = 0;
      millis = 0;
      workedMillis = 0;
      long end = now + TimeUnit.SECONDS.toNanos(seconds);
      long next = now + gap(perSecond);
      while (now < end) {
        Work first = atWork.peek();
        if (first != null && first.ends() <= next) {
          now = first.ends();
          finish(atWork.remove());
        } else {
          now = next;
          next += gap(perSecond);
          arrive();
        }
        admit();
      }
      double took = seconds;
      double busy = workedMillis / (took * 1e3 * workers);
      return new Seen(busy, good / took, refused / took, millis / Math.max(1, good), limit.now());
    }

    private long gap(double perSecond) {
      return (long) (-Math.log(1 - rolls.nextDouble()) * 1e9 / perSecond);
    }

    private int taken() {
      return atWork.size() + within.size();
    }

    private void arrive() {
      if (taken() < limit.now() && waiting.isEmpty()) {
        waiting.add(now);
        return;
      }
      limit.seen(taken(), true);
      if (limit.waitNanos(waiting.size() + 1) > PATIENCE) {
        refused++;
      } else {
        waiting.add(now);
      }
    }

    private void admit() {
      while (!waiting.isEmpty() && now - waiting.getFirst() > PATIENCE) {
        waiting.removeFirst();
        refused++;
      }
      while (!waiting.isEmpty() && taken() < limit.now()) {
        within.add(new Asked(waiting.removeFirst(), now, limit.generation()));
        limit.seen(taken(), false);
      }
      while (!within.isEmpty() && atWork.size() < workers) {
        double many = rolls.chance(tail) ? 20 : 1;
        double took = serviceMillis * many * (0.5 + rolls.nextDouble());
        workedMillis += took;
        atWork.add(new Work(now + (long) (took * 1e6), within.removeFirst()));
      }
    }

    private void finish(Work done) {
      limit.answered(now - done.asked().begun(), done.asked().generation(), now);
      good++;
      millis += (now - done.asked().at()) / 1e6;
    }
  }

  private static String what(long seed, App app, Seen seen) {
    return "seed %d tail %s workers %d %s %s"
        .formatted(seed, app.tail, app.workers, app.serviceMillis, seen);
  }

  private static App any(Rolls rolls) {
    double tail = rolls.oneOf(List.of(0.0, 0.0, 0.01, 0.05));
    return new App(rolls, rolls.between(2, 60), rolls.between(2, 80), tail);
  }

  @Test
  void keepsWhatAnAppCanDoWhenTwiceAsMuchIsAsked() {
    for (int i = 0; i < 60; i++) {
      long seed = 4_711L + i;
      App app = any(new Rolls(seed));
      app.run(app.capacity() * 0.5, 20);
      app.run(app.capacity() * 2, 20);
      Seen seen = app.run(app.capacity() * 2, 40);
      String what = what(seed, app, seen);
      assertThat(seen.busy()).as(what).isGreaterThan(0.8);
      int most = Math.max(12, 5 * app.workers);
      assertThat(seen.limit()).as(what).isLessThan(most);
    }
  }

  @Test
  void findsTheLimitWithoutHavingSeenTheAppAtEase() {
    for (int i = 0; i < 30; i++) {
      long seed = 815L + i;
      App app = any(new Rolls(seed));
      app.run(app.capacity() * 2, 40);
      Seen seen = app.run(app.capacity() * 2, 40);
      String what = what(seed, app, seen);
      assertThat(seen.busy()).as(what).isGreaterThan(0.8);
      assertThat(seen.limit()).as(what).isLessThan(Math.max(16, 6 * app.workers));
    }
  }

  @Test
  void followsAnAppThatBecomesSlowerAndQuickAgain() {
    for (int i = 0; i < 30; i++) {
      long seed = 99L + i;
      App app = any(new Rolls(seed));
      double quick = app.serviceMillis;
      double rate = app.capacity() * 0.7;
      app.run(rate, 20);
      app.serviceMillis = quick * 8;
      app.run(rate, 20);
      Seen slow = app.run(rate, 40);
      String what =
          "seed "
              + seed
              + " tail "
              + app.tail
              + " workers "
              + app.workers
              + " "
              + quick
              + " "
              + slow;
      // One request of five seconds among twenty is hard to see through.
      assertThat(slow.busy()).as(what).isGreaterThan(0.75);
      assertThat(slow.limit()).as(what).isLessThan(Math.max(16, 6 * app.workers));
      app.serviceMillis = quick;
      app.run(rate, 20);
      Seen again = app.run(rate, 20);
      assertThat(again.goodPerSecond()).as(what + " then " + again).isGreaterThan(0.95 * rate);
    }
  }

  @Test
  void givesUpAskingLessWhenNobodyAnswers() {
    AdaptiveLimit limit = new AdaptiveLimit(64, 0);
    long now = 0;
    while (limit.now() == 64) {
      now += TimeUnit.MILLISECONDS.toNanos(20);
      limit.seen(64, true);
      limit.answered(TimeUnit.MILLISECONDS.toNanos(20), limit.generation(), now);
    }
    assertThat(limit.now()).as("a probe").isEqualTo(16);
    limit.at(now + TimeUnit.MILLISECONDS.toNanos(600));
    assertThat(limit.now()).isEqualTo(16);
    limit.at(now + TimeUnit.MILLISECONDS.toNanos(1_100));
    assertThat(limit.now()).isEqualTo(64);
  }

  @Test
  void holdsNobodyBackFromAnAppAtEase() {
    for (int i = 0; i < 30; i++) {
      long seed = 2_025L + i;
      App app = any(new Rolls(seed));
      Seen seen = app.run(app.capacity() * 0.6, 60);
      assertThat(seen.refusedPerSecond()).as("seed " + seed + " " + seen).isZero();
    }
  }
}
