package dev.freshet.app;

import sun.misc.Signal;

/// SIGHUP, where the system has it; Java offers no other way to hear it.
@SuppressWarnings("sunapi")
final class HangUp {
  private HangUp() {}

  static void handle(Runnable task) {
    try {
      Signal.handle(new Signal("HUP"), signal -> task.run());
    } catch (IllegalArgumentException e) {
      System.getLogger("freshet.app")
          .log(System.Logger.Level.DEBUG, "no SIGHUP here; POST /reload does the same", e);
    }
  }
}
