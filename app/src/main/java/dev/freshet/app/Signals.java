package dev.freshet.app;

import java.lang.reflect.Proxy;

/// Signals, where the system has them.
///
/// Java's only door to them is `sun.misc.Signal`, which the compiler warns of in a way that can't
/// be silenced for one file; so it is opened by name.
final class Signals {
  private Signals() {}

  /// Runs the task, on a thread of its own, each time the signal comes.
  ///
  /// @param name without `SIG`
  /// @return false when this signal can't be had here
  static boolean handle(String name, Runnable task) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ours =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  task.run();
                }
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), ours);
      return true;
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      System.getLogger("freshet.app")
          .log(System.Logger.Level.DEBUG, "no SIG" + name + " to be had here", e);
      return false;
    }
  }
}
