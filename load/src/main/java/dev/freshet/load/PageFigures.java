package dev.freshet.load;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/// What was counted of whole pages: a document, and the files that it loads.
public final class PageFigures {
  /// Names of the two, in thresholds too.
  static final String FIRST = "first view";

  static final String REPEAT = "repeat view";
  private final Views first = new Views();
  private final Views repeat = new Views();

  PageFigures() {}

  /// Views by browsers of which the cache was empty.
  public Views first() {
    return first;
  }

  /// Views by browsers that had kept something of earlier ones.
  public Views repeat() {
    return repeat;
  }

  /// Both kinds by name, those of which there were none left out.
  public Map<String, Views> byName() {
    Map<String, Views> out = new LinkedHashMap<>();
    if (first.count() > 0) {
      out.put(FIRST, first);
    }
    if (repeat.count() > 0) {
      out.put(REPEAT, repeat);
    }
    return out;
  }

  public long count() {
    return first.count() + repeat.count();
  }

  void add(PageFigures other) {
    first.add(other.first);
    repeat.add(other.repeat);
  }

  /// One kind of them.
  public static final class Views {
    private final Felt time = new Felt();
    private long octets;
    private long requests;
    private long notModified;
    private long unasked;
    private long failures;

    private Views() {}

    /// Nanoseconds from when the document was meant to be asked for until its last file was there.
    public Histogram time() {
      return time.all();
    }

    /// As [Figures#felt].
    double felt(ToDoubleFunction<Histogram> figure) {
      return time.longer(figure);
    }

    public long count() {
      return time.all().getTotalCount();
    }

    /// Octets received, heads included.
    public long octets() {
      return octets;
    }

    public long requests() {
      return requests;
    }

    /// Requests that were answered with 304.
    public long notModified() {
      return notModified;
    }

    /// What was fresh in the browser's own cache, so that nobody was asked.
    public long unasked() {
      return unasked;
    }

    /// Views of which something failed.
    public long failures() {
      return failures;
    }

    void viewed(long nanos, long received, long asked, long same, long fresh, boolean isFailed) {
      time.took(nanos, isFailed);
      octets += received;
      requests += asked;
      notModified += same;
      unasked += fresh;
      failures += isFailed ? 1 : 0;
    }

    void add(Views other) {
      time.add(other.time);
      octets += other.octets;
      requests += other.requests;
      notModified += other.notModified;
      unasked += other.unasked;
      failures += other.failures;
    }
  }
}
