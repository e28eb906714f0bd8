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

  /// Qualities that are tried; each halves what is left.
  private static final int LOWEST = 40;

  private static final int HIGHEST = 95;
  private static final int STEP = 4;

  private final Vips vips;
  private final boolean hasAvif;
  private final LongSupplier nanos;

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
          alike(picture, original, ".jpg[Q=%d,optimize-coding,interlace,strip]"),
          alike(picture, original, ".webp[Q=%d,effort=4,strip]"));
    }
  }

  /// Every pixel stays what it was.
  private Map<Kind, byte[]> fromPng(byte[] source) throws Vips.Failed {
    try (Vips.Picture picture = vips.openAsIs(source)) {
      return better(
          source.length,
          picture.write(".png[compression=9,filter=all,strip]"),
          WebpFile.withoutMetadata(picture.write(".webp[lossless,effort=4,strip]")));
    }
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
      byte[] made = alike(picture, picture.luma(), ".avif[Q=%d,effort=2,strip]");
      return made != null && isWorthIt(made, best) ? made : null;
    }
  }

  /// The smallest that looks alike; null where none does, or it takes too long.
  private byte @Nullable [] alike(Vips.Picture picture, Luma original, String format)
      throws Vips.Failed {
    long begun = nanos.getAsLong();
    byte[] best = null;
    int low = LOWEST;
    int high = HIGHEST;
    while (high - low >= STEP && nanos.getAsLong() - begun < PATIENCE) {
      int quality = (low + high) / 2;
      byte[] made = picture.write(format.formatted(quality));
      if (format.startsWith(".webp")) {
        made = WebpFile.withoutMetadata(made);
      }
      double score;
      try (Vips.Picture again = vips.openAsIs(made)) {
        score = again.luma().similarity(original);
      }
      if (score >= ALIKE) {
        best = made;
        high = quality;
      } else {
        low = quality;
      }
    }
    return best;
  }
}
