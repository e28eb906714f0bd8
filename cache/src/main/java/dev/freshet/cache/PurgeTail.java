package dev.freshet.cache;

import io.lettuce.core.RedisException;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Follows the purge log, so that what other nodes purge leaves this node's heap within
/// milliseconds. What it might have missed is made up for by forgetting everything.
final class PurgeTail implements AutoCloseable {
  private static final byte[] LOG = RedisLink.octets("freshet:log");
  private static final int BATCH = 500;
  private static final long BLOCK_MILLIS = 1_000;
  private static final long RETRY_MILLIS = 250;
  private final RedisLink link;
  private final Positions positions;
  private final byte[] node;
  private final Consumer<Purge> apply;
  private final Thread thread;
  private long epoch;
  private long place;
  private volatile boolean following;
  private volatile boolean closed;

  /// @param apply carries out a purge on this node only
  PurgeTail(RedisLink link, Positions positions, byte[] node, Consumer<Purge> apply) {
    this.link = link;
    this.positions = positions;
    this.node = node.clone();
    this.apply = apply;
    this.thread = Thread.ofVirtual().name("second-tier-log").unstarted(this::follow);
  }

  void start() {
    thread.start();
  }

  /// Whether it stands in the log: until then nothing may come in from the second tier.
  boolean isFollowing() {
    return following;
  }

  private void follow() {
    try {
      while (!closed) {
        try {
          read();
        } catch (RedisException e) {
          TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Begins at the first epoch's place of that moment, since nothing in the heap can be older than
  /// it, and at the beginning of every later epoch.
  private void stand() {
    Positions.At now = positions.at();
    if (now.epoch() != epoch) {
      place = following ? 0 : now.sequence();
      epoch = now.epoch();
      following = epoch != 0;
    }
  }

  @SuppressWarnings("unchecked")
  private void read() throws InterruptedException {
    stand();
    Positions.At before = positions.at();
    if (!following) {
      TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS / 10);
      return;
    }
    List<StreamMessage<byte[], byte[]>> news =
        link.log()
            .sync()
            .xread(
                XReadArgs.Builder.block(BLOCK_MILLIS).count(BATCH),
                XReadArgs.StreamOffset.from(LOG, place + "-0"));
    if (news == null || news.isEmpty()) {
      catchUp(before);
      return;
    }
    for (StreamMessage<byte[], byte[]> message : news) {
      if (!hear(message)) {
        TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        return;
      }
    }
  }

  /// The log has nothing to say about places that were taken: it was lost.
  private void catchUp(Positions.At known) {
    if (known.epoch() == epoch && known.sequence() > place) {
      carryOut(new Purge.Everything(false), known.sequence());
      place = known.sequence();
    }
  }

  /// False when the log is no longer the one that was followed.
  private boolean hear(StreamMessage<byte[], byte[]> message) {
    Map<String, byte[]> said = new HashMap<>();
    message.getBody().forEach((name, value) -> said.put(text(name), value));
    long at = Long.parseLong(message.getId().substring(0, message.getId().indexOf('-')));
    long of = RedisLink.number(said.getOrDefault("e", new byte[] {'0'}));
    if (of != epoch) {
      return false;
    }
    if (at != place + 1) {
      carryOut(new Purge.Everything(false), at);
    } else if (!Arrays.equals(said.get("n"), node)) {
      Purge purge =
          PurgeNames.purge(
              text(said.get("k")), text(said.get("m")), "s".equals(text(said.get("h"))));
      carryOut(purge == null ? new Purge.Everything(false) : purge, at);
    }
    place = at;
    return true;
  }

  private void carryOut(Purge purge, long at) {
    positions.begin();
    apply.accept(purge);
    positions.end(1, epoch, at);
  }

  private static String text(byte @Nullable [] octets) {
    return octets == null ? "" : new String(octets, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
