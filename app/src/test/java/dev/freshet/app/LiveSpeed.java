package dev.freshet.app;

import dev.freshet.base.Time;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// What bench/live/run.sh runs: writers of items and who is told of them, on one clock.
///
/// `tell HOW PORT SUBSCRIBERS ITEMS RATE SECONDS WARM DATABASE [CHROMIUM]` measures from the
/// sending of an UPDATE, which commits, to a subscriber having read the new state; with a browser
/// beside them, also to the callback in its page, which follows all items. `hold HOW PORT
/// SUBSCRIBERS ITEMS` keeps subscribers that are told nothing until its input ends. HOW is `ws` or
/// `sse`.
final class LiveSpeed {
  private static final int MAX_WRITES = 1 << 16;
  private static final Time TIME = Time.system();

  /// When each write was sent, nanoseconds, by its number.
  private final long[] sent = new long[MAX_WRITES];

  /// The last write to each item.
  private final long[] truth;

  private final int items;
  private final PreparedStatement update;
  private int next;

  private LiveSpeed(Connection database, int items) throws SQLException {
    this.items = items;
    this.truth = new long[items + 1];
    this.update = database.prepareStatement("update item set seq = ? where id = ?");
    try (var reset = database.createStatement()) {
      reset.executeUpdate("update item set seq = 0 where seq <> 0");
    }
  }

  public static void main(String... arguments) throws Exception {
    switch (arguments[0]) {
      case "tell" -> tell(arguments);
      case "hold" -> hold(arguments);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static Crowd.Interest interest(String how, int items) {
    return new Crowd.Interest("/api/items/", items, "\"seq\":", how.equals("sse"));
  }

  private static int number(String text) {
    return Integer.parseInt(text);
  }

  /// Writes the next number to the next item.
  private void write() throws SQLException {
    int seq = ++next;
    int item = 1 + seq % items;
    truth[item] = seq;
    update.setInt(1, seq);
    update.setInt(2, item);
    sent[seq] = TIME.nanos();
    update.executeUpdate();
  }

  private void write(int rate, int seconds) throws SQLException {
    long from = TIME.nanos();
    for (int i = 0; i < rate * seconds; i++) {
      long due = from + i * 1_000_000_000L / rate;
      while (TIME.nanos() < due) {
        LockSupport.parkNanos(due - TIME.nanos());
      }
      write();
    }
  }

  private static void tell(String... told) throws IOException, InterruptedException, SQLException {
    int size = number(told[3]);
    int items = number(told[4]);
    int rate = number(told[5]);
    int seconds = number(told[6]);
    long[] delays = new long[size / items * rate * seconds + size];
    int[] count = {0};
    try (Connection database = DriverManager.getConnection(told[8]);
        SpeedPage page = told.length > 9 ? SpeedPage.open(told[9], told[2], items, TIME) : null) {
      LiveSpeed speed = new LiveSpeed(database, items);
      int warm = number(told[7]) * rate;
      Crowd.Ear ear =
          (item, seq, nanos) -> {
            if (seq > warm && count[0] < delays.length) {
              delays[count[0]++] = nanos - speed.sent[(int) seq];
            }
          };
      try (Crowd crowd = new Crowd(number(told[2]), size, interest(told[1], items), ear, TIME)) {
        speed.write(rate, number(told[7]));
        speed.write(rate, seconds);
        // Who is told in the end is told within moments; who is not is counted.
        for (int i = 0; i < 200 && crowd.behind(speed.truth) > 0; i++) {
          TimeUnit.MILLISECONDS.sleep(10);
        }
        int behind = crowd.behind(speed.truth);
        int due = size / items * rate * seconds;
        print(Arrays.copyOf(delays, count[0]), "told " + count[0] + " " + due + " " + behind);
        if (page != null) {
          print(page.delays(speed.sent, warm, speed.next), "page");
        }
      }
    }
  }

  private static void print(long[] delays, String more) {
    Arrays.sort(delays);
    int n = delays.length;
    if (n == 0) {
      System.out.println("ms - - - - " + more);
      return;
    }
    System.out.printf(
        "ms %.2f %.2f %.2f %.2f %s%n",
        delays[n / 2] / 1e6,
        delays[(int) (n * 0.95)] / 1e6,
        delays[(int) (n * 0.99)] / 1e6,
        delays[n - 1] / 1e6,
        more);
  }

  private static void hold(String... told) throws IOException, InterruptedException {
    int size = number(told[3]);
    Crowd.Ear deaf = (item, seq, nanos) -> {};
    try (Crowd crowd =
        new Crowd(number(told[2]), size, interest(told[1], number(told[4])), deaf, TIME)) {
      System.out.println("holding " + size);
      System.in.readAllBytes();
      System.out.println("behind " + crowd.behind(new long[number(told[4]) + 1]));
    }
  }
}
