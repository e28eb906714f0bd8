package dev.freshet.jdbc;

import java.io.InputStream;
import java.io.Reader;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A prepared statement, prepared anew whenever it is used under another trace.
///
/// A statement may be prepared once and executed for many requests, but its text, and the trace in
/// it, is settled when it is prepared. So the driver's statement is replaced when the trace is
/// another: prepared with the new comment, given the settings and parameters of the old one. That
/// costs no round trip, since the driver sends the text with its first execution, and no plan,
/// since the gateway takes the comment off and has the text prepared already. The other way, `SET
/// application_name` before it, costs a round trip for every request, fails in a transaction that
/// has failed, and is undone by ROLLBACK.
///
/// A stream can be read only once, so a statement with one for a parameter goes without a comment.
final class PreparedCalls extends Calls {
  private final Connection connection;
  private final Connection driver;
  private final Method prepare;
  private final Object[] asked;
  private final Map<Object, Call> settings = new LinkedHashMap<>();
  private final Map<Object, Call> parameters = new LinkedHashMap<>();
  private PreparedStatement real;
  private @Nullable PreparedStatement retired;
  private @Nullable String trace;
  private final List<List<Call>> batch = new ArrayList<>();
  private boolean isBatchOnce;

  private PreparedCalls(Connection connection, Connection driver, Method prepare, Object[] asked)
      throws Throwable {
    this.connection = connection;
    this.driver = driver;
    this.prepare = prepare;
    this.asked = asked.clone();
    this.trace = Trace.current();
    this.real = prepared();
  }

  /// @param prepare the method that prepares it, and `asked` what it was called with
  static Object prepare(Connection connection, Connection driver, Method prepare, Object[] asked)
      throws Throwable {
    if (asked.length == 0 || !(asked[0] instanceof String)) {
      return Objects.requireNonNull(pass(driver, prepare, asked));
    }
    PreparedCalls calls = new PreparedCalls(connection, driver, prepare, asked);
    return proxy(calls.real, calls);
  }

  private PreparedStatement prepared() throws Throwable {
    Object[] mine = asked.clone();
    mine[0] = Comment.on((String) asked[0], trace);
    return (PreparedStatement) Objects.requireNonNull(pass(driver, prepare, mine));
  }

  @Override
  PreparedStatement real() {
    return real;
  }

  @Override
  @Nullable Object take(Object self, Method method, Object[] arguments) throws Throwable {
    String name = method.getName();
    switch (name) {
      case "getConnection":
        return connection;
      case "close":
        retire(null);
        return pass(real, method, arguments);
      case "clearParameters":
        parameters.clear();
        return pass(real, method, arguments);
      case "clearBatch":
        forgetBatch();
        return pass(real, method, arguments);
      case "addBatch":
        follow(false);
        isBatchOnce |= hasStream(parameters.values());
        List<Call> row = new ArrayList<>(parameters.values());
        row.add(new Call(method, arguments));
        batch.add(row);
        return pass(real, method, arguments);
      case "registerOutParameter":
        return set(parameters, "out " + arguments[0], new Call(method, arguments));
      default:
        if (name.startsWith("execute")) {
          return execute(method, arguments);
        }
        if (name.startsWith("set") && arguments.length > 0) {
          boolean isParameter = arguments.length > 1;
          Object key = isParameter ? arguments[0] : name;
          return set(isParameter ? parameters : settings, key, new Call(method, arguments));
        }
        return pass(real, method, arguments);
    }
  }

  private @Nullable Object set(Map<Object, Call> kept, Object key, Call call) throws Throwable {
    kept.remove(key);
    follow(call.isOnce());
    Object out = pass(real, call.method, call.arguments);
    kept.put(key, call);
    return out;
  }

  private @Nullable Object execute(Method method, Object[] arguments) throws Throwable {
    follow(false);
    retire(null);
    try {
      return pass(real, method, arguments);
    } finally {
      if (method.getName().endsWith("Batch")) {
        forgetBatch();
      }
    }
  }

  private void forgetBatch() {
    batch.clear();
    isBatchOnce = false;
  }

  /// Replaces the driver's statement if it was prepared for another trace.
  private void follow(boolean withStream) throws Throwable {
    boolean isOnce = withStream || isBatchOnce || hasStream(parameters.values());
    String now = isOnce ? null : Trace.current();
    if (Objects.equals(now, trace)) {
      return;
    }
    PreparedStatement old = real;
    trace = now;
    real = prepared();
    retire(old);
    replay(settings.values());
    for (List<Call> row : batch) {
      replay(row);
    }
    replay(parameters.values());
  }

  private static boolean hasStream(Collection<Call> calls) {
    return calls.stream().anyMatch(Call::isOnce);
  }

  private void replay(Collection<Call> calls) throws Throwable {
    for (Call call : calls) {
      pass(real, call.method, call.arguments);
    }
  }

  /// Closes the one before, not yet this: its rows may be read until the next execution.
  private void retire(@Nullable PreparedStatement next) throws Throwable {
    PreparedStatement old = retired;
    retired = next;
    if (old != null) {
      old.close();
    }
  }

  private static final class Call {
    private final Method method;
    private final Object[] arguments;

    Call(Method method, Object[] arguments) {
      this.method = method;
      this.arguments = arguments;
    }

    boolean isOnce() {
      for (Object argument : arguments) {
        if (argument instanceof InputStream || argument instanceof Reader) {
          return true;
        }
      }
      return false;
    }
  }
}
