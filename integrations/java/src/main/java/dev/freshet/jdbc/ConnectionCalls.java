package dev.freshet.jdbc;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/// A connection whose statements carry traces.
final class ConnectionCalls extends Calls {
  private final Connection real;

  private ConnectionCalls(Connection real) {
    this.real = real;
  }

  static Connection around(Connection real) {
    return (Connection) proxy(real, new ConnectionCalls(real));
  }

  @Override
  Connection real() {
    return real;
  }

  @Override
  @Nullable Object take(Object self, Method method, Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "createStatement":
        Statement plain = (Statement) pass(real, method, arguments);
        return plain == null ? null : proxy(plain, new StatementCalls((Connection) self, plain));
      case "prepareStatement":
      case "prepareCall":
        return PreparedCalls.prepare((Connection) self, real, method, arguments);
      default:
        return pass(real, method, arguments);
    }
  }
}
