package dev.freshet.cache;

import dev.freshet.base.Time;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/// Counts what purges hit in the second tier, for who wants to know: they hold without it.
///
/// Looks through the names of everything that Redis holds, in steps in which not many more than a
/// hundred values have to be looked into, so that nobody else waits for long: what a single prefix
/// rules out costs little. One search at a time, and no longer than whoever asks wants to wait.
/// What it finds that nobody will be given any more leaves Redis at once, instead of when its time
/// is over.
final class PurgeSearch {
  private static final int STEP_MIN = 128;
  private static final int STEP_MAX = 8_192;

  private final RedisLink link;
  private final Time time;
  private final ReentrantLock searching = new ReentrantLock();

  PurgeSearch(RedisLink link, Time time) {
    this.link = link;
    this.time = time;
  }

  /// How many values had something that these purges ended, each counted once; -1 when the time did
  /// not do, or Redis can't be asked.
  long hits(List<Noted> purges, Duration patience) throws InterruptedException {
    long end = time.nanos() + patience.toNanos();
    if (purges.isEmpty()) {
      return 0;
    }
    if (!searching.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
      return -1;
    }
    try {
      return search(purges, end);
    } catch (ExecutionException | TimeoutException e) {
      return -1;
    } finally {
      searching.unlock();
    }
  }

  private long search(List<Noted> purges, long end)
      throws ExecutionException, TimeoutException, InterruptedException {
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(RedisLink.octets(purges.getFirst().epoch()));
    arguments.add(RedisLink.octets("0"));
    arguments.add(RedisLink.octets(pattern(purges)));
    arguments.add(RedisLink.octets(STEP_MIN));
    for (Noted one : purges) {
      arguments.add(RedisLink.octets(PurgeNames.kind(one.purge())));
      arguments.add(RedisLink.octets(one.purge().soft() ? "s" : "h"));
      arguments.add(RedisLink.octets(PurgeNames.name(one.purge())));
      arguments.add(RedisLink.octets(one.place()));
      arguments.add(RedisLink.octets(one.before()));
    }
    long hits = 0;
    int step = STEP_MIN;
    while (true) {
      long left = end - time.nanos();
      if (left <= 0) {
        return -1;
      }
      List<Object> said =
          link.run(TierScripts.SEARCH, arguments.toArray(new byte[0][]))
              .get(left, TimeUnit.NANOSECONDS);
      if (said.isEmpty()) {
        return -1;
      }
      hits += RedisLink.number(said.get(1));
      byte[] next = (byte[]) said.get(0);
      if (new String(next, StandardCharsets.US_ASCII).equals("0")) {
        return hits;
      }
      arguments.set(1, next);
      long into = RedisLink.number(said.get(2));
      step = into < STEP_MIN / 2 ? Math.min(STEP_MAX, step * 2) : Math.max(STEP_MIN, step / 2);
      arguments.set(3, RedisLink.octets(step));
    }
  }

  /// What the names of all values that may be hit look like, for Redis to choose by.
  private static String pattern(List<Noted> purges) {
    boolean isOnePrefix = purges.size() == 1 && purges.getFirst().purge() instanceof Purge.Prefix;
    String prefix = isOnePrefix ? PurgeNames.name(purges.getFirst().purge()) : "";
    return "freshet:v:" + prefix.replaceAll("[\\[\\]*?^\\\\]", "\\\\$0") + "*";
  }
}
