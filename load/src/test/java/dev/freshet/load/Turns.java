package dev.freshet.load;

import dev.freshet.base.FakeTime;
import dev.freshet.base.HostPort;
import dev.freshet.load.Shot.Kind;
import dev.freshet.testkit.ScriptedOrigin;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;

/// Lets each user make the same few requests, after which the time is over for all of them: how
/// many there are never depends on how fast anything is.
final class Turns implements Mix {
  private static final Duration MEASURED = Duration.ofSeconds(100);
  private final FakeTime time = new FakeTime(0);
  private final List<Shot> shots;
  private final int users;
  private final CyclicBarrier last;

  private Turns(int users, List<Shot> shots) {
    this.users = users;
    this.shots = shots;
    this.last = new CyclicBarrier(users, () -> time.advance(MEASURED));
  }

  static Turns of(int users, Shot... shots) {
    return new Turns(users, List.of(shots));
  }

  static Turns pages(int users, int each) {
    return new Turns(users, Collections.nCopies(each, Shot.get(Kind.PAGE, "/")));
  }

  FakeTime time() {
    return time;
  }

  LoadResult run(ScriptedOrigin origin) throws InterruptedException {
    return run(origin.port(), Duration.ofSeconds(10));
  }

  LoadResult run(int port, Duration timeout) throws InterruptedException {
    HostPort target = new HostPort("127.0.0.1", port);
    LoadPlan plan = new LoadPlan(target, this, users, Duration.ZERO, MEASURED, timeout, 1);
    return LoadTest.run(plan, time, share -> {});
  }

  @Override
  public Script of(long seed, int user) {
    Iterator<Shot> left = shots.iterator();
    return () -> {
      Shot shot = left.next();
      if (!left.hasNext()) {
        await();
      }
      return shot;
    };
  }

  private void await() {
    try {
      last.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }
}
