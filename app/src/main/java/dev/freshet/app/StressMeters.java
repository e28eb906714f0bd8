package dev.freshet.app;

import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.load.Bottleneck;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Reads the meters of what is under load while a step runs: a Freshet's, by its admin API, and the
/// processors of this machine where the target is on it.
final class StressMeters implements AutoCloseable {
  private static final Path PROCESSORS = Path.of("/proc/stat");

  /// Of the processors: who has less is not named.
  private static final double SOME = 0.02;

  private final @Nullable AdminApi api;
  private final boolean isHere;
  private boolean hasAnswered;

  private StressMeters(@Nullable AdminApi api, boolean isHere) {
    this.api = api;
    this.isHere = isHere;
  }

  /// @param target where the load goes
  static StressMeters of(@Nullable String admin, @Nullable String token, InetSocketAddress target) {
    return new StressMeters(admin == null ? null : AdminApi.at(admin, token), isHere(target));
  }

  private static boolean isHere(InetSocketAddress target) {
    try {
      return target.getAddress().isLoopbackAddress()
          || NetworkInterface.getByInetAddress(target.getAddress()) != null;
    } catch (SocketException e) {
      // The system doesn't tell: what isn't known to be here is not.
      return false;
    }
  }

  /// What the meters say at one moment.
  ///
  /// @param meters Freshet's, summed over their labels, with `_sum` and `_count` of times; empty
  ///   when it did not tell
  /// @param busy ticks of the processors at work, and of all
  /// @param processes ticks of each, by name
  private record Reading(
      Map<String, Double> meters, long busy, long all, Map<String, Long> processes, long nanos) {}

  /// Begins a reading; what it gives ends it. Meters that can't be read are a mistake of the
  /// command at first; later they are what the load did, and absent.
  Supplier<Map<String, Double>> begin() {
    Reading before = read();
    return () -> between(before, read());
  }

  private Reading read() {
    Map<String, Double> meters = new HashMap<>();
    if (api != null) {
      try {
        api.text("/metrics").lines().forEach(line -> add(meters, line));
        hasAnswered = true;
      } catch (Trouble.Found e) {
        if (!hasAnswered) {
          throw e;
        }
        System.getLogger("freshet.app").log(System.Logger.Level.DEBUG, "no meters", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    long[] ticks = isHere ? ticks() : new long[2];
    Map<String, Long> processes = isHere ? ProcessTimes.now() : Map.of();
    return new Reading(meters, ticks[0], ticks[1], processes, Time.system().nanos());
  }

  /// A line of Prometheus' text: name, labels, value. Buckets are left out.
  private static void add(Map<String, Double> meters, String line) {
    int end = line.lastIndexOf(' ');
    if (line.startsWith("#") || end < 0 || line.contains("_bucket{")) {
      return;
    }
    int labels = line.indexOf('{');
    String name = line.substring(0, labels < 0 ? end : Math.min(labels, end));
    if (name.equals("freshet_origin_failures_total")) {
      name = line.contains("kind=\"overloaded\"") ? name : "";
    }
    try {
      meters.merge(name, Double.parseDouble(line.substring(end + 1)), Double::sum);
    } catch (NumberFormatException e) {
      // Not a meter's line.
      meters.remove("");
    }
  }

  /// Time at work, and all, of the machine's processors; zeros where the system doesn't tell.
  private static long[] ticks() {
    try {
      String[] words = Files.readString(PROCESSORS).lines().findFirst().orElse("").split(" +", -1);
      long all = 0;
      long idle = 0;
      for (int i = 1; i <= 8 && i < words.length; i++) {
        long ticks = Long.parseLong(words[i]);
        all += ticks;
        idle += i == 4 || i == 5 ? ticks : 0;
      }
      return new long[] {all - idle, all};
    } catch (IOException | NumberFormatException e) {
      return new long[2];
    }
  }

  private static Map<String, Double> between(Reading before, Reading after) {
    Map<String, Double> out = new HashMap<>();
    if (after.all > before.all) {
      double all = after.all - before.all;
      out.put(Bottleneck.CPU, (after.busy - before.busy) / all);
      ProcessTimes.between(before.processes, after.processes)
          .forEach((name, ticks) -> {
            if (ticks >= all * SOME) {
              out.put(Bottleneck.CPU_OF + name, ticks / all);
            }
          });
    }
    if (before.meters.isEmpty() || after.meters.isEmpty()) {
      return out;
    }
    double seconds = (after.nanos - before.nanos) / 1e9;
    if (after.all > before.all) {
      double used = more(before, after, ProcessTimes.SECONDS) / seconds;
      out.put(Bottleneck.FRESHET_CPU, used / Runtime.getRuntime().availableProcessors());
    }
    loops(out, before, after);
    mean(out, Bottleneck.APP, before, after, "freshet_origin_response_seconds");
    mean(out, Bottleneck.POOL_WAIT, before, after, "freshet_gateway_wait_seconds");
    mean(out, Bottleneck.STATEMENT, before, after, "freshet_gateway_statement_seconds");
    double answers = more(before, after, "freshet_origin_response_seconds_count");
    if (answers > 0) {
      double statements = more(before, after, "freshet_gateway_statement_seconds_count");
      out.put(Bottleneck.STATEMENTS, statements / answers);
    }
    Double limit = after.meters.get("freshet_origin_limit");
    if (limit != null) {
      out.put(Bottleneck.LIMIT, limit);
      double refused = more(before, after, "freshet_origin_failures_total");
      out.put(Bottleneck.REFUSED, refused / seconds);
    }
    return out;
  }

  /// A loop that is late has not told by how much before it comes: what it is late by now counts as
  /// one look more.
  private static void loops(Map<String, Double> out, Reading before, Reading after) {
    double overdue = after.meters.getOrDefault("freshet_edge_loop_overdue_seconds", 0.0);
    double looks =
        more(before, after, "freshet_edge_loop_lag_seconds_count") + (overdue > 0 ? 1 : 0);
    if (looks > 0) {
      double late = more(before, after, "freshet_edge_loop_lag_seconds_sum") + overdue;
      out.put(Bottleneck.LOOP_LAG, late / looks * 1e3);
    }
  }

  private static void mean(
      Map<String, Double> out, String name, Reading before, Reading after, String meter) {
    double count = more(before, after, meter + "_count");
    if (count > 0) {
      out.put(name, more(before, after, meter + "_sum") / count * 1e3);
    }
  }

  private static double more(Reading before, Reading after, String meter) {
    return after.meters.getOrDefault(meter, 0.0) - before.meters.getOrDefault(meter, 0.0);
  }

  @Override
  public void close() {
    if (api != null) {
      api.close();
    }
  }
}
