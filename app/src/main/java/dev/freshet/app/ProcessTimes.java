package dev.freshet.app;

import dev.freshet.base.Meters;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Processor time of this machine's processes, as Linux counts it: who had the processors.
///
/// Children of the same name count with their parent: they are its workers, as a database's
/// sessions are.
final class ProcessTimes {
  private static final Path PROCESSES = Path.of("/proc");

  /// Where the fields behind the name stand: state is the third of all, the parent the fourth, user
  /// and system time the 14th and 15th (proc(5)).
  private static final int PARENT = 1;

  private static final int USER = 11;

  /// A program's own, as a meter.
  static final String SECONDS = "freshet_processor_seconds";

  private ProcessTimes() {}

  /// This program's, for whoever reads its meters.
  static void tell(Meters meters) {
    meters.gauge(
        SECONDS,
        "Processor time that this program has had",
        Map.of(),
        () ->
            ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toMillis()
                / 1e3);
  }

  private record One(String name, long parent, long ticks) {}

  /// Ticks by name; empty where the system doesn't tell.
  static Map<String, Long> now() {
    Map<Long, One> all = new HashMap<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      for (Path process : processes) {
        One one = one(process);
        if (one != null) {
          all.put(Long.parseLong(String.valueOf(process.getFileName())), one);
        }
      }
    } catch (IOException e) {
      return Map.of();
    }
    Map<String, Long> out = new HashMap<>();
    all.forEach((number, one) -> out.merge(called(all, number), one.ticks, Long::sum));
    return out;
  }

  private static @Nullable One one(Path process) {
    try {
      String line = Files.readString(process.resolve("stat"));
      int end = line.lastIndexOf(')');
      String name = line.substring(line.indexOf('(') + 1, end);
      String[] fields = line.substring(end + 2).split(" ", -1);
      long ticks = Long.parseLong(fields[USER]) + Long.parseLong(fields[USER + 1]);
      return new One(name, Long.parseLong(fields[PARENT]), ticks);
    } catch (IOException e) {
      // It has ended meanwhile.
      return null;
    }
  }

  private static String called(Map<Long, One> all, long number) {
    if (number == ProcessHandle.current().pid()) {
      return "the load generator";
    }
    One at = all.get(number);
    if (at == null) {
      return "";
    }
    String name = at.name;
    long first = number;
    long above = at.parent;
    for (One parent = all.get(above); parent != null; parent = all.get(above)) {
      if (!parent.name.equals(name)) {
        break;
      }
      first = above;
      above = parent.parent;
    }
    return name + " (" + first + ")";
  }

  /// What each had between two looks; one that began meanwhile is left out.
  static Map<String, Long> between(Map<String, Long> before, Map<String, Long> after) {
    Map<String, Long> out = new HashMap<>();
    after.forEach((name, ticks) -> {
      Long was = before.get(name);
      if (was != null && ticks > was) {
        out.put(name, ticks - was);
      }
    });
    return out;
  }
}
