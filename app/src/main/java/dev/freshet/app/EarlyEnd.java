package dev.freshet.app;

/// Ctrl-C and SIGTERM where there is something to tell first: the thread at work is interrupted,
/// and the program ends when that has told what it has. Who asks a second time does not wait.
///
/// Closed when the telling begins: what is written then must not be broken off by an interrupt that
/// comes late.
final class EarlyEnd implements AutoCloseable {
  /// As shells see who was ended by Ctrl-C.
  static final int EXIT_CODE = 130;

  private final Thread working;
  private boolean isAsked;
  private boolean isClosed;

  EarlyEnd(Thread working) {
    this.working = working;
  }

  /// From now on that thread is interrupted, where the system has such signals.
  static EarlyEnd of(Thread working) {
    EarlyEnd made = new EarlyEnd(working);
    Signals.handle("INT", made::signal);
    Signals.handle("TERM", made::signal);
    return made;
  }

  private void signal() {
    if (!ask()) {
      System.exit(EXIT_CODE);
    }
  }

  /// False when somebody has asked before.
  synchronized boolean ask() {
    if (isAsked) {
      return false;
    }
    isAsked = true;
    if (!isClosed) {
      working.interrupt();
    }
    return true;
  }

  /// Whether somebody wants it to end: who was interrupted may have taken it for a failure.
  synchronized boolean isAsked() {
    return isAsked;
  }

  /// By the thread at work: it is not interrupted any more, and an interrupt that it has not
  /// noticed is taken back.
  @Override
  public synchronized void close() {
    isClosed = true;
    if (isAsked) {
      var _ = Thread.interrupted();
    }
  }
}
