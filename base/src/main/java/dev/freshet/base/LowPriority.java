package dev.freshet.base;

import java.util.concurrent.ThreadFactory;

/// Lets threads, and the processes that they start, give way to all others of the machine.
///
/// Java's own priorities are not heeded on Linux, where each thread has a nice value of its own,
/// which the threads that it starts begin with. Elsewhere than on Linux nothing is done here.
///
/// Their turns are short: who wakes waits for no more than the rest of one.
public final class LowPriority {
  /// The nicest there is: gets what the others leave.
  private static final int NICEST = 19;

  /// A quarter of a processor where another thread wants the whole of it.
  private static final int NICE = 5;

  /// What the names of the JVM's compiler threads have in common, of which Linux keeps 15
  /// characters.
  private static final String COMPILER = " CompilerThre";

  private LowPriority() {}

  /// Threads for work that nobody waits for: they get what the others leave, and keep no program
  /// from ending.
  public static ThreadFactory threads(String name) {
    return task -> {
      Runnable begun =
          () -> {
            var _ = LinuxThread.schedule(0, NICEST);
            task.run();
          };
      Thread thread = new Thread(begun, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /// From now on the threads that compile the program go behind those that run it: who waits for an
  /// answer waits for them otherwise, a millisecond or more where the processors are few. They are
  /// not starved, as a program that is not compiled takes ten times as long. The JVM has one of its
  /// compiler threads start what it needs more of, so that those begin as nice.
  ///
  /// @return how many there are
  public static int giveToCompiler() {
    int given = 0;
    for (LinuxThread thread : LinuxThread.all()) {
      boolean isMeant = thread.name().contains(COMPILER) && thread.nice() < NICE;
      if (isMeant && LinuxThread.schedule(thread.id(), NICE)) {
        given++;
      }
    }
    return given;
  }
}
