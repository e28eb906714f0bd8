package dev.freshet.edge;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.github.luben.zstd.util.Native;
import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.VaryKey;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Decides what is coded and does it: for who waits by threads of their own, so that nobody waits
/// behind what is only made smaller than it is.
final class Compression implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.edge");
  private static final int PIECE = 65_536;
  private final CompressionConfig config;
  private final ThreadPoolExecutor workers;
  private final Background background;

  Compression(CompressionConfig config) {
    this.config = config;
    workers =
        new ThreadPoolExecutor(
            config.threads(),
            config.threads(),
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(config.maxPending()),
            task -> {
              Thread thread = new Thread(task, "freshet-coding");
              thread.setDaemon(true);
              return thread;
            });
    workers.allowCoreThreadTimeOut(true);
    background = new Background(config.threads(), config.maxPending());
  }

  /// Loads libraries once, when somebody asks first: nothing that is served before waits for it.
  private static final class OnThisMachine {
    private static final Set<Coding> CODINGS = Collections.unmodifiableSet(load());

    private OnThisMachine() {}
  }

  private static Set<Coding> load() {
    Set<Coding> out = EnumSet.of(Coding.GZIP);
    try {
      if (Brotli4jLoader.isAvailable()) {
        out.add(Coding.BR);
      }
      Native.load();
      out.add(Coding.ZSTD);
    } catch (LinkageError | RuntimeException e) {
      LOG.log(System.Logger.Level.INFO, "a native compression library is missing: {0}", e);
    }
    return out;
  }

  /// The codings that can be made on this machine.
  Set<Coding> available() {
    return config.enabled() ? OnThisMachine.CODINGS : Set.of();
  }

  /// Begins to find out which, beside what else is done.
  void prepare() {
    if (config.enabled()) {
      Thread.ofPlatform()
          .daemon()
          .name("freshet-codings")
          .start(() -> {
            var _ = available();
          });
    }
  }

  /// The coding to answer a request in, or null for none.
  @Nullable Coding choose(Fields request) {
    if (!config.enabled()) {
      return null;
    }
    String accepted = request.combined(FieldName.ACCEPT_ENCODING);
    if (accepted == null) {
      return null;
    }
    String codings = VaryKey.codings(accepted);
    Set<Coding> available = available();
    for (Coding coding : Coding.values()) {
      if (available.contains(coding) && codings.contains(coding.token())) {
        return coding;
      }
    }
    return null;
  }

  /// Whether coding may and would help: text of some length, not coded yet, not forbidden
  /// (`no-transform`), not an event stream.
  ///
  /// @param length of the content, -1 when not known
  boolean isCodable(int status, Fields response, long length) {
    boolean hasContent = status >= 200 && status != 204 && status != 206 && status != 304;
    if (!config.enabled() || !hasContent || (length >= 0 && length < config.minBytes())) {
      return false;
    }
    if (response.has(FieldName.CONTENT_ENCODING) || response.has(FieldName.CONTENT_RANGE)) {
      return false;
    }
    String type = response.first(FieldName.CONTENT_TYPE);
    return type != null
        && length <= config.maxBytes().bytes()
        && isText(type.toLowerCase(Locale.ROOT))
        && !CacheDirectives.parse(response).noTransform();
  }

  private static boolean isText(String type) {
    if (type.startsWith("text/event-stream")) {
      return false;
    }
    return type.startsWith("text/")
        || type.startsWith("application/json")
        || type.startsWith("application/javascript")
        || type.startsWith("application/xml")
        || type.startsWith("application/manifest")
        || type.startsWith("application/wasm")
        || type.startsWith("application/graphql")
        || type.startsWith("image/svg")
        || type.startsWith("image/x-icon")
        || type.startsWith("image/bmp")
        || type.startsWith("font/ttf")
        || type.startsWith("font/otf")
        || type.startsWith("application/vnd.ms-fontobject")
        || (type.startsWith("application/") && (type.contains("+json") || type.contains("+xml")));
  }

  /// The whole at once, in pieces of at most 64 KB.
  byte[][] encode(byte[][] content, Coding coding, Effort effort) {
    byte[] whole = Pieces.joined(content);
    byte[] coded = WholeCoding.of(whole, coding, effort.of(whole.length));
    byte[][] out = new byte[Math.max(1, (coded.length + PIECE - 1) / PIECE)][];
    for (int i = 0; i < out.length; i++) {
      out[i] = Arrays.copyOfRange(coded, i * PIECE, Math.min(coded.length, (i + 1) * PIECE));
    }
    return out;
  }

  /// Does it for somebody who waits; false when too much waits already.
  boolean forWhoWaits(Runnable work) {
    try {
      workers.execute(work);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /// As [Background#soon].
  boolean soon(Runnable work) {
    return background.soon(work);
  }

  /// As [Background#idle].
  boolean idle(long octets, Runnable work) {
    return background.idle(octets, work);
  }

  /// Takes no more; who waits for what was taken still gets it.
  void closeGracefully() {
    workers.shutdown();
    background.closeGracefully();
  }

  /// Whether all that was taken is done, once closed.
  boolean awaitEnd(long many, TimeUnit of) throws InterruptedException {
    return workers.awaitTermination(many, of) && background.awaitEnd(many, of);
  }

  @Override
  public void close() {
    // Not interrupted: a native coder cut off in the middle would complain; what waits is dropped.
    workers.getQueue().clear();
    workers.shutdown();
    background.close();
  }
}
