package dev.freshet.assets;

import dev.freshet.assets.Refinement.Kind;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Makes stored pictures again: first what is quick to make, AVIF when nothing else is to be done.
/// Looks for libvips when the first picture comes.
final class PictureTask {
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
