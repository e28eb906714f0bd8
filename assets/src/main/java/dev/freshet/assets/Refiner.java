package dev.freshet.assets;

import dev.freshet.base.Bounded;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes smaller contents of stored style sheets, scripts and pictures, in the background, each
/// content once.
public final class Refiner implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.assets");
  private static final int MAX_WAITING = 500;
  private static final long MAX_WAITING_OCTETS = 64 << 20;

  /// New versions of what was minified before, looked at beside all that waits.
  private static final int MAX_NEXT = 64;

  private static final long MAX_NEXT_OCTETS = 16 << 20;

  /// What is done at once has no more that is new than that.
  private static final int MAX_NEW = 64 << 10;

  /// What a build tool writes before a suffix.
  private static final Pattern VERSION =
      Pattern.compile(
          "(?<=[.-])(?=[A-Za-z_]*[0-9])[A-Za-z0-9_]{8,64}"
              + "(?=(?:\\.(?:min|chunk|bundle))?\\.[a-z]{2,4}$)");

  /// Addresses of what was minified.
  private static final int MAX_ADDRESSES = 5_000;

  /// So often in a row esbuild may fail by itself before it is left alone.
  private static final int MAX_FAILURES = 3;

  private static final Set<Refinement.Kind> NOTHING = Set.of();
  private static final Set<Refinement.Kind> TEXT = EnumSet.of(Refinement.Kind.MINIFIED);
  private static final Set<Refinement.Kind> PICTURE =
      EnumSet.complementOf(EnumSet.of(Refinement.Kind.MINIFIED));

  private final BooleanSupplier isOn;
  private final Referrals referrals;
  private final Minifier minifier;

  /// For what is done at once, in a process that gives way to nobody.
  private final Minifier nextMinifier;

  private final PictureTask pictures;
  private final Memo memo;
  private final Backlog backlog;

  /// What can be done in a moment, and somebody may be waiting for.
  private final Backlog next;

  /// What was minified last of each file, by its address without what tells its versions apart.
  /// Guarded by itself.
  private final Map<String, String> minified = Bounded.byUse(MAX_ADDRESSES);

  private final RefinedFigures figures;
  private final AtomicInteger failures = new AtomicInteger();
  private volatile String trouble = "";

  Refiner(BooleanSupplier isOn, Referrals referrals, RefinerConfig config, Meters meters) {
    this.isOn = isOn;
    this.referrals = referrals;
    figures = new RefinedFigures(meters);
    minifier = new Minifier(config.esbuild(), config.memory() / 4);
    nextMinifier = minifier.beside();
    memo = new Memo(config.memory() - config.memory() / 4);
    backlog = new Backlog(1, MAX_WAITING, MAX_WAITING_OCTETS);
    next = new Backlog(2, MAX_NEXT, MAX_NEXT_OCTETS, false);
    pictures = new PictureTask(config, memo, backlog, figures, new Shortage(System::nanoTime));
    meters.gauge(
        "freshet_assets_waiting",
        "Contents that wait to be made better",
        Map.of(),
        () -> (double) backlog.waiting());
  }

  /// What may come of a content with these fields.
  public Set<Refinement.Kind> kinds(Fields response) {
    String type = response.first(FieldName.CONTENT_TYPE);
    if (type == null) {
      return NOTHING;
    }
    String lower = type.toLowerCase(Locale.ROOT);
    String bare = bare(lower);
    if (isPicture(bare)) {
      return pictures.isPossible() ? PICTURE : NOTHING;
    }
    return (isStyle(bare) || isScript(bare)) && mayBeUtf8(lower) ? TEXT : NOTHING;
  }

  private static String bare(String type) {
    int end = type.indexOf(';');
    return type.substring(0, end < 0 ? type.length() : end).strip();
  }

  private static boolean isPicture(String bare) {
    return bare.equals("image/jpeg") || bare.equals("image/png");
  }

  private static boolean isStyle(String bare) {
    return bare.equals("text/css");
  }

  private static boolean isScript(String bare) {
    return bare.equals("text/javascript")
        || bare.equals("application/javascript")
        || bare.equals("application/x-javascript");
  }

  private static boolean mayBeUtf8(String type) {
    return !type.contains("charset=") || isUtf8(type);
  }

  private static boolean isUtf8(String type) {
    int charset = type.indexOf("charset=");
    return charset >= 0 && type.substring(charset + 8).replace("\"", "").startsWith("utf-8");
  }

  /// Makes what can be made, when there is time; a new version of what was minified before at once,
  /// where little of it has changed.
  ///
  /// @param url absolute
  /// @param each takes what was made, from another thread, or at once where it is known
  /// @param over told when nothing more comes in a moment
  /// @return false when too much waits already, or nothing is made now; to be asked again
  public boolean refine(
      String url, Fields response, byte[][] content, Consumer<Refinement> each, Runnable over) {
    String type = response.first(FieldName.CONTENT_TYPE);
    if (!isOn.getAsBoolean() || type == null) {
      over.run();
      return false;
    }
    String lower = type.toLowerCase(Locale.ROOT);
    String bare = bare(lower);
    boolean isAccepted;
    if (isPicture(bare)) {
      isAccepted = pictures.begin(url, content, each);
      over.run();
    } else {
      long begun = Time.system().nanos();
      isAccepted = begin(new Text(url, content, isStyle(bare), isUtf8(lower), each, begun), over);
    }
    if (!isAccepted) {
      figures.refused("busy");
    }
    return isAccepted;
  }

  /// A style sheet or script to be minified.
  ///
  /// @param begun when that was asked for
  @SuppressWarnings("ArrayRecordComponent")
  private record Text(
      String url,
      byte[][] content,
      boolean isStyle,
      boolean isUtf8,
      Consumer<Refinement> each,
      long begun) {
    long length() {
      return Contents.length(content);
    }
  }

  /// The address of a file without what tells its versions apart.
  static String file(String url) {
    int query = url.indexOf('?');
    return VERSION.matcher(query < 0 ? url : url.substring(0, query)).replaceFirst("*");
  }

  private @Nullable String before(String url) {
    synchronized (minified) {
      return minified.get(file(url));
    }
  }

  private boolean begin(Text text, Runnable over) {
    boolean isNext = before(text.url()) != null;
    boolean isTaken =
        isNext
            && next.add(
                Backlog.Rank.SOON,
                text.length(),
                () -> {
                  try {
                    atOnce(text);
                  } finally {
                    over.run();
                  }
                });
    if (isTaken) {
      return true;
    }
    over.run();
    return later(text);
  }

  private boolean later(Text text) {
    return backlog.add(Backlog.Rank.SOON, text.length(), () -> text(text, source(text), minifier));
  }

  private Minifier.Source source(Text text) {
    return minifier.source(Contents.whole(text.content()), text.isStyle(), text.isUtf8());
  }

  private void atOnce(Text text) {
    Minifier.Source source = source(text);
    if (memo.get(hash(source)) != null || isNextOfOne(text, source)) {
      text(text, source, nextMinifier);
    } else if (!later(text)) {
      figures.refused("busy");
    }
  }

  /// Whether little of it is new; that under a new address of the same file also some is not, since
  /// many files of a site may have such addresses.
  private boolean isNextOfOne(Text text, Minifier.Source source) {
    long unknown = nextMinifier.unknown(source);
    boolean isKnown = text.url().equals(before(text.url())) || unknown < source.content().length;
    return isKnown && unknown <= MAX_NEW;
  }

  private static String hash(Minifier.Source source) {
    return (source.isStyle() ? "css " : "js ")
        + (source.isUtf8() ? "utf-8 " : "")
        + Contents.hash(source.content());
  }

  /// Whether asking for a picture again would bring more than it did: there was no room then, and
  /// now there is.
  public boolean isUnfinished(String url) {
    return pictures.isUnfinished(url);
  }

  /// Makes a picture of that width, before others are made again with all their pixels: it takes a
  /// fraction of the time and saves the most.
  ///
  /// @param each takes what was made, if anything, from another thread
  /// @return false when too much waits already, or nothing is made now; to be asked again
  public boolean fit(byte[][] content, int width, Consumer<Refinement> each) {
    boolean isAccepted =
        isOn.getAsBoolean()
            && !pictures.isShort()
            && backlog.add(
                Backlog.Rank.SOON,
                Contents.length(content),
                () -> pictures.fit(content, width, each));
    if (!isAccepted) {
      figures.refused("busy");
    }
    return isAccepted;
  }

  private void text(Text text, Minifier.Source source, Minifier by) {
    String hash = hash(source);
    Map<Refinement.Kind, byte[]> known = memo.get(hash);
    if (known == null) {
      known = minified(source, by);
      if (known == null) {
        return;
      }
      memo.put(hash, known);
    }
    byte[] smaller = known.get(Refinement.Kind.MINIFIED);
    if (smaller != null) {
      long millis = TimeUnit.NANOSECONDS.toMillis(Time.system().nanos() - text.begun());
      LOG.log(System.Logger.Level.DEBUG, "{0} is minified, after {1} ms", text.url(), millis);
      synchronized (minified) {
        minified.put(file(text.url()), text.url());
      }
      nextMinifier.standBy();
      Set<String> digests = Integrity.of(source.content());
      text.each()
          .accept(
              new Refinement(
                  Refinement.Kind.MINIFIED,
                  smaller,
                  (request, isNamed) ->
                      referrals.mayDiffer(text.url(), digests, request, isNamed)));
    }
  }

  /// Null where it could not be tried.
  private @Nullable Map<Refinement.Kind, byte[]> minified(Minifier.Source source, Minifier by) {
    if (failures.get() >= MAX_FAILURES) {
      figures.refused("off");
      return null;
    }
    try {
      Minifier.Outcome outcome = by.minify(source);
      failures.set(0);
      return switch (outcome) {
        case Minifier.Outcome.Smaller(byte[] content) -> {
          figures.made(Refinement.Kind.MINIFIED, source.content().length - content.length);
          yield Map.of(Refinement.Kind.MINIFIED, content);
        }
        case Minifier.Outcome.Refused(String why) -> {
          figures.refused(why);
          yield Map.of();
        }
      };
    } catch (Trouble.Found e) {
      trouble = String.valueOf(e.getMessage());
      figures.refused("failed");
      if (failures.incrementAndGet() == MAX_FAILURES) {
        LOG.log(
            System.Logger.Level.WARNING, "style sheets and scripts stay as they are: {0}", trouble);
      }
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /// By what pictures are made again, or why they are not; looks for it if nobody has.
  public String pictures() {
    pictures.isThere();
    return pictures.state();
  }

  /// Why nothing can be minified on this machine; empty where it can.
  public String missingMinifier() {
    return minifier.missing();
  }

  /// False once it is known that pictures can't be made again on this machine.
  public boolean mayHavePictures() {
    return pictures.isPossible();
  }

  /// Whether everything that was asked for is done.
  public boolean isIdle() {
    return backlog.isIdle() && next.isIdle();
  }

  /// Whether pictures can be made again on this machine.
  public boolean hasPictures() {
    return pictures.isThere();
  }

  /// Whether pictures are made by what makes the most of them; asked after [#hasPictures].
  public boolean hasBestPictures() {
    return pictures.isBest();
  }

  /// What was done, for people.
  public Map<String, Object> describe() {
    Map<String, Object> out = figures.describe();
    out.put("waiting", backlog.waiting() + next.waiting());
    out.put("pictures", pictures.state());
    if (!trouble.isEmpty()) {
      out.put("trouble", trouble);
    }
    return out;
  }

  @Override
  public void close() {
    next.close();
    backlog.close();
    nextMinifier.close();
    minifier.close();
  }
}
