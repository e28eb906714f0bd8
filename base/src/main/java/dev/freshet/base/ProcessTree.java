package dev.freshet.base;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// A program and all that it began.
public final class ProcessTree {
  private static final int LOOKS = 2_000;
  private static final long LOOK_NANOS = 5_000_000;

  private ProcessTree() {}

  /// Ends them at once, and waits until none of them does anything any more, for ten seconds at
  /// most.
  ///
  /// Who has ended is there until somebody asks how: the first program until we do, what it began
  /// until the system's first process gets round to it, which can take seconds and is not waited
  /// for.
  public static void end(Process process) {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    for (int i = 0; i < LOOKS && all.stream().anyMatch(ProcessTree::isAtWork); i++) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /// Who has ended but is still there has no program.
  private static boolean isAtWork(ProcessHandle one) {
    return one.isAlive() && one.info().command().isPresent();
  }
}
