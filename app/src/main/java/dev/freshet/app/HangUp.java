package dev.freshet.app;

import java.lang.reflect.Proxy;

/// SIGHUP, where the system has it.
///
/// Java's only door to signals is `sun.misc.Signal`, which the compiler warns of in a way that
/// can't be silenced for one file; so it is opened by name. Where it is missing one day, POST
/// /reload still does the same.
final class HangUp {
  private HangUp() {}

  static void handle(Runnable task) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ours =
          Proxy.newProxyInstance(
              HangUp.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  task.run();
                }
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), ours);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      System.getLogger("freshet.app")
          .log(System.Logger.Level.DEBUG, "no SIGHUP here; POST /reload does the same", e);
    }
  }
}
