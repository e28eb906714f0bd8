package dev.freshet.assets;

import dev.freshet.assets.Refinement.Kind;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Makes stored pictures again: first what is quick to make, AVIF when nothing else is to be done.
/// Looks for what decodes and encodes them when the first one comes.
final class PictureTask {
  /// Pictures are made in these widths only: few enough to be kept, near enough to what is needed.
  private static final int[] WIDTHS = {160, 240, 320, 480, 640, 800, 960, 1280, 1600, 1920};

  /// A picture is made narrower to four fifths of its width at most.
  private static final int SHARE = 4;

  private static final int ENOUGH = 5;

  private final RefinerConfig config;
  private final Memo memo;
  private final Backlog backlog;
  private final RefinedFigures figures;

  /// Pictures of which an AVIF is still to be made.
  private final Recent postponed = new Recent(5_000);

  private @Nullable PictureMaker maker;
  private volatile State state = State.UNKNOWN;

  private enum State {
    UNKNOWN,
    THERE,
    MISSING
  }

  private final Shortage shortage;

  PictureTask(
      RefinerConfig config, Memo memo, Backlog backlog, RefinedFigures figures, Shortage shortage) {
    this.shortage = shortage;
    this.config = config;
    this.memo = memo;
    this.backlog = backlog;
    this.figures = figures;
  }

  /// False once it is known that nothing here decodes pictures.
  boolean isPossible() {
    return state != State.MISSING;
  }

  boolean isThere() {
    return maker() != null;
  }

  private synchronized @Nullable PictureMaker maker() {
    if (state == State.UNKNOWN) {
      PictureLibrary found = PictureLibrary.find(config);
      maker = found == null ? null : new PictureMaker(found, System::nanoTime);
      state = maker == null ? State.MISSING : State.THERE;
    }
    return maker;
  }

  /// The least of the widths that is enough; 0 where none is.
  static int atLeast(double pixels) {
    for (int width : WIDTHS) {
      if (width >= pixels) {
        return width;
      }
    }
    return 0;
  }

  /// Whether it is a libvips that makes them, which knows most and is fastest.
  synchronized boolean isBest() {
    return maker != null && maker.hasAvif();
  }

  /// For people.
  synchronized String state() {
    if (maker != null) {
      return maker.name() + ": " + maker.formats();
    }
    return state == State.MISSING
        ? "no libvips was found, and this Java knows no pictures"
        : "no picture came yet";
  }

  /// Whether more of it can be made now than was when it was asked for.
  boolean isUnfinished(String url) {
    return postponed.has(url) && backlog.hasRoom(Backlog.Rank.IDLE);
  }

  /// Asks for what can be made of it soon, and later for the rest.
  ///
  /// @return false when too much waits already, or there is too little memory
  boolean begin(String url, byte[][] content, Consumer<Refinement> each) {
    if (shortage.isOn()) {
      return false;
    }
    boolean wasPostponed = postponed.has(url);
    postponed.remove(url);
    long length = Contents.length(content);
    boolean isAccepted = backlog.add(Backlog.Rank.LATER, length, () -> quick(url, content, each));
    if (!isAccepted && wasPostponed) {
      postponed.add(url);
    }
    return isAccepted;
  }

  private void quick(String url, byte[][] content, Consumer<Refinement> each) {
    PictureMaker made = maker();
    if (made == null) {
      figures.refused("missing");
      return;
    }
    PictureSource source = PictureSource.of(content);
    String refused = source.refused().isEmpty() ? tooLarge(made, content) : source.refused();
    if (!refused.isEmpty()) {
      figures.refused(refused);
      return;
    }
    byte[] octets = Contents.whole(content);
    String hash = Contents.hash(octets);
    Map<Kind, byte[]> forms =
        tried("picture " + hash, octets.length, () -> made.quick(octets, source.format()));
    forms.forEach(
        (kind, form) -> each.accept(new Refinement(kind, form, (request, isNamed) -> true)));
    if (made.hasAvif() && source.format() == PictureSource.Format.JPEG) {
      long best = forms.values().stream().mapToLong(f -> f.length).min().orElse(octets.length);
      boolean isAccepted =
          backlog.add(Backlog.Rank.IDLE, octets.length, () -> avif(made, octets, hash, best, each));
      if (!isAccepted) {
        figures.refused("busy");
        postponed.add(url);
      }
    }
  }

  /// Why the library that is there doesn't take it; empty where it does.
  private static String tooLarge(PictureMaker maker, byte[][] content) {
    Size size = PictureReader.size(content);
    return size != null && (long) size.width() * size.height() > maker.maxPixels() ? "pixels" : "";
  }

  /// With just the pixels that are shown.
  ///
  /// @param width one of [#WIDTHS]
  void fit(byte[][] content, int width, Consumer<Refinement> each) {
    PictureMaker made = maker();
    PictureSource source = PictureSource.of(content);
    Size natural = PictureReader.size(content);
    if (made == null || natural == null || !source.refused().isEmpty()) {
      return;
    }
    if (!tooLarge(made, content).isEmpty()) {
      figures.refused("pixels");
      return;
    }
    if (width * ENOUGH > natural.width() * SHARE) {
      figures.refused("gain");
      return;
    }
    byte[] octets = Contents.whole(content);
    String name = "width " + width + " " + Contents.hash(octets);
    Map<Kind, byte[]> forms =
        tried(
            name,
            octets.length,
            () -> {
              byte[] fitted = made.fitted(octets, source.format(), natural, width);
              return fitted == null ? Map.of() : Map.of(Kind.FITTED, fitted);
            });
    forms.forEach(
        (kind, form) -> each.accept(new Refinement(kind, form, (request, isNamed) -> true)));
  }

  private void avif(
      PictureMaker made, byte[] octets, String hash, long best, Consumer<Refinement> each) {
    Map<Kind, byte[]> forms =
        tried(
            "avif " + hash,
            octets.length,
            () -> {
              byte[] avif = made.avif(octets, best);
              return avif == null ? Map.of() : Map.of(Kind.AVIF, avif);
            });
    forms.forEach(
        (kind, form) -> each.accept(new Refinement(kind, form, (request, isNamed) -> true)));
  }

  /// What is done with a picture.
  interface Making {
    Map<Kind, byte[]> make() throws PictureLibrary.Failed;
  }

  /// What is known of it, or comes of it now.
  Map<Kind, byte[]> tried(String name, long length, Making making) {
    Map<Kind, byte[]> known = memo.get(name);
    if (known != null) {
      return known;
    }
    if (shortage.isOn()) {
      figures.refused("memory");
      return Map.of();
    }
    Map<Kind, byte[]> forms = Map.of();
    try {
      forms = making.make();
      forms.forEach((kind, form) -> figures.made(kind, length - form.length));
      if (forms.isEmpty()) {
        figures.refused("gain");
      }
    } catch (PictureLibrary.Failed e) {
      figures.refused("unreadable");
    } catch (OutOfMemoryError e) {
      shortage.begin();
      figures.refused("memory");
      return Map.of();
    }
    memo.put(name, forms);
    return forms;
  }

  boolean isShort() {
    return shortage.isOn();
  }
}
