package dev.freshet.assets;

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

  /// Of what has all its pixels.
  private static final Aim WHOLE = new Aim(ALIKE, 40, 95);

  /// Of what has just the pixels that are shown. Grain that shrinking left over costs more octets
  /// than all the rest, and is what the measure goes by where nothing else is to be seen: beyond
  /// the highest quality here nobody sees a difference.
  private static final Aim FITTED = new Aim(0.96, 70, 90);

  /// The lowest quality is looked for, between two, that looks so much alike; each try halves what
  /// is left.
  private record Aim(double alike, int lowest, int highest) {}

  private static final String JPEG = ".jpg[Q=%d,optimize-coding,interlace,strip]";

  /// For what was lossless: colours stay as sharp as the rest.
  private static final String FINE_JPEG =
      ".jpg[Q=%d,optimize-coding,interlace,strip,subsample-mode=off]";

  private final Vips vips;
  private final boolean hasAvif;
  private final LongSupplier nanos;
  private final Pace pace = new Pace(LONGEST);

  PictureMaker(Vips vips, LongSupplier nanos) {
    this.vips = vips;
    this.nanos = nanos;
    this.hasAvif = canWriteAvif();
  }

  /// Some builds know the format but bring no encoder.
  private boolean canWriteAvif() {
    try (Vips.Picture tiny = vips.openAsIs(TinyPicture.png())) {
      return tiny.write(".avif[Q=50,effort=0]").length > 0;
    } catch (Vips.Failed e) {
      return false;
    }
  }

  boolean hasAvif() {
    return hasAvif;
  }

  String version() {
    return vips.version();
  }

  /// What costs little: WebP, and the picture's own format.
  Map<Kind, byte[]> quick(byte[] source, PictureSource.Format format) throws Vips.Failed {
    return switch (format) {
      case JPEG -> fromJpeg(source);
      case PNG -> fromPng(source);
    };
  }

  private Map<Kind, byte[]> fromJpeg(byte[] source) throws Vips.Failed {
    try (Vips.Picture picture = vips.open(source)) {
      Luma original = picture.luma();
      return better(
          source.length,
          alike(picture, original, JPEG, WHOLE),
          alike(picture, original, ".webp[Q=%d,effort=4,strip]", WHOLE));
    }
  }

  /// Every pixel stays what it was.
  private Map<Kind, byte[]> fromPng(byte[] source) throws Vips.Failed {
    try (Vips.Picture picture = vips.openAsIs(source)) {
      return better(
          source.length,
          written(picture, ".png[compression=9,filter=all,strip]"),
          written(picture, ".webp[lossless,effort=4,strip]"));
    }
  }

  /// Null where that would take too long.
  private byte @Nullable [] written(Vips.Picture picture, String format) throws Vips.Failed {
    boolean isWebp = format.startsWith(".webp");
    boolean isLossless = format.startsWith(".png") || format.contains("lossless");
    String encoder = (isLossless ? Pace.LOSSLESS : "") + format.substring(0, format.indexOf('['));
    Size size = picture.size();
    if (!pace.allows(encoder, size)) {
      return null;
    }
    long begun = nanos.getAsLong();
    byte[] made = picture.write(format);
    pace.took(encoder, size, nanos.getAsLong() - begun);
    return isWebp ? WebpFile.withoutMetadata(made) : made;
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
  byte @Nullable [] avif(byte[] source, long best) throws Vips.Failed {
    try (Vips.Picture picture = vips.open(source)) {
      byte[] made = alike(picture, picture.luma(), ".avif[Q=%d,effort=2,strip]", WHOLE);
      return made != null && isWorthIt(made, best) ? made : null;
    }
  }

  /// With the pixels that are shown, as a JPEG that is laid out like the original; null where
  /// something shines through it, what was lossless would not look alike, or it gains nothing.
  ///
  /// @param natural the size at which the original is laid out
  byte @Nullable [] fitted(byte[] source, PictureSource.Format format, Size natural, int width)
      throws Vips.Failed {
    try (Vips.Picture picture = vips.openWithin(source, width)) {
      Size has = picture.size();
      if (picture.hasAlpha() || has.width() > width) {
        return null;
      }
      boolean wasLossless = format == PictureSource.Format.PNG;
      String how = wasLossless ? FINE_JPEG : JPEG;
      byte[] made = alike(picture, picture.luma(), how, FITTED);
      if (made == null && !wasLossless) {
        made = written(picture, how.formatted(FITTED.highest()));
      }
      if (made == null) {
        return null;
      }
      byte[] whole = NaturalSize.put(made, has, natural);
      return isWorthIt(whole, source.length) ? whole : null;
    }
  }

  /// The smallest that looks alike; null where none does, or it takes too long.
  private byte @Nullable [] alike(Vips.Picture picture, Luma original, String format, Aim aim)
      throws Vips.Failed {
    long begun = nanos.getAsLong();
    Hues colours = picture.hues();
    byte[] best = null;
    int low = aim.lowest();
    int high = aim.highest();
    while (high - low >= STEP && nanos.getAsLong() - begun < PATIENCE) {
      int quality = (low + high) / 2;
      byte[] made = written(picture, format.formatted(quality));
      if (made == null) {
        return best;
      }
      boolean isAlike;
      try (Vips.Picture again = vips.openAsIs(made)) {
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
