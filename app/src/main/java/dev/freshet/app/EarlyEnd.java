package dev.freshet.app;

import java.util.concurrent.atomic.AtomicBoolean;

/// Ctrl-C and SIGTERM where there is something to tell first: the thread at work is interrupted,
/// and the program ends when that has told what it has. Who asks a second time does not wait.
final class EarlyEnd {
  /// As shells see who was ended by Ctrl-C.
  static final int EXIT_CODE = 130;

  private final AtomicBoolean isAsked = new AtomicBoolean();
  private final Thread working;

  private EarlyEnd(Thread working) {
    this.working = working;
  }

  /// From now on that thread is interrupted, where the system has such signals.
  static EarlyEnd of(Thread working) {
    EarlyEnd made = new EarlyEnd(working);
    Signals.handle("INT", made::ask);
    Signals.handle("TERM", made::ask);
    return made;
  }

  private void ask() {
    if (isAsked.compareAndSet(false, true)) {
      working.interrupt();
    } else {
      System.exit(EXIT_CODE);
    }
  }

  /// Whether somebody wants it to end: who was interrupted may have taken it for a failure.
  boolean isAsked() {
    return isAsked.get();
  }
}
