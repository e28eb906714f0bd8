package dev.freshet.assets;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/// Lets a thread, and the processes that it starts, give way to all others of the machine.
///
/// Java's own priorities are not heeded on Linux, where each thread has a nice value of its own
/// (setpriority(2), section "C library/kernel differences").
final class LowPriority {
  private static final System.Logger LOG = System.getLogger("freshet.assets");

  /// The nicest there is.
  private static final int NICEST = 19;

  private LowPriority() {}

  /// From now on the calling thread gets what the others leave; elsewhere than on Linux nothing is
  /// done.
  @SuppressWarnings("restricted")
  static void take() {
    if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux")) {
      return;
    }
    try {
      Linker linker = Linker.nativeLinker();
      MethodHandle setpriority =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("setpriority"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT));
      // PRIO_PROCESS and 0: the calling thread.
      if ((int) setpriority.invokeExact(0, 0, NICEST) != 0) {
        LOG.log(System.Logger.Level.DEBUG, "the system gives no lower priority");
      }
    } catch (Throwable e) {
      LOG.log(System.Logger.Level.DEBUG, "no lower priority can be had here", e);
    }
  }
}
