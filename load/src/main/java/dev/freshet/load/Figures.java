package dev.freshet.load;

import dev.freshet.http.FieldName;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// What was counted of one step, or of all. Written by one thread, read when the phase is over.
///
/// A request that was never answered in time is in both histograms with the time it was waited for;
/// one that failed otherwise is among the errors only. A failing status is an answer, and an error
/// too.
public final class Figures {
  private static final long LONGEST = 3_600_000_000_000L;
  private final Felt felt = new Felt();
  private final Histogram service = new Histogram(3);
  private final Map<Integer, Long> statuses = new TreeMap<>();
  private final Map<String, Long> errors = new TreeMap<>();
  private @Nullable PageFigures pages;
  private @Nullable ChannelFigures channels;
  private long failures;
  private long inTime;
  private long goodInTime;
  private long unsent;
  private long own;
  private long repeats;
  private long octets;
  private long content;
  private long hits;
  private long told;
  private long lost;
  private long handing;

  Figures() {}

  /// Nanoseconds from when the request was meant to begin: what a visitor feels.
  public Histogram intended() {
    return felt.all();
  }

  /// The same of requests that were answered well, or in vain waited for.
  public Histogram unrefused() {
    return felt.others();
  }

  /// A time of [#intended] or of [#unrefused], whichever is longer: what is asked of times is asked
  /// of both.
  public double felt(ToDoubleFunction<Histogram> figure) {
    return felt.longer(figure);
  }

  /// Nanoseconds from when it was sent: what the server did with it.
  public Histogram service() {
    return service;
  }

  /// Answers by status.
  public Map<Integer, Long> statuses() {
    return statuses;
  }

  /// Errors by kind: `status 503`, `timeout`, `refused`, `closed`, `truncated`, `protocol`, and
  /// checks by name.
  public Map<String, Long> errors() {
    return errors;
  }

  /// Requests with at least one error; what came behind an answer without having been asked for
  /// counts as one.
  public long failures() {
    return failures;
  }

  /// Requests that were answered or failed, each once.
  public long count() {
    return felt.all().getTotalCount() + lost;
  }

  /// Requests that were answered, failing status or not.
  public long answers() {
    return statuses.values().stream().mapToLong(Long::longValue).sum();
  }

  /// What an error is one of: requests, and channels of which the requests had been due before any
  /// was counted.
  public long tries() {
    return count() + (channels == null ? 0 : channels.early());
  }

  /// Of all requests, those with an error; 0 when there was none.
  public double errorRatio() {
    return tries() == 0 ? 0 : Math.min(1, (double) failures / tries());
  }

  /// Answers, failing status or not, that came while the phase was being counted, whenever they had
  /// been asked for: over its seconds this is the throughput.
  public long inTime() {
    return inTime;
  }

  /// Of [#inTime], those without an error.
  public long goodInTime() {
    return goodInTime;
  }

  /// Requests that were given up before they could be sent; among the `timeout` errors.
  public long unsent() {
    return unsent;
  }

  /// Requests that failed for want of something on this side: ports, file descriptors, room for
  /// those who wait.
  public long ownFailures() {
    return own;
  }

  /// Requests that were sent again, since their idle connection had ended before they came.
  public long repeats() {
    return repeats;
  }

  /// Mean nanoseconds from an answer's head to its last octet, or until nobody waited for that any
  /// longer; 0 where all of it came at once.
  double handing() {
    long sent = service.getTotalCount();
    return sent == 0 ? 0 : (double) handing / sent;
  }

  /// Octets received, heads and framing included.
  public long octets() {
    return octets;
  }

  /// Octets of content, still coded.
  public long content() {
    return content;
  }

  /// Share answered from a cache by what `Cache-Status` says; -1 when no answer had any.
  public double hitRatio() {
    return told == 0 ? -1 : (double) hits / answers();
  }

  /// Whole pages, where visitors have browsers.
  public PageFigures pages() {
    PageFigures known = pages;
    if (known == null) {
      known = new PageFigures();
      pages = known;
    }
    return known;
  }

  /// WebSockets and streams of events.
  public ChannelFigures channels() {
    ChannelFigures known = channels;
    if (known == null) {
      known = new ChannelFigures();
      channels = known;
    }
    return known;
  }

  void arrived(boolean isGood) {
    inTime++;
    goodInTime += isGood ? 1 : 0;
  }

  /// Octets behind an answer.
  void unasked() {
    failures++;
    wrong("protocol");
  }

  void repeated() {
    repeats++;
  }

  /// A message on a channel.
  void received(long wire) {
    octets += wire;
  }

  /// What went wrong behind the answer that had opened a channel.
  ///
  /// @param isFirst whether nothing had before
  void broke(List<String> kinds, boolean isFirst) {
    failures += isFirst ? 1 : 0;
    kinds.forEach(this::wrong);
  }

  void answered(long after, long took, Reply reply, boolean isWrong) {
    felt.took(after, isWrong || reply.status() >= 400);
    service.recordValue(bounded(took));
    statuses.merge(reply.status(), 1L, Long::sum);
    octets += reply.wireOctets();
    content += reply.contentOctets();
    String cache = reply.fields().combined(FieldName.CACHE_STATUS);
    if (cache != null) {
      told++;
      hits += isHit(cache) ? 1 : 0;
    }
    if (reply.status() >= 400) {
      errors.merge("status " + reply.status(), 1L, Long::sum);
    }
    failures += isWrong || reply.status() >= 400 ? 1 : 0;
  }

  static boolean isHit(@Nullable String cacheStatus) {
    return cacheStatus != null
        && (cacheStatus.contains("; hit") || cacheStatus.contains("; collapsed"));
  }

  /// From the head of an answer to its end.
  void handed(long nanos) {
    handing += nanos;
  }

  void wrong(String kind) {
    errors.merge(kind, 1L, Long::sum);
  }

  /// @param took -1 when it was never sent
  void late(long after, long took) {
    felt.took(after, false);
    if (took >= 0) {
      service.recordValue(bounded(took));
    } else {
      unsent++;
    }
    wrong("timeout");
    failures++;
  }

  void lost(String kind) {
    lost++;
    failures++;
    own += isOwn(kind) ? 1 : 0;
    wrong(kind);
  }

  private static boolean isOwn(String kind) {
    return kind.equals(Dialler.NO_PORT)
        || kind.equals(Dialler.NO_DESCRIPTOR)
        || kind.equals(Lane.NO_CONNECTION);
  }

  private static long bounded(long nanos) {
    return Math.clamp(nanos, 0, LONGEST);
  }

  void add(Figures other) {
    felt.add(other.felt);
    service.add(other.service);
    other.statuses.forEach((status, n) -> statuses.merge(status, n, Long::sum));
    other.errors.forEach((kind, n) -> errors.merge(kind, n, Long::sum));
    failures += other.failures;
    inTime += other.inTime;
    goodInTime += other.goodInTime;
    unsent += other.unsent;
    own += other.own;
    repeats += other.repeats;
    octets += other.octets;
    content += other.content;
    hits += other.hits;
    told += other.told;
    lost += other.lost;
    handing += other.handing;
    if (other.pages != null) {
      pages().add(other.pages);
    }
    if (other.channels != null) {
      channels().add(other.channels);
    }
  }
}
