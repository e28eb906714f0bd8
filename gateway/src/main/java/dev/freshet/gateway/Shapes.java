package dev.freshet.gateway;

import dev.freshet.base.Bounded;
import dev.freshet.sql.NotCacheable;
import dev.freshet.sql.Shape;
import dev.freshet.sql.Statement;
import dev.freshet.sql.Verb;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Shapes of statements by fingerprint. Each is worked out once, on a thread of its own, and told
/// to the loop, where everything else here belongs.
final class Shapes implements AutoCloseable {
  private static final int MAX = 20_000;
  private static final int MAX_WAITING = 1_000;
  private static final Shape CLOCK = new Shape.Unknown(NotCacheable.CLOCK);

  private final Executor loop;
  private final Set<Long> asked = new HashSet<>();
  private final ThreadPoolExecutor reader =
      new ThreadPoolExecutor(
          1,
          1,
          10,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MAX_WAITING),
          task -> {
            Thread thread = new Thread(task, "freshet-gateway-shapes");
            thread.setDaemon(true);
            return thread;
          });
  // By age: each look would be a write otherwise.
  private final Map<Long, Shape> known = Bounded.byAge(MAX);

  Shapes(Executor loop) {
    this.loop = loop;
    reader.allowCoreThreadTimeOut(true);
  }

  @Nullable Shape known(long fingerprint) {
    return known.get(fingerprint);
  }

  /// The shape where it is known; where it is not it will be soon.
  @Nullable Shape of(Statement statement) {
    if (statement.namesClock()) {
      // Must not stand for others of its fingerprint.
      return CLOCK;
    }
    Shape shape = known.get(statement.fingerprint());
    if (shape == null) {
      ask(statement);
    }
    return shape;
  }

  /// The same for what a statement changes, where a moment that it names makes no difference.
  @Nullable Shape ofChange(Statement statement) {
    Shape shape = known.get(statement.fingerprint());
    boolean isQuery =
        statement.verb() == Verb.SELECT
            || statement.verb() == Verb.WITH
            || statement.verb() == Verb.VALUES;
    if (shape == null && !(isQuery && statement.namesClock())) {
      ask(statement);
    }
    return shape;
  }

  private void ask(Statement statement) {
    long fingerprint = statement.fingerprint();
    if (!asked.add(fingerprint)) {
      return;
    }
    try {
      reader.execute(() -> {
        Shape shape = Shape.of(new String(statement.text(), StandardCharsets.UTF_8));
        tell(fingerprint, shape);
      });
    } catch (RejectedExecutionException e) {
      // Too many at once: it is asked again when it comes again.
      asked.remove(fingerprint);
    }
  }

  private void tell(long fingerprint, Shape shape) {
    try {
      loop.execute(() -> {
        asked.remove(fingerprint);
        known.put(fingerprint, shape);
      });
    } catch (RejectedExecutionException e) {
      // The gateway has closed: nobody wants to know any more.
    }
  }

  /// What it means for keeping an answer.
  static String word(@Nullable Shape shape) {
    return switch (shape) {
      case null -> "not known yet";
      case Shape.Reads reads -> reads.repeatable() ? "yes" : "yes, one right answer of several";
      case Shape.Writes _ -> "changes rows";
      case Shape.Unknown(NotCacheable reason) ->
          reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    };
  }

  @Override
  public void close() {
    reader.shutdownNow();
  }
}
