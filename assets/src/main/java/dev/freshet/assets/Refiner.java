package dev.freshet.assets;

import dev.freshet.base.Meters;
import dev.freshet.base.Trouble;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Makes smaller contents of stored style sheets, scripts and pictures, in the background, each
/// content once.
public final class Refiner implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.assets");
  private static final int MAX_WAITING = 500;
  private static final long MAX_WAITING_OCTETS = 64 << 20;

  /// So often in a row esbuild may fail by itself before it is left alone.
  private static final int MAX_FAILURES = 3;

  private static final Set<Refinement.Kind> NOTHING = Set.of();
  private static final Set<Refinement.Kind> TEXT = EnumSet.of(Refinement.Kind.MINIFIED);
  private static final Set<Refinement.Kind> PICTURE =
      EnumSet.complementOf(EnumSet.of(Refinement.Kind.MINIFIED));

  private final BooleanSupplier isOn;
  private final Referrals referrals;
  private final Minifier minifier;
  private final PictureTask pictures;
  private final Memo memo;
  private final Backlog backlog;
  private final RefinedFigures figures;
  private final AtomicInteger failures = new AtomicInteger();
  private volatile String trouble = "";

  Refiner(BooleanSupplier isOn, Referrals referrals, RefinerConfig config, Meters meters) {
    this.isOn = isOn;
    this.referrals = referrals;
    figures = new RefinedFigures(meters);
    minifier = new Minifier(config.esbuild());
    memo = new Memo(config.memory());
    backlog = new Backlog(1, MAX_WAITING, MAX_WAITING_OCTETS);
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

  /// Makes what can be made, when there is time.
  ///
  /// @param url absolute
  /// @param each takes what was made, from another thread, or at once where it is known
  /// @return false when too much waits already, or nothing is made now; to be asked again
  public boolean refine(String url, Fields response, byte[][] content, Consumer<Refinement> each) {
    String type = response.first(FieldName.CONTENT_TYPE);
    if (!isOn.getAsBoolean() || type == null) {
      return false;
    }
    String lower = type.toLowerCase(Locale.ROOT);
    String bare = bare(lower);
    boolean isAccepted =
        isPicture(bare)
            ? pictures.begin(url, content, each)
            : backlog.add(
                Backlog.Rank.SOON,
                Contents.length(content),
                () -> text(url, Contents.whole(content), isStyle(bare), isUtf8(lower), each));
    if (!isAccepted) {
      figures.refused("busy");
    }
    return isAccepted;
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

  private void text(
      String url, byte[] source, boolean isStyle, boolean isUtf8, Consumer<Refinement> each) {
    String hash = (isStyle ? "css " : "js ") + (isUtf8 ? "utf-8 " : "") + Contents.hash(source);
    Map<Refinement.Kind, byte[]> known = memo.get(hash);
    if (known == null) {
      known = minified(source, isStyle, isUtf8);
      if (known == null) {
        return;
      }
      memo.put(hash, known);
    }
    byte[] smaller = known.get(Refinement.Kind.MINIFIED);
    if (smaller != null) {
      Set<String> digests = Integrity.of(source);
      each.accept(
          new Refinement(
              Refinement.Kind.MINIFIED,
              smaller,
              (request, isNamed) -> referrals.mayDiffer(url, digests, request, isNamed)));
    }
  }

  /// Null where it could not be tried.
  private @Nullable Map<Refinement.Kind, byte[]> minified(
      byte[] source, boolean isStyle, boolean isUtf8) {
    if (failures.get() >= MAX_FAILURES) {
      figures.refused("off");
      return null;
    }
    try {
      Minifier.Outcome outcome = minifier.minify(source, isStyle, isUtf8);
      failures.set(0);
      return switch (outcome) {
        case Minifier.Outcome.Smaller(byte[] content) -> {
          figures.made(Refinement.Kind.MINIFIED, source.length - content.length);
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
    return backlog.isIdle();
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
    out.put("waiting", backlog.waiting());
    out.put("pictures", pictures.state());
    if (!trouble.isEmpty()) {
      out.put("trouble", trouble);
    }
    return out;
  }

  @Override
  public void close() {
    backlog.close();
  }
}
