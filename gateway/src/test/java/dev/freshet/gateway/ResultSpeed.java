package dev.freshet.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;

/// What bench/gateway/results.sh runs: the same questions to a server and to a gateway that has the
/// answers in memory, several in one go, by a client that does next to nothing with the answers.
final class ResultSpeed {
  private static final int HOT = 1_000;
  private static final int AT_ONCE = 32;
  private static final String POINT = "select abalance from pgbench_accounts where aid = $1";

  private ResultSpeed() {}

  /// Arguments: port of the server, port of the gateway, seconds for each measurement.
  public static void main(String... arguments) throws ExecutionException, InterruptedException {
    int[] ports = {Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1])};
    int seconds = Integer.parseInt(arguments[2]);
    String aggregate = arguments[3];
    System.out.printf("%-44s %11s %11s %9s%n", "answers/s", "direct", "gateway", "times");
    compare("point read, prepared, 2 clients, 32 in one go", ports, 2, seconds, bound());
    compare("point read, simple, 2 clients, 32 in one go", ports, 2, seconds, simple());
    compare("aggregate, simple, 8 clients", ports, 8, seconds, List.of(Say.query(aggregate)));
  }

  /// Questions for hot rows, each with as many as go at once.
  private static List<byte[]> bound() {
    return batches(id -> Say.all(Say.bind("", "point", "" + id), Say.execute("", 0), Say.sync()));
  }

  private static List<byte[]> simple() {
    return batches(id -> Say.query(POINT.replace("$1", "" + id)));
  }

  private static List<byte[]> batches(IntFunction<byte[]> question) {
    List<byte[]> out = new ArrayList<>();
    for (int id = 1; id <= HOT; id += AT_ONCE) {
      byte[][] each = new byte[AT_ONCE][];
      for (int i = 0; i < AT_ONCE; i++) {
        each[i] = question.apply(id + i);
      }
      out.add(Say.all(each));
    }
    return out;
  }

  private static void compare(
      String what, int[] ports, int clients, int seconds, List<byte[]> batches)
      throws ExecutionException, InterruptedException {
    int atOnce = what.contains("in one go") ? AT_ONCE : 1;
    double[] rates = new double[2];
    for (int i = 0; i < 2; i++) {
      // The first round is for warming up.
      rate(ports[i], clients, Math.max(1, seconds / 2), batches, atOnce);
      rates[i] = rate(ports[i], clients, seconds, batches, atOnce);
    }
    System.out.printf(
        Locale.ROOT,
        "%-46s %,11.0f %,11.0f %7.1f x%n",
        what,
        rates[0],
        rates[1],
        rates[1] / rates[0]);
  }

  private static double rate(int port, int clients, int seconds, List<byte[]> batches, int atOnce)
      throws ExecutionException, InterruptedException {
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    AtomicLong answers = new AtomicLong();
    long began = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
      List<Future<?>> all = new ArrayList<>();
      for (int c = 0; c < clients; c++) {
        int first = c * 37;
        all.add(
            threads.submit(() -> {
              long mine = 0;
              try (RawPg client = RawPg.open(port)) {
                client.ask(Say.parse("point", POINT), Say.sync());
                for (int n = first; System.nanoTime() < end; n++) {
                  client.send(batches.get(n % batches.size()));
                  client.skips(atOnce);
                  mine += atOnce;
                }
              }
              answers.addAndGet(mine);
              return mine;
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
    return answers.get() * 1e9 / (System.nanoTime() - began);
  }
}
