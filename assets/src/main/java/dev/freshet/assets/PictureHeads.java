package dev.freshet.assets;

import dev.freshet.http.AbsoluteUrl;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.Version;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Finds the sizes of pictures that a stored page shows and nobody has loaded: asks for their first
/// octets, one after the other, so that the page keeps their places for whoever is the first to
/// load them.
///
/// Only what reads like a file is asked for: behind a query may stand who counts visits. It is
/// asked for without anything that tells who saw the page, and once.
final class PictureHeads implements AutoCloseable {
  /// So far into a file its size stands, but for a JPEG with large metadata before it.
  static final int OCTETS = 16_384;

  private static final System.Logger LOG = System.getLogger("freshet.assets");
  private static final Pattern FILE =
      Pattern.compile("[^?#]*\\.(?:jpe?g|png|gif|webp|avif|svg)", Pattern.CASE_INSENSITIVE);
  private static final int MAX_WAITING = 500;
  private static final int MAX_ASKED = 10_000;
  private static final int MAX_NAME = 512;
  private static final long PATIENCE_SECONDS = 10;

  /// Between two of them, and as long again as the last one took: an app has better things to do.
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final LongSupplier nanos;
  private final Duration later;
  private final Predicate<String> isKnown;
  private final BiConsumer<String, Size> learn;
  private final Recent asked = new Recent(MAX_ASKED);
  private final Deque<Due> waiting = new ArrayDeque<>();
  private volatile @Nullable BiFunction<RequestHead, Integer, CompletableFuture<PictureHead>> ask;
  private @Nullable Thread worker;
  private volatile boolean closed;

  private record Due(String url, long nanos) {}

  /// @param nanos the monotonic clock
  /// @param later how long the browser that has just got the page is given to load it itself
  /// @param isKnown whether a picture's size is
  /// @param learn is told a size
  PictureHeads(
      LongSupplier nanos,
      Duration later,
      Predicate<String> isKnown,
      BiConsumer<String, Size> learn) {
    this.nanos = nanos;
    this.later = later;
    this.isKnown = isKnown;
    this.learn = learn;
  }

  /// From now on pictures are asked for so: a request, and how many octets are wanted.
  void by(BiFunction<RequestHead, Integer, CompletableFuture<PictureHead>> how) {
    ask = how;
  }

  /// A stored page shows these, by absolute URL.
  synchronized void want(Collection<String> urls) {
    if (ask == null || closed) {
      return;
    }
    long due = nanos.getAsLong() + later.toNanos();
    for (String url : urls) {
      boolean isWanted = url.length() <= MAX_NAME && FILE.matcher(url).matches();
      if (isWanted && waiting.size() < MAX_WAITING && !asked.has(url)) {
        asked.add(url);
        waiting.add(new Due(url, due));
      }
    }
    if (worker == null && !waiting.isEmpty()) {
      worker = Thread.ofVirtual().name("freshet-picture-heads").start(this::run);
    }
  }

  private synchronized @Nullable Due next() {
    Due next = closed ? null : waiting.poll();
    if (next == null) {
      worker = null;
    }
    return next;
  }

  private void run() {
    try {
      for (Due next = next(); next != null; next = next()) {
        rest(next.nanos() - nanos.getAsLong());
        if (!closed && !isKnown.test(next.url())) {
          long begun = nanos.getAsLong();
          read(next.url());
          rest(nanos.getAsLong() - begun + PAUSE.toNanos());
        }
      }
    } catch (InterruptedException e) {
      // It is being closed.
      Thread.currentThread().interrupt();
    }
  }

  private static void rest(long nanos) throws InterruptedException {
    if (nanos > 0) {
      TimeUnit.NANOSECONDS.sleep(nanos);
    }
  }

  private void read(String url) throws InterruptedException {
    BiFunction<RequestHead, Integer, CompletableFuture<PictureHead>> how = ask;
    if (how == null) {
      return;
    }
    try {
      Size size = how.apply(head(url), OCTETS).get(PATIENCE_SECONDS, TimeUnit.SECONDS).size();
      if (size != null) {
        learn.accept(url, size);
      }
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "no size of " + url, e);
    }
  }

  private static RequestHead head(String url) {
    AbsoluteUrl parts = AbsoluteUrl.parse(url);
    Fields fields =
        Fields.of(
            "Accept",
            "image/*,*/*;q=0.5",
            "Range",
            "bytes=0-" + (OCTETS - 1),
            "User-Agent",
            "Freshet");
    return new RequestHead(
        "GET", parts.scheme(), parts.site(), parts.target(), fields, Version.HTTP_1_1);
  }

  @Override
  public synchronized void close() {
    closed = true;
    waiting.clear();
    if (worker != null) {
      worker.interrupt();
    }
  }
}
