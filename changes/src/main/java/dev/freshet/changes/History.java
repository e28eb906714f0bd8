package dev.freshet.changes;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/// Gives a log its number: equal for equal names, in every process, unless the log was cut short.
final class History {
  private final RandomGenerator random;
  private String name = "";
  private long salt;
  private long highest;

  History(RandomGenerator random) {
    this.random = random;
  }

  /// @param database what tells the log from others
  /// @param start a position in it
  synchronized long of(String database, long start) {
    boolean isKnown = name.equals(database);
    if (!isKnown) {
      name = database;
      salt = 0;
      highest = 0;
    } else if (Long.compareUnsigned(start, highest) < 0) {
      // The same positions mean something else now, as after a restore without a new timeline.
      salt = random.nextLong();
      highest = 0;
    }
    long hash = 0xCBF2_9CE4_8422_2325L;
    for (byte octet : database.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (octet & 0xFF)) * 0x0000_0100_0000_01B3L;
    }
    return hash ^ salt;
  }

  /// So far everything was published.
  synchronized void reached(long position) {
    if (Long.compareUnsigned(position, highest) > 0) {
      highest = position;
    }
  }
}
