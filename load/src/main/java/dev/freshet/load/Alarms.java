package dev.freshet.load;

import io.netty.channel.EventLoop;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// What is to be done at certain times on one event loop, in the order of these times.
///
/// The loop itself looks at its timers when it has read all that has come. Where a hundred answers
/// have come that is a millisecond late, those who are due then are sent off together, their
/// answers come together, and after the same pause they are due together, for ever. So whoever
/// reads asks [#ring] between two answers.
final class Alarms {
  private static final System.Logger LOG = System.getLogger("freshet.load");

  /// Between two answers, lest those wait.
  private static final int MOST_AT_ONCE = 16;

  private final EventLoop loop;
  private final LongSupplier clock;
  private final PriorityQueue<Alarm> alarms = new PriorityQueue<>();
  private long count;

  /// When the loop will look next; [Long#MAX_VALUE] for never.
  private long armed = Long.MAX_VALUE;

  private boolean isRinging;

  /// @param number those of one moment ring in the order they were set
  private record Alarm(long due, long number, Runnable work) implements Comparable<Alarm> {
    @Override
    public int compareTo(Alarm other) {
      int byDue = Long.compare(due, other.due);
      return byDue != 0 ? byDue : Long.compare(number, other.number);
    }
  }

  /// @param clock nanoseconds
  Alarms(EventLoop loop, LongSupplier clock) {
    this.loop = loop;
    this.clock = clock;
  }

  /// Has that done at that moment, or at once where it is past.
  void set(long due, Runnable work) {
    alarms.add(new Alarm(due, count++, work));
    arm(due);
  }

  private void arm(long due) {
    if (due < armed) {
      armed = due;
      long left = Math.max(0, due - clock.getAsLong());
      var _ = loop.schedule(() -> wake(due), left, TimeUnit.NANOSECONDS);
    }
  }

  private void wake(long due) {
    if (armed != due) {
      // Another was set for earlier, and has seen to the rest.
      return;
    }
    armed = Long.MAX_VALUE;
    ring(Integer.MAX_VALUE);
    Alarm first = alarms.peek();
    if (first != null) {
      arm(first.due());
    }
  }

  /// A fault in one must not take along whoever happens to ring.
  private static void run(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "what was due ended in an internal fault", e);
    }
  }

  /// Does what is due by now, if anything is.
  void ring() {
    ring(MOST_AT_ONCE);
  }

  private void ring(int most) {
    if (isRinging) {
      return;
    }
    isRinging = true;
    try {
      long now = clock.getAsLong();
      for (int i = 0; i < most; i++) {
        Alarm first = alarms.peek();
        if (first == null || first.due() > now) {
          return;
        }
        alarms.poll();
        run(first.work());
      }
    } finally {
      isRinging = false;
    }
  }
}
