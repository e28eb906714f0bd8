package dev.freshet.jdbc;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/// A statement that gets its text when it is executed.
final class StatementCalls extends Calls {
  private final Connection connection;
  private final Statement real;

  StatementCalls(Connection connection, Statement real) {
    this.connection = connection;
    this.real = real;
  }

  @Override
  Statement real() {
    return real;
  }

  @Override
  @Nullable Object take(Object self, Method method, Object[] arguments) throws Throwable {
    String name = method.getName();
    if (name.equals("getConnection")) {
      return connection;
    }
    boolean hasText = arguments.length > 0 && arguments[0] instanceof String;
    if (hasText && (name.startsWith("execute") || name.equals("addBatch"))) {
      Object[] mine = arguments.clone();
      mine[0] = Comment.on((String) arguments[0], Trace.current());
      return pass(real, method, mine);
    }
    return pass(real, method, arguments);
  }
}
