package dev.freshet.load;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/// What was counted on channels: WebSockets and streams of events. Times in nanoseconds.
public final class ChannelFigures {
  /// Names of the times, in thresholds too.
  static final String CONNECT = "connect";

  static final String FIRST_MESSAGE = "first message";
  static final String ROUND_TRIP = "round trip";
  static final String DELAY = "delay";
  private static final long LONGEST = 3_600_000_000_000L;
  private final Histogram connect = new Histogram(3);
  private final Histogram firstMessage = new Histogram(3);
  private final Histogram roundTrip = new Histogram(3);
  private final Histogram delay = new Histogram(3);
  private long early;
  private long carriedOver;
  private long received;
  private long sent;
  private long ahead;

  ChannelFigures() {}

  /// From the beginning of a connection to the answer that opens the channel.
  public Histogram connect() {
    return connect;
  }

  /// From there to the first message.
  public Histogram firstMessage() {
    return firstMessage;
  }

  /// From what was sent to the last message that was waited for behind it.
  public Histogram roundTrip() {
    return roundTrip;
  }

  /// From the time that a message tells to its arrival.
  public Histogram delay() {
    return delay;
  }

  /// Channels that had been opened before anything was counted.
  public long carriedOver() {
    return carriedOver;
  }

  /// Channels that somebody had begun to open before anything was counted, so that their requests
  /// are not among those that were; [#carriedOver] and such as became open later.
  long early() {
    return early;
  }

  /// Messages received.
  public long received() {
    return received;
  }

  /// Messages sent.
  public long sent() {
    return sent;
  }

  /// Messages from before the time that they tell: clocks differ, or the step that has set what
  /// they show was answered later. They have a delay of 0.
  public long ahead() {
    return ahead;
  }

  /// Channels of which something was counted.
  public long count() {
    return connect.getTotalCount() + carriedOver;
  }

  /// The times by name, those of which there were none left out.
  public Map<String, Histogram> byName() {
    Map<String, Histogram> out = new LinkedHashMap<>();
    out.put(CONNECT, connect);
    out.put(FIRST_MESSAGE, firstMessage);
    out.put(ROUND_TRIP, roundTrip);
    out.put(DELAY, delay);
    out.values().removeIf(h -> h.getTotalCount() == 0);
    return out;
  }

  void connected(long nanos) {
    connect.recordValue(bounded(nanos));
  }

  /// One is over that had been begun before anything was counted.
  ///
  /// @param wasOpen whether it was open by then
  void early(boolean wasOpen) {
    early++;
    carriedOver += wasOpen ? 1 : 0;
  }

  void heard() {
    received++;
  }

  void said() {
    sent++;
  }

  void first(long nanos) {
    firstMessage.recordValue(bounded(nanos));
  }

  void answered(long nanos) {
    roundTrip.recordValue(bounded(nanos));
  }

  /// @param nanos below 0 for one from before its time
  void delayed(long nanos) {
    delay.recordValue(bounded(nanos));
    ahead += nanos < 0 ? 1 : 0;
  }

  private static long bounded(long nanos) {
    return Math.clamp(nanos, 0, LONGEST);
  }

  void add(ChannelFigures other) {
    connect.add(other.connect);
    firstMessage.add(other.firstMessage);
    roundTrip.add(other.roundTrip);
    delay.add(other.delay);
    early += other.early;
    carriedOver += other.carriedOver;
    received += other.received;
    sent += other.sent;
    ahead += other.ahead;
  }
}
