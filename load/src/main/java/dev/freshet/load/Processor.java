package dev.freshet.load;

import dev.freshet.base.Time;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/// How long threads have had a processor, and waited for one, as Linux counts it.
///
/// @param nanos wall time of this look
/// @param threads by name
record Processor(long nanos, Map<String, Use> threads) {
  private static final Path TASKS = Path.of("/proc/self/task");

  /// Nanoseconds of a thread.
  record Use(long worked, long waited) {}

  /// Looks at the threads of which the name begins so.
  static Processor now(String name, Time time) {
    Map<String, Use> out = new TreeMap<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        String[] counts = counts(task, name);
        if (counts.length == 3) {
          Use use = new Use(Long.parseLong(counts[0]), Long.parseLong(counts[1]));
          out.put(String.valueOf(task.getFileName()), use);
        }
      }
    } catch (IOException e) {
      // Another system, or one that hides this: nothing is known.
      return new Processor(time.nanos(), Map.of());
    }
    return new Processor(time.nanos(), out);
  }

  private static String[] counts(Path task, String name) {
    try {
      return Files.readString(task.resolve("comm")).startsWith(name + "-")
          ? Files.readString(task.resolve("schedstat")).strip().split(" ", -1)
          : new String[0];
    } catch (IOException e) {
      // The thread has ended meanwhile.
      return new String[0];
    }
  }

  /// The largest share of the time since then that one of them was ready and had none; -1 when
  /// nothing is known.
  double waited(Processor before) {
    return most(before, Use::waited);
  }

  /// The largest share of the time since then that one of them was at work; -1 when nothing is
  /// known.
  double worked(Processor before) {
    return most(before, Use::worked);
  }

  private double most(Processor before, ToLongFunction<Use> what) {
    double most = -1;
    for (Map.Entry<String, Use> thread : threads.entrySet()) {
      Use was = before.threads.get(thread.getKey());
      if (was != null && nanos > before.nanos) {
        long more = what.applyAsLong(thread.getValue()) - what.applyAsLong(was);
        most = Math.max(most, (double) more / (nanos - before.nanos));
      }
    }
    return most;
  }
}
