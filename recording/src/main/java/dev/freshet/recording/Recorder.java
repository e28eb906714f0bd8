package dev.freshet.recording;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.base.Time;
import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/* Event loops put what they see into a ring and go on; one thread looks into it now and then, masks
 * what is there and writes it down. It is not woken: on a processor that is shared with a loop that
 * would cost more than all the rest.
 *
 * A ring that is full, be it by the disk's or by our fault, must not slow anybody down, so what
 * does not fit is lost, and with it the whole session: half a session replayed would be something
 * that nobody did. A line of the file takes the session out, also what of it was written before.
 * Who has lost something is not listened to any longer, which is what makes a recording that can't
 * keep up one of as many sessions as it can keep up with.
 *
 * The file holds requests in the order in which they were complete, a session's end only when
 * nothing of it is missing. So it can be read as it comes, and a file that breaks off is good for
 * all sessions that had ended.
 */

/// Records traffic into one file until its time, its room or the order to stop comes.
public final class Recorder implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.recording");
  private static final int MOST_EVENTS = 16_384;
  private static final long MOST_WEIGHT = 32L << 20;
  private static final int MOST_LOSERS = 100_000;
  private static final long FLUSH_NANOS = 1_000_000_000;
  private static final long EVENT_WEIGHT = 100;
  private static final long PAUSE_NANOS = 2_000_000;

  private sealed interface Event {
    Seen seen();

    record Asked(Seen seen) implements Event {}

    record Renamed(Seen seen, String who) implements Event {}

    record Answered(Seen seen, Answer answer) implements Event {}
  }

  private final RecordingOrder order;
  private final Time time;
  private final RecordingFile file;
  private final Substitutes substitutes;
  private final Visitors visitors;
  private final Entries entries;
  private final Runnable whenOver;
  private final long start;
  private final Ring<Event> ring;
  private final AtomicLong weight = new AtomicLong();

  /// Who has lost something.
  private final Map<String, Boolean> losers = new ConcurrentHashMap<>();

  /// Those of them whom the writing thread does not know of.
  private final Queue<String> lost = new ConcurrentLinkedQueue<>();

  private final Thread writer;
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile boolean isStopping;
  private volatile boolean isTooFarBehind;
  private volatile RecordingStatus status;

  // Of the writing thread.
  private long at;
  private long flushed;
  private long requests;
  private long leftOut;

  private Recorder(
      RecordingOrder order, byte[] key, Time time, int room, String by, Runnable whenOver)
      throws IOException {
    this.order = order;
    this.time = time;
    this.whenOver = whenOver;
    substitutes = new Substitutes(key);
    visitors = new Visitors(substitutes);
    entries = new Entries(new Masking(order.keep(), substitutes), order.maxContent().bytes());
    ring = new Ring<>(room);
    writer = Thread.ofPlatform().daemon().name("freshet-recorder").unstarted(this::write);
    start = time.nanos();
    flushed = start;
    file = RecordingFile.create(order.file());
    file.write(Entries.head(time.millis(), by, order.keep()));
    status = status("");
  }

  /// Begins; throws [dev.freshet.base.Trouble.Found] when the file can't be made or a kept name is
  /// refused.
  ///
  /// @param key by chance, of 32 octets: sessions and substitutes can be told by it, so nobody else
  ///   has it
  /// @param by the version that records
  /// @param whenOver told when it has ended, by itself or not
  public static Recorder start(
      RecordingOrder order, byte[] key, Time time, String by, Runnable whenOver) {
    return start(order, key, time, MOST_EVENTS, by, whenOver);
  }

  /// @param room of the queue, in events
  static Recorder start(
      RecordingOrder order, byte[] key, Time time, int room, String by, Runnable whenOver) {
    try {
      Recorder made = new Recorder(order, key, time, room, by, whenOver);
      made.writer.start();
      return made;
    } catch (IOException e) {
      throw new IllegalStateException("a buffer took no line", e);
    }
  }

  /// Longest content that is worth handing over, octets.
  public long maxContent() {
    return order.maxContent().bytes();
  }

  /// Takes room for content that is coming; false when there is none.
  public boolean reserve(int octets) {
    if (weight.addAndGet(octets) <= MOST_WEIGHT) {
      return true;
    }
    weight.addAndGet(-octets);
    return false;
  }

  /// Gives back what was reserved.
  public void giveBack(int octets) {
    weight.addAndGet(-octets);
  }

  /// A request is there; from any thread, never waits.
  public Seen asked(Sighting sighting) {
    if (!losers.containsKey(sighting.who())) {
      Seen seen = new Seen(sighting, false);
      if (offer(new Event.Asked(seen), sighting.weight())) {
        return seen;
      }
    }
    return new Seen(sighting, true);
  }

  /// The visitor will go by that, too: he is given a session's cookie.
  public void renamed(Seen seen, String who) {
    if (!offer(new Event.Renamed(seen, who), EVENT_WEIGHT)) {
      lose(who);
    } else if (seen.isOut) {
      if (losers.size() >= MOST_LOSERS) {
        giveUp();
      }
      losers.put(who, true);
      if (seen.sighting.isByAddress()) {
        // Whoever comes from that address next is somebody else.
        losers.remove(seen.who());
      }
    }
  }

  /// Its answer has left.
  public void answered(Seen seen, Answer answer) {
    if (!seen.isOut) {
      offer(new Event.Answered(seen, answer), EVENT_WEIGHT);
    }
  }

  private boolean offer(Event event, long weighs) {
    if (isStopping) {
      return true;
    }
    if (weight.addAndGet(weighs) <= MOST_WEIGHT && ring.offer(event)) {
      return true;
    }
    weight.addAndGet(-weighs);
    lose(event.seen().who());
    return false;
  }

  private void lose(String who) {
    if (losers.size() >= MOST_LOSERS) {
      giveUp();
    } else {
      // Nobody sees him there before he is on his way to the writing thread: what others do about
      // him then comes behind that.
      losers.computeIfAbsent(who, name -> lost.add(name));
    }
  }

  /// Nobody could say any longer who is to be left out.
  private void giveUp() {
    isTooFarBehind = true;
    isStopping = true;
  }

  /// How far it is.
  public RecordingStatus status() {
    return status;
  }

  /// Ends it, with what is in the queue.
  ///
  /// @return how it ended
  public RecordingStatus stop() throws InterruptedException {
    isStopping = true;
    LockSupport.unpark(writer);
    over.await();
    return status;
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- the writing thread ----

  private void write() {
    String why = "";
    try (RecordingFile closing = file) {
      while (why.isEmpty()) {
        boolean isLast = isStopping;
        take();
        why = isLast ? "stopped" : limit();
        long now = time.nanos();
        if (now - flushed >= FLUSH_NANOS) {
          flushed = now;
          visitors.expire(now, this::end);
          closing.flush();
        }
        status = status("");
        if (why.isEmpty() && !isStopping && !ring.isFilling()) {
          LockSupport.parkNanos(this, PAUSE_NANOS);
        }
      }
      if (isTooFarBehind) {
        why = "too far behind";
      } else {
        finish(why);
      }
    } catch (IOException | Failed e) {
      why = "the file can't be written: " + e.getMessage();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a recording ended in an internal fault", e);
      why = "an internal fault; see the log";
    } finally {
      isStopping = true;
      substitutes.forget();
      entries.forget();
      losers.clear();
      lost.clear();
      drop();
      // First: when it is known to be over, another may begin.
      whenOver.run();
      status = status(why.isEmpty() ? "stopped" : why);
      over.countDown();
    }
  }

  /// What was seen behind the end is not kept in memory until the next recording.
  private void drop() {
    for (Event event = ring.poll(); event != null; event = ring.poll()) {
      weight.addAndGet(-weight(event));
    }
  }

  private static long weight(Event event) {
    return event instanceof Event.Asked ? event.seen().sighting.weight() : EVENT_WEIGHT;
  }

  private String limit() {
    if (time.nanos() - start >= order.lasting().toNanos()) {
      return "its time is over";
    }
    if (file.octets() >= order.maxFile().bytes() || file.text() >= order.maxText().bytes()) {
      return "the file is full";
    }
    return visitors.isFull() ? "too many sessions at once" : "";
  }

  private void take() throws IOException {
    // Whoever comes under a name that was lost and is free again comes behind the loss.
    int events = ring.size();
    for (String who = lost.poll(); who != null; who = lost.poll()) {
      leave(visitors.of(who, time.nanos()));
    }
    for (int i = events; i > 0; i--) {
      Event event = ring.poll();
      if (event == null) {
        break;
      }
      try {
        take(event);
      } catch (StackOverflowError | RuntimeException e) {
        // One request that is beyond us costs its session, not the recording.
        LOG.log(System.Logger.Level.ERROR, "a recorded session is left out: internal fault", e);
        Seen seen = event.seen();
        leave(seen.visitor != null ? seen.visitor : visitors.of(seen.who(), time.nanos()));
      }
    }
  }

  private void take(Event event) throws IOException {
    Seen seen = event.seen();
    weight.addAndGet(-weight(event));
    switch (event) {
      case Event.Asked _ -> asked(seen, visitors.of(seen.who(), seen.sighting.nanos()));
      case Event.Renamed(Seen _, String who) -> named(seen, who);
      case Event.Answered(Seen _, Answer answer) -> {
        Visitor visitor = seen.visitor;
        if (visitor != null && !visitor.isLeft && !visitor.isEnded) {
          file.write(entries.answered(seen.number, visitor.number, answer));
        }
      }
    }
  }

  private void asked(Seen seen, Visitor visitor) throws IOException {
    seen.visitor = visitor;
    if (visitor.isLeft) {
      return;
    }
    // Several event loops: the next may have looked at the clock a moment earlier.
    at = Math.max(at, (seen.sighting.nanos() - start) / 1_000);
    seen.number = ++requests;
    file.write(entries.asked(seen.number, visitor.number, at, seen.sighting));
  }

  /// One whose request was lost is left out under his new name, too; but where he has gone
  /// meanwhile, whoever has his former name is somebody else.
  private void named(Seen seen, String who) {
    Visitor known = seen.isOut ? visitors.known(seen.who()) : seen.visitor;
    if (known != null && (known.isLeft || !seen.isOut)) {
      Sighting sighting = seen.sighting;
      visitors.name(known, who, sighting.isByAddress() ? sighting.who() : null, time.nanos());
    }
  }

  private void leave(Visitor visitor) throws IOException {
    if (!visitor.isLeft) {
      visitor.isLeft = true;
      leftOut++;
      file.write(Entries.left(visitor.number));
    }
  }

  /// What goes wrong where no checked exception may.
  private static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failed(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  private void end(Visitor visitor) {
    visitor.isEnded = true;
    if (!visitor.isLeft) {
      try {
        file.write(Entries.ended(visitor.number));
      } catch (IOException e) {
        throw new Failed(e);
      }
    }
  }

  private void finish(String why) throws IOException {
    visitors.end(this::end);
    ObjectNode last = Entries.over((time.nanos() - start) / 1_000, status(why));
    file.write(last);
  }

  private RecordingStatus status(String ended) {
    return new RecordingStatus(
        ended.isEmpty(),
        order.file().toString(),
        (time.nanos() - start) / 1e9,
        requests,
        visitors.count() - leftOut,
        leftOut,
        entries.contentsLeft(),
        file.octets(),
        ended);
  }
}
