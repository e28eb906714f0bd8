package dev.freshet.jdbc;

import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The trace of the request that a thread is at work for.
///
/// It is not inherited: a pooled thread would go on with a request that has long been answered.
/// Work handed to another thread calls [#run] there with what [#current] said here.
public final class Trace {
  private static final Pattern TRACEPARENT =
      Pattern.compile("(?!ff)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");
  private static final ThreadLocal<String> CURRENT = new ThreadLocal<>();

  private Trace() {}

  /// The `traceparent` of this thread's request; null outside one, or where it had none.
  public static @Nullable String current() {
    return CURRENT.get();
  }

  /// Runs the work under a `traceparent` (W3C Trace Context), or under none when it is absent or
  /// malformed, whatever the thread had before; and gives that back.
  public static void run(@Nullable String traceparent, Runnable work) {
    String before = enter(traceparent);
    try {
      work.run();
    } finally {
      leave(before);
    }
  }

  /// As [#run], for work with an answer.
  public static <T> T call(@Nullable String traceparent, Callable<T> work) throws Exception {
    String before = enter(traceparent);
    try {
      return work.call();
    } finally {
      leave(before);
    }
  }

  static @Nullable String enter(@Nullable String traceparent) {
    String before = CURRENT.get();
    leave(valid(traceparent));
    return before;
  }

  static void leave(@Nullable String before) {
    if (before == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(before);
    }
  }

  private static @Nullable String valid(@Nullable String traceparent) {
    if (traceparent == null) {
      return null;
    }
    Matcher found = TRACEPARENT.matcher(traceparent.strip());
    return found.lookingAt() ? found.group() : null;
  }
}
