package dev.freshet.load;

import dev.freshet.base.Time;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Looks for stale answers while a load is on: as soon as a write is acknowledged, and again a
/// little later, somebody else asks for what shows the figure that it set. What it asks is in no
/// other figure of the run.
///
/// An answer is stale when a write that began when the shown one had ended was acknowledged before
/// the answer was asked for; writes that overlap may end either way. A figure that nobody here has
/// written counts as older than all writes; who has written it may still wait for his answer, so
/// that is judged in the end.
final class Audit implements AutoCloseable {
  static final String NAME = "freshet-audit";
  private static final long LATER_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final int KEPT = 200;
  private static final int MOST_UNKNOWN = 1_000;

  private record Write(long value, long began, long ended) {}

  private record Look(Figure figure, long due) {}

  /// @param answered when it was there: who began to write behind that has not written it
  private record Seen(String path, long value, long asked, long answered) {}

  private final URI target;
  private final Duration timeout;
  private final Time time;
  private final Map<String, Deque<Write>> writes = new HashMap<>();
  private final LinkedBlockingQueue<Look> fresh = new LinkedBlockingQueue<>(1_000);
  private final Deque<Look> later = new ArrayDeque<>();
  private final Deque<Seen> unknown = new ArrayDeque<>();
  private final Thread thread;
  private volatile boolean over;
  private volatile Audited audited = Audited.NOTHING;

  private Audit(URI target, Duration timeout, Time time) {
    this.target = target;
    this.timeout = timeout;
    this.time = time;
    this.thread = Thread.ofPlatform().daemon().name("audit").unstarted(this::run);
  }

  /// @param timeout of one answer
  static Audit start(URI target, Duration timeout, Time time) {
    Audit audit = new Audit(target, timeout, time);
    audit.thread.start();
    return audit;
  }

  /// Of a write whose answer has come.
  ///
  /// @param isAcknowledged false when it is not known whether it happened
  void wrote(Figure figure, long began, long ended, boolean isAcknowledged) {
    synchronized (writes) {
      Deque<Write> all = writes.computeIfAbsent(figure.shownAt(), path -> new ArrayDeque<>());
      all.addLast(new Write(figure.value(), began, isAcknowledged ? ended : Long.MAX_VALUE));
      if (all.size() > KEPT) {
        all.removeFirst();
      }
    }
    if (isAcknowledged) {
      // When it can't keep up it looks at fewer.
      var _ = fresh.offer(new Look(figure, ended));
    }
  }

  private void run() {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      while (true) {
        boolean isLast = over;
        Look look = fresh.poll(isLast ? 0 : 50, TimeUnit.MILLISECONDS);
        if (look != null) {
          unknown.removeIf(this::isJudged);
          look(client, look.figure());
          later.addLast(new Look(look.figure(), time.nanos() + LATER_NANOS));
        }
        Look old = later.peekFirst();
        if (old != null && (isLast || old.due() <= time.nanos())) {
          later.removeFirst();
          look(client, old.figure());
        } else if (isLast && look == null) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      // Nobody has written the others, and each was asked for behind a write.
      unknown.removeIf(this::isJudged);
      unknown.forEach(seen -> book(true));
    }
  }

  private void look(HttpClient client, Figure figure) throws InterruptedException {
    long asked = time.nanos();
    HttpRequest request =
        HttpRequest.newBuilder(target.resolve(figure.shownAt()))
            .timeout(timeout)
            .header("User-Agent", NAME)
            .build();
    try {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      OptionalLong shown = figure.in(answer.body());
      if (answer.statusCode() == 200 && shown.isPresent()) {
        see(new Seen(figure.shownAt(), shown.getAsLong(), asked, time.nanos()));
      }
    } catch (IOException e) {
      System.getLogger("freshet.load").log(System.Logger.Level.DEBUG, "audit", e);
    }
  }

  private void see(Seen seen) {
    if (isJudged(seen)) {
      return;
    }
    if (unknown.size() == MOST_UNKNOWN) {
      // Whoever had written what was seen first would have had his answer.
      unknown.removeFirst();
      book(true);
    }
    unknown.addLast(seen);
  }

  /// Judges it where it is known who has written it.
  private boolean isJudged(Seen seen) {
    boolean isStale;
    synchronized (writes) {
      Deque<Write> all = writes.getOrDefault(seen.path(), new ArrayDeque<>());
      Write shown = find(all, seen);
      if (shown == null) {
        return false;
      }
      isStale =
          all.stream()
              .anyMatch(write -> write.began() >= shown.ended() && write.ended() < seen.asked());
    }
    book(isStale);
    return true;
  }

  private void book(boolean isStale) {
    audited = new Audited(audited.answers() + 1, audited.stale() + (isStale ? 1 : 0));
  }

  private static @Nullable Write find(Deque<Write> all, Seen seen) {
    Write found = null;
    for (Write write : all) {
      if (write.value() == seen.value() && write.began() <= seen.answered()) {
        found = write;
      }
    }
    return found;
  }

  /// Ends it; what is still to be looked at is looked at first, unless that takes longer than one
  /// answer may.
  Audited finish() throws InterruptedException {
    over = true;
    if (!thread.join(timeout)) {
      close();
      thread.join();
    }
    return audited;
  }

  /// Ends it at once.
  @Override
  public void close() {
    thread.interrupt();
  }
}
