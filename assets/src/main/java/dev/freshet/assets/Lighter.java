package dev.freshet.assets;

import dev.freshet.assets.Refinement.Kind;
import dev.freshet.base.Trouble;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes files smaller as a [Refiner] does, but at once and one at a time: for builds and reports.
public final class Lighter {
  /// Belongs to what was made: others may be made otherwise.
  private static final String RULES = "1";

  private final @Nullable PictureMaker pictures;
  private final Minifier minifier;

  public Lighter(RefinerConfig config) {
    PictureLibrary found = PictureLibrary.find(config);
    this.pictures = found == null ? null : new PictureMaker(found, System::nanoTime);
    this.minifier = new Minifier(config.esbuild(), 0);
  }

  /// Whether pictures can be made again: whether something here decodes them.
  public boolean knowsPictures() {
    return pictures != null;
  }

  /// By what pictures are made: what another of these made may have other octets.
  String pictureMark() {
    return pictures == null ? "" : pictures.name() + ", rules " + RULES;
  }

  /// Smaller forms of a JPEG or PNG that look the same, none where there is no gain.
  Map<Kind, byte[]> picture(byte[] octets) {
    byte[][] content = {octets};
    PictureSource source = PictureSource.of(content);
    Size size = PictureReader.size(content);
    if (pictures == null || size == null || !source.refused().isEmpty()) {
      return Map.of();
    }
    if ((long) size.width() * size.height() > pictures.maxPixels()) {
      return Map.of();
    }
    try {
      return pictures.quick(octets, source.format());
    } catch (PictureLibrary.Failed e) {
      return Map.of();
    }
  }

  /// A style sheet or script without what only people read; null where that gains nothing.
  byte @Nullable [] code(byte[] octets, boolean isStyle) throws InterruptedException {
    try {
      Minifier.Outcome outcome = minifier.minify(minifier.source(octets, isStyle, false));
      return outcome instanceof Minifier.Outcome.Smaller(byte[] content) ? content : null;
    } catch (Trouble.Found e) {
      // Without an esbuild nothing of it is known.
      return null;
    }
  }

  /// Whether a file's name is that of a picture which can be made again.
  static boolean isPicture(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".jpg") || lower.endsWith(".jpeg") || lower.endsWith(".png");
  }
}
