package dev.freshet.load;

import dev.freshet.base.Time;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// How long threads have waited for a processor, as Linux counts it.
///
/// @param nanos wall time of this look
/// @param waited nanoseconds by thread
record Processor(long nanos, Map<String, Long> waited) {
  private static final Path TASKS = Path.of("/proc/self/task");

  /// Looks at the threads of which the name begins so.
  static Processor now(String name, Time time) {
    Map<String, Long> out = new TreeMap<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        String[] counts = counts(task, name);
        if (counts.length == 3) {
          out.put(String.valueOf(task.getFileName()), Long.parseLong(counts[1]));
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
    double most = -1;
    for (Map.Entry<String, Long> thread : waited.entrySet()) {
      Long was = before.waited.get(thread.getKey());
      if (was != null && nanos > before.nanos) {
        most = Math.max(most, (double) (thread.getValue() - was) / (nanos - before.nanos));
      }
    }
    return most;
  }
}
