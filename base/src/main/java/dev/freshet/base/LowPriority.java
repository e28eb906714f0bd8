package dev.freshet.base;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// Lets threads, and the processes that they start, give way to all others of the machine.
///
/// Java's own priorities are not heeded on Linux, where each thread has a nice value of its own
/// (setpriority(2), section "C library/kernel differences"), which the threads that it starts begin
/// with. Elsewhere than on Linux nothing is done here.
public final class LowPriority {
  private static final System.Logger LOG = System.getLogger("freshet.base");

  /// The nicest there is: gets what the others leave.
  private static final int NICEST = 19;

  /// A quarter of a processor where another thread wants the whole of it.
  private static final int NICE = 5;

  private static final Path THREADS = Path.of("/proc/self/task");

  /// What the names of the JVM's compiler threads have in common, of which Linux keeps 15
  /// characters.
  private static final String COMPILER = " CompilerThre";

  private LowPriority() {}

  /// From now on the calling thread gets what the others leave.
  public static void take() {
    if (isLinux()) {
      set(0, NICEST);
    }
  }

  /// From now on the threads that compile the program go behind those that run it: who waits for an
  /// answer waits for them otherwise, a millisecond or more where the processors are few. They are
  /// not starved, as a program that is not compiled takes ten times as long. The JVM has one of its
  /// compiler threads start what it needs more of, so that those begin as nice.
  ///
  /// @return how many there are
  public static int giveToCompiler() {
    int given = 0;
    if (!isLinux()) {
      return given;
    }
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      for (Path thread : threads) {
        // proc(5): the name in parentheses, and 17 fields behind it how nice it is.
        String stat = Files.readString(thread.resolve("stat"));
        int behind = stat.lastIndexOf(')') + 2;
        boolean isMeant =
            stat.substring(0, behind).contains(COMPILER)
                && Integer.parseInt(stat.substring(behind).split(" ", -1)[16]) < NICE;
        if (isMeant && set(Integer.parseInt(thread.getFileName().toString()), NICE)) {
          given++;
        }
      }
    } catch (IOException e) {
      // One of them may have ended meanwhile.
      LOG.log(System.Logger.Level.DEBUG, "not all threads could be looked at", e);
    }
    return given;
  }

  private static boolean isLinux() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux");
  }

  /// @param thread by its number; 0 for the calling one
  @SuppressWarnings("restricted")
  private static boolean set(int thread, int nice) {
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
      // Of PRIO_PROCESS, which on Linux means a thread.
      if ((int) setpriority.invokeExact(0, thread, nice) == 0) {
        return true;
      }
      LOG.log(System.Logger.Level.DEBUG, "the system gives no lower priority");
    } catch (Throwable e) {
      LOG.log(System.Logger.Level.DEBUG, "no lower priority can be had here", e);
    }
    return false;
  }
}
