package dev.freshet.assets;

import org.jspecify.annotations.Nullable;

/// What decodes and encodes pictures on this machine; for many threads.
sealed interface PictureLibrary permits Vips, JavaPictures {
  /// What pictures are written as.
  enum Encoding {
    /// Progressive.
    JPEG,
    /// For what was lossless: colours stay as sharp as the rest.
    FINE_JPEG,
    PNG,
    WEBP,
    LOSSLESS_WEBP,
    AVIF;

    boolean isLossless() {
      return this == PNG || this == LOSSLESS_WEBP;
    }
  }

  /// Something that could not be done.
  final class Failed extends Exception {
    private static final long serialVersionUID = 1L;

    Failed(String why) {
      super(why);
    }
  }

  /// A decoded picture; to be closed.
  interface Picture extends AutoCloseable {
    /// @param quality from 1 to 100; of no account where every pixel is kept
    byte[] write(Encoding how, int quality) throws Failed;

    /// Its brightness, and where it is transparent: what is to look the same.
    Luma luma() throws Failed;

    /// Its colours, window by window.
    Hues hues() throws Failed;

    Size size() throws Failed;

    /// Whether some of it may let through what is behind it.
    boolean hasAlpha() throws Failed;

    @Override
    void close();
  }

  /// Decoded, turned as its metadata say, in sRGB; as strict as [#openAsIs].
  Picture open(byte[] source) throws Failed;

  /// As [#open], no wider than that.
  Picture openWithin(byte[] source, int width) throws Failed;

  /// Decoded with nothing changed; fails on anything that the decoder so much as warns of.
  Picture openAsIs(byte[] made) throws Failed;

  /// Whether this one can write that.
  boolean writes(Encoding how);

  /// The most that a picture may have, for this library's use of memory.
  long maxPixels();

  /// With its version.
  String name();

  /// libvips where there is one, else what Java brings with the WebP that comes along; null where
  /// there is neither.
  static @Nullable PictureLibrary find(RefinerConfig config) {
    Vips vips = Vips.find(config.libvips(), config.beside());
    return vips != null ? vips : JavaPictures.find(config.unpacked());
  }
}
