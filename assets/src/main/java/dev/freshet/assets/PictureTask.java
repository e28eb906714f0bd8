package dev.freshet.assets;

import dev.freshet.assets.Refinement.Kind;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Makes stored pictures again: first what is quick to make, AVIF when nothing else is to be done.
/// Looks for libvips when the first picture comes.
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
  private @Nullable PictureMaker maker;
  private volatile State state = State.UNKNOWN;

  private enum State {
    UNKNOWN,
    THERE,
    MISSING
  }

  PictureTask(RefinerConfig config, Memo memo, Backlog backlog, RefinedFigures figures) {
    this.config = config;
    this.memo = memo;
    this.backlog = backlog;
    this.figures = figures;
  }

  /// False once it is known that there is no libvips.
  boolean isPossible() {
    return state != State.MISSING;
  }

  boolean isThere() {
    return maker() != null;
  }

  private synchronized @Nullable PictureMaker maker() {
    if (state == State.UNKNOWN) {
      Vips vips = Vips.find(config.libvips(), config.beside());
      maker = vips == null ? null : new PictureMaker(vips, System::nanoTime);
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

  /// For people.
  synchronized String state() {
    if (maker != null) {
      return "libvips " + maker.version() + ": " + (maker.hasAvif() ? "avif, webp" : "webp");
    }
    return state == State.MISSING ? "no libvips was found" : "no picture came yet";
  }

  /// What can be made soon.
  void quick(byte[][] content, Consumer<Refinement> each) {
    PictureMaker made = maker();
    if (made == null) {
      figures.refused("missing");
      return;
    }
    PictureSource source = PictureSource.of(content);
    if (!source.refused().isEmpty()) {
      figures.refused(source.refused());
      return;
    }
    byte[] octets = Contents.whole(content);
    String hash = Contents.hash(octets);
    Map<Kind, byte[]> forms = memo.get("picture " + hash);
    if (forms == null) {
      forms = tried(octets.length, () -> made.quick(octets, source.format()));
      memo.put("picture " + hash, forms);
    }
    forms.forEach(
        (kind, form) -> each.accept(new Refinement(kind, form, (request, isNamed) -> true)));
    if (made.hasAvif() && source.format() == PictureSource.Format.JPEG) {
      long best = forms.values().stream().mapToLong(f -> f.length).min().orElse(octets.length);
      boolean isAccepted =
          backlog.add(Backlog.Rank.IDLE, octets.length, () -> avif(made, octets, hash, best, each));
      if (!isAccepted) {
        figures.refused("busy");
      }
    }
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
    if (width * ENOUGH > natural.width() * SHARE) {
      figures.refused("gain");
      return;
    }
    byte[] octets = Contents.whole(content);
    String name = "width " + width + " " + Contents.hash(octets);
    Map<Kind, byte[]> forms = memo.get(name);
    if (forms == null) {
      forms =
          tried(
              octets.length,
              () -> {
                byte[] fitted = made.fitted(octets, source.format(), natural, width);
                return fitted == null ? Map.of() : Map.of(Kind.FITTED, fitted);
              });
      memo.put(name, forms);
    }
    forms.forEach(
        (kind, form) -> each.accept(new Refinement(kind, form, (request, isNamed) -> true)));
  }

  private void avif(
      PictureMaker made, byte[] octets, String hash, long best, Consumer<Refinement> each) {
    Map<Kind, byte[]> forms = memo.get("avif " + hash);
    if (forms == null) {
      forms =
          tried(
              octets.length,
              () -> {
                byte[] avif = made.avif(octets, best);
                return avif == null ? Map.of() : Map.of(Kind.AVIF, avif);
              });
      memo.put("avif " + hash, forms);
    }
    forms.forEach(
        (kind, form) -> each.accept(new Refinement(kind, form, (request, isNamed) -> true)));
  }

  private interface Making {
    Map<Kind, byte[]> make() throws Vips.Failed;
  }

  private Map<Kind, byte[]> tried(long length, Making making) {
    try {
      Map<Kind, byte[]> forms = making.make();
      forms.forEach((kind, form) -> figures.made(kind, length - form.length));
      if (forms.isEmpty()) {
        figures.refused("gain");
      }
      return forms;
    } catch (Vips.Failed e) {
      figures.refused("unreadable");
      return Map.of();
    }
  }
}
