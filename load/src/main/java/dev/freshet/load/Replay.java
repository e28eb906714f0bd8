package dev.freshet.load;

import dev.freshet.recording.Line;
import dev.freshet.recording.Lines;
import dev.freshet.recording.Recording;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Makes recorded traffic again: each session's requests in their order, at the times they were
/// recorded at, divided by a speed.
///
/// The file is read by a thread of its own, some thousand requests ahead of the event loops, so its
/// size does not matter. What is read and left out (writes, streams, contents that were not
/// recorded) is counted.
public final class Replay implements Visits {
  private static final int AHEAD = 4_096;
  private static final int MOST_NAMES = 100;
  private static final Duration LOOK = Duration.ofMillis(20);
  private final Recording recording;
  private final ReplayOrder order;
  private final Requests requests;
  private final List<BlockingQueue<Due>> queues = new ArrayList<>();
  private final Recorded recorded;
  private final Map<String, Long> leftOut = new TreeMap<>();
  private final Map<String, Long> masked = new TreeMap<>();
  private volatile boolean isRead;
  private volatile boolean isStopped;
  private long untilNanos = Long.MAX_VALUE;
  private int begun;
  private volatile @Nullable RuntimeException failure;
  private @Nullable Thread reader;

  public Replay(Recording recording, ReplayOrder order) {
    this.recording = recording;
    this.order = order;
    this.requests = new Requests(order);
    this.recorded = new Recorded(recording, order);
  }

  /// The phase that it is, all of it.
  ///
  /// @param warmUp of it, in which nothing is counted; null for a tenth, five seconds at most
  /// @param most at the longest, behind the warm-up; null for all of it
  public Phase phase(@Nullable Duration warmUp, @Nullable Duration most) {
    // The last request is due at its very end: a moment more.
    double millis = order.spanMillis(recording) + 10;
    Duration all = Duration.ofNanos((long) (millis * 1e6));
    Duration tenth = all.dividedBy(10);
    Duration few = Duration.ofSeconds(5);
    Duration first = warmUp != null ? warmUp : tenth.compareTo(few) < 0 ? tenth : few;
    if (first.compareTo(all) >= 0) {
      throw new IllegalArgumentException(
          "the whole replay lasts only " + Math.round(millis) + " ms, less than its warm-up");
    }
    Duration rest = all.minus(first);
    Duration lasting = most == null || rest.compareTo(most) < 0 ? rest : most;
    untilNanos = first.plus(lasting).toNanos();
    recorded.countFrom(first);
    return new Phase("replay", new Phase.Shape.Recorded(this), first, lasting);
  }

  /// Nobody comes in another phase than a replay's own.
  @Override
  public Visitor visitor(long number) {
    throw new IllegalStateException("a replay has no visitors by number");
  }

  /// As a report calls it.
  String words() {
    return LoadReport.number(order.speed()) + " x recorded traffic";
  }

  /// Starts reading, for so many lanes.
  void begin(int lanes) {
    for (int i = 0; i < lanes; i++) {
      queues.add(new ArrayBlockingQueue<>(AHEAD));
    }
    reader = Thread.ofPlatform().daemon().name("freshet-replay").start(this::read);
  }

  /// Waits until a lane has something to do, so that reading is no part of what is measured.
  void await() throws InterruptedException {
    while (!isRead && queues.stream().allMatch(queue -> queue.size() < AHEAD / 4)) {
      Thread thread = reader;
      if (thread == null || thread.join(Duration.ofMillis(5))) {
        return;
      }
    }
  }

  BlockingQueue<Due> queue(int lane) {
    return queues.get(lane);
  }

  /// Whether nothing more will come into the queues.
  boolean isRead() {
    return isRead;
  }

  /// Ends reading, but for answers to what has been taken; throws what went wrong with it.
  ///
  /// @param isCut whether the replay was ended before its time: nothing more is read then
  void end(boolean isCut) throws InterruptedException {
    isStopped |= isCut;
    Thread thread = reader;
    try {
      // What is put into a queue now is taken by nobody: the reader would wait for ever.
      while (thread != null && !thread.join(LOOK)) {
        isStopped |= !queues.stream().allMatch(BlockingQueue::isEmpty);
      }
    } catch (InterruptedException e) {
      isStopped = true;
      throw e;
    }
    RuntimeException thrown = failure;
    if (thrown != null) {
      throw thrown;
    }
  }

  /// What was recorded of what is replayed; complete when the phase is over.
  public Recorded recorded() {
    return recorded;
  }

  /// Requests that were not made again, by the reason.
  public Map<String, Long> leftOut() {
    return leftOut;
  }

  /// How often a masked value was sent, by its parameter's or field's name.
  public Map<String, Long> masked() {
    return masked;
  }

  Recording recording() {
    return recording;
  }

  ReplayOrder order() {
    return order;
  }

  // ---- the reading thread ----

  /// A session being read.
  ///
  /// @param open requests that were not answered yet, with their routes
  private record Reading(Sitting sitting, int number, int lane, Map<Long, String> open) {}

  private void read() {
    try {
      for (int round = 0; round < order.times() && !isStopped; round++) {
        readOnce(round);
      }
    } catch (RuntimeException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      isRead = true;
    }
  }

  private void readOnce(int round) throws InterruptedException {
    Map<Integer, Reading> sessions = new HashMap<>();
    try (Lines lines = recording.lines()) {
      for (Line line = lines.next(); line != null && !isStopped; line = lines.next()) {
        switch (line) {
          case Line.Asked asked -> {
            if (recording.isWhole(asked.session())) {
              Reading of = sessions.computeIfAbsent(asked.session(), number -> reading());
              asked(asked, of, round);
            }
          }
          case Line.Answered answered -> {
            Reading of = sessions.get(answered.session());
            String route = of == null ? null : of.open().remove(answered.number());
            if (route != null) {
              recorded.answered(route, answered);
            }
          }
          case Line.Ended(int session) -> sessions.remove(session);
          case Line.Out _, Line.Over _ -> {}
        }
      }
    }
  }

  private Reading reading() {
    int number = begun++;
    return new Reading(new Sitting(), number, number % queues.size(), new HashMap<>());
  }

  private void asked(Line.Asked asked, Reading of, int round) throws InterruptedException {
    long nanos = (long) (order.dueMillis(recording, asked.atMillis(), round) * 1e6);
    if (nanos >= untilNanos) {
      isStopped = true;
      return;
    }
    String why = requests.whyNot(asked);
    Call call = why == null ? requests.call(asked, of.number()) : null;
    if (call == null) {
      leftOut.merge(why == null ? "no request can be made of it" : why, 1L, Long::sum);
      return;
    }
    for (String name : requests.stillMasked(asked)) {
      if (masked.size() < MOST_NAMES || masked.containsKey(name)) {
        masked.merge(name, 1L, Long::sum);
      }
    }
    Due due = new Due(of.sitting(), asked.number(), nanos, Set.copyOf(of.open().keySet()), call);
    of.open().put(asked.number(), recorded.asked(call.step(), nanos));
    BlockingQueue<Due> queue = queues.get(of.lane());
    boolean isIn = false;
    while (!isStopped && !isIn) {
      isIn = queue.offer(due, 100, TimeUnit.MILLISECONDS);
    }
  }
}
