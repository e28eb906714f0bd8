package dev.freshet.base;

/// Lets threads that answer others take short turns on the processor: the share of each stays what
/// it is, but who wakes to a request is let in at once where another thread has a processor for
/// itself, in place of when that one's turn is over. Linux since 6.12 has it (sched_setattr(2));
/// elsewhere nothing is done here.
public final class ShortTurns {
  private ShortTurns() {}

  /// For threads whose names begin so, of those that there are now, and for what these start.
  ///
  /// @return how many they are
  public static int giveTo(String names) {
    int given = 0;
    for (LinuxThread thread : LinuxThread.all()) {
      if (thread.name().startsWith(names) && LinuxThread.schedule(thread.id(), thread.nice())) {
        given++;
      }
    }
    return given;
  }
}
