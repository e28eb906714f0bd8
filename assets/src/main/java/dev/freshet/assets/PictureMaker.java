package dev.freshet.assets;

import dev.freshet.assets.PictureLibrary.Encoding;
import dev.freshet.assets.Refinement.Kind;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Makes pictures again in fewer octets, each at the lowest quality that still looks the same by
/// measure.
final class PictureMaker {
  /// How alike a picture must look to its original (see [Luma]).
  private static final double ALIKE = 0.975;

  /// An encoding is given up that would take longer than this in all, nanoseconds.
  private static final long PATIENCE = 20_000_000_000L;

  /// No single try is begun that is going to take longer, nanoseconds.
  private static final long LONGEST = 10_000_000_000L;

  private static final int STEP = 4;
  private static final int BEST = 100;

  /// Of what has all its pixels.
  private static final Aim WHOLE = new Aim(ALIKE, 40, 95);

  /// Of what has just the pixels that are shown. Grain that shrinking left over costs more octets
  /// than all the rest, and is what the measure goes by where nothing else is to be seen: beyond
  /// the highest quality here nobody sees a difference.
  private static final Aim FITTED = new Aim(0.96, 70, 90);

  /// The lowest quality is looked for, between two, that looks so much alike; each try halves what
  /// is left.
  private record Aim(double alike, int lowest, int highest) {}

  private final PictureLibrary library;
  private final LongSupplier nanos;
  private final Pace pace = new Pace(LONGEST);

  PictureMaker(PictureLibrary library, LongSupplier nanos) {
    this.library = library;
    this.nanos = nanos;
  }

  boolean hasAvif() {
    return library.writes(Encoding.AVIF);
  }

  /// What it makes, for people.
  String formats() {
    String webp = library.writes(Encoding.WEBP) ? "webp, " : "";
    return (hasAvif() ? "avif, " : "") + webp + "jpeg";
  }

  /// Of the library that it works with.
  String name() {
    return library.name();
  }

  long maxPixels() {
    return library.maxPixels();
  }

  /// What costs little: WebP, and the picture's own format.
  Map<Kind, byte[]> quick(byte[] source, PictureSource.Format format) throws PictureLibrary.Failed {
    return switch (format) {
      case JPEG -> fromJpeg(source);
      case PNG -> fromPng(source);
    };
  }

  private Map<Kind, byte[]> fromJpeg(byte[] source) throws PictureLibrary.Failed {
    try (PictureLibrary.Picture picture = library.open(source)) {
      Luma original = picture.luma();
      return better(
          source.length,
          alike(picture, original, Encoding.JPEG, WHOLE),
          alike(picture, original, Encoding.WEBP, WHOLE));
    }
  }

  /// Every pixel stays what it was.
  private Map<Kind, byte[]> fromPng(byte[] source) throws PictureLibrary.Failed {
    try (PictureLibrary.Picture picture = library.openAsIs(source)) {
      return better(
          source.length,
          written(picture, Encoding.PNG, BEST),
          written(picture, Encoding.LOSSLESS_WEBP, BEST));
    }
  }

  /// Null where that would take too long, or can't be written here.
  private byte @Nullable [] written(PictureLibrary.Picture picture, Encoding how, int quality)
      throws PictureLibrary.Failed {
    String encoder = (how.isLossless() ? Pace.LOSSLESS : "") + how;
    Size size = picture.size();
    if (!library.writes(how) || !pace.allows(encoder, size)) {
      return null;
    }
    long begun = nanos.getAsLong();
    byte[] made = picture.write(how, quality);
    pace.took(encoder, size, nanos.getAsLong() - begun);
    return made;
  }

  /// What is smaller than the original, and than what everybody can have.
  private static Map<Kind, byte[]> better(
      long length, byte @Nullable [] lean, byte @Nullable [] webp) {
    Map<Kind, byte[]> out = new EnumMap<>(Kind.class);
    long least = length;
    if (lean != null && isWorthIt(lean, length)) {
      out.put(Kind.LEAN, lean);
      least = lean.length;
    }
    if (webp != null && isWorthIt(webp, least)) {
      out.put(Kind.WEBP, webp);
    }
    return out;
  }

  private static boolean isWorthIt(byte[] made, long than) {
    return made.length <= than - than / 20;
  }

  /// What takes long; null where it gains nothing.
  ///
  /// @param best octets of the smallest other form
  byte @Nullable [] avif(byte[] source, long best) throws PictureLibrary.Failed {
    try (PictureLibrary.Picture picture = library.open(source)) {
      byte[] made = alike(picture, picture.luma(), Encoding.AVIF, WHOLE);
      return made != null && isWorthIt(made, best) ? made : null;
    }
  }

  /// With the pixels that are shown, as a JPEG that is laid out like the original; null where
  /// something shines through it, what was lossless would not look alike, or it gains nothing.
  ///
  /// @param natural the size at which the original is laid out
  byte @Nullable [] fitted(byte[] source, PictureSource.Format format, Size natural, int width)
      throws PictureLibrary.Failed {
    try (PictureLibrary.Picture picture = library.openWithin(source, width)) {
      Size has = picture.size();
      if (picture.hasAlpha() || has.width() > width) {
        return null;
      }
      boolean wasLossless = format == PictureSource.Format.PNG;
      Encoding how = wasLossless ? Encoding.FINE_JPEG : Encoding.JPEG;
      byte[] made = alike(picture, picture.luma(), how, FITTED);
      if (made == null && !wasLossless) {
        made = written(picture, how, FITTED.highest());
      }
      if (made == null) {
        return null;
      }
      byte[] whole = NaturalSize.put(made, has, natural);
      return isWorthIt(whole, source.length) ? whole : null;
    }
  }

  /// The smallest that looks alike; null where none does, or it takes too long.
  private byte @Nullable [] alike(
      PictureLibrary.Picture picture, Luma original, Encoding how, Aim aim)
      throws PictureLibrary.Failed {
    long begun = nanos.getAsLong();
    Hues colours = picture.hues();
    byte[] best = null;
    int low = aim.lowest();
    int high = aim.highest();
    while (high - low >= STEP && nanos.getAsLong() - begun < PATIENCE) {
      int quality = (low + high) / 2;
      byte[] made = written(picture, how, quality);
      if (made == null) {
        return best;
      }
      boolean isAlike;
      try (PictureLibrary.Picture again = library.openAsIs(made)) {
        isAlike = again.luma().similarity(original) >= aim.alike() && again.hues().isLike(colours);
      }
      if (isAlike) {
        best = made;
        high = quality;
      } else {
        low = quality;
      }
    }
    return best;
  }
}
