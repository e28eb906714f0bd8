package dev.freshet.base;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A thread of this program as Linux knows it.
///
/// @param id of the task; 0 is the calling thread
/// @param name its first 15 characters
/// @param nice -20 to 19, of the thread and not of the process (setpriority(2), section "C
///   library/kernel differences")
record LinuxThread(int id, String name, int nice) {
  private static final System.Logger LOG = System.getLogger("freshet.base");
  private static final Path THREADS = Path.of("/proc/self/task");

  /// sched_setattr(2): size and policy, flags, nice and priority, runtime, deadline and period.
  private static final int ATTRIBUTES = 48;

  private static final int FLAGS_AT = 8;
  private static final int NICE_AT = 16;
  private static final int RUNTIME_AT = 24;

  /// The policy stays.
  private static final long KEEP_POLICY = 0x08;

  /// Nanoseconds, the shortest there is. Linux has heeded it since 6.12 and ignores it before.
  private static final long SHORT_TURN = 100_000;

  /// None where the system is another.
  static List<LinuxThread> all() {
    List<LinuxThread> out = new ArrayList<>();
    if (isLinux()) {
      try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
        for (Path thread : threads) {
          out.add(read(thread));
        }
      } catch (IOException e) {
        // One of them may have ended meanwhile.
        LOG.log(System.Logger.Level.DEBUG, "not all threads could be looked at", e);
      }
    }
    return out;
  }

  /// proc(5): the name is in parentheses, and how nice it is the 17th behind it.
  private static LinuxThread read(Path thread) throws IOException {
    String stat = Files.readString(thread.resolve("stat"));
    int end = stat.lastIndexOf(')');
    return new LinuxThread(
        Integer.parseInt(thread.getFileName().toString()),
        stat.substring(stat.indexOf('(') + 1, end),
        Integer.parseInt(stat.substring(end + 2).split(" ", -1)[16]));
  }

  private static boolean isLinux() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux");
  }

  /// How nice a thread is from now on, and that its turns on a processor are short. It gets no less
  /// of it by that. It gets it sooner after it has woken, and who wakes meanwhile need not wait
  /// until a long turn is over (1.4 ms on two processors).
  ///
  /// @param id 0 for the calling thread
  /// @return false where the system is another, or doesn't allow it
  static boolean schedule(int id, int nice) {
    return isLinux() && (hasShortTurns(id, nice) || isNice(id, nice));
  }

  private static boolean hasShortTurns(int id, int nice) {
    long number =
        switch (System.getProperty("os.arch")) {
          case "amd64" -> 314;
          case "aarch64" -> 274;
          default -> 0;
        };
    if (number == 0) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(ATTRIBUTES, Long.BYTES);
      attributes.set(ValueLayout.JAVA_INT, 0, ATTRIBUTES);
      attributes.set(ValueLayout.JAVA_LONG, FLAGS_AT, KEEP_POLICY);
      attributes.set(ValueLayout.JAVA_INT, NICE_AT, nice);
      attributes.set(ValueLayout.JAVA_LONG, RUNTIME_AT, SHORT_TURN);
      FunctionDescriptor shape =
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_INT);
      Linker.Option variadic = Linker.Option.firstVariadicArg(1);
      return call("syscall", shape, List.of(variadic), number, id, attributes, 0);
    }
  }

  private static boolean isNice(int id, int nice) {
    FunctionDescriptor shape =
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    // Of PRIO_PROCESS, which on Linux means a thread.
    return call("setpriority", shape, List.of(), 0, id, nice);
  }

  /// Calls a function of the C library; true when it gives 0.
  @SuppressWarnings("restricted")
  private static boolean call(
      String function, FunctionDescriptor shape, List<Linker.Option> options, Object... arguments) {
    try {
      Linker linker = Linker.nativeLinker();
      Object given =
          linker
              .downcallHandle(
                  linker.defaultLookup().findOrThrow(function),
                  shape,
                  options.toArray(new Linker.Option[0]))
              .invokeWithArguments(arguments);
      return ((Number) given).longValue() == 0;
    } catch (Throwable e) {
      LOG.log(System.Logger.Level.DEBUG, "no " + function + " can be had here", e);
      return false;
    }
  }
}
