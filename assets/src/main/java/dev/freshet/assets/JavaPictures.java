package dev.freshet.assets;

import java.awt.AWTError;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorConvertOp;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/// What Java itself knows of pictures, and WebP by the libwebp that comes along: for machines
/// without a libvips. Slower, with files a little larger, and all pixels on the heap: so it takes
/// smaller pictures only.
final class JavaPictures implements PictureLibrary {
  /// Some ten octets of each are held while a picture is worked on.
  private static final long MAX_PIXELS = 6_000_000;

  private static final byte[] PNG_BEGIN = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};
  private static final int CHUNK = 12;
  private static final String HEADLESS = "java.awt.headless";
  private static final String JPEG_TREE = "javax_imageio_jpeg_image_1.0";

  private final @Nullable Webp webp;

  private JavaPictures(@Nullable Webp webp) {
    this.webp = webp;
  }

  /// Null for a Java without its part for pictures.
  ///
  /// @param cache a folder where libraries are unpacked
  static @Nullable JavaPictures find(Path cache) {
    if (System.getProperty(HEADLESS) == null) {
      // Else it looks for a screen, and fails where there is word of one that can't be reached.
      System.setProperty(HEADLESS, "true");
    }
    try {
      Bitmap dot = new Bitmap(1, 1, 3, new byte[3]);
      var _ = read(jpeg(dot, Encoding.JPEG, 80), false);
      return new JavaPictures(Webp.find(cache));
    } catch (LinkageError | Failed e) {
      System.getLogger("freshet.assets")
          .log(System.Logger.Level.DEBUG, "this Java knows no pictures", e);
      return null;
    }
  }

  @Override
  public String name() {
    return "Java" + (webp == null ? "" : " and libwebp " + webp.version());
  }

  @Override
  public long maxPixels() {
    return MAX_PIXELS;
  }

  @Override
  public boolean writes(Encoding how) {
    return switch (how) {
      case JPEG, FINE_JPEG -> true;
      case WEBP, LOSSLESS_WEBP -> webp != null;
      // Java's own is no smaller than what is there.
      case PNG, AVIF -> false;
    };
  }

  @Override
  public Picture open(byte[] source) throws Failed {
    return new Pixels(upright(source));
  }

  @Override
  public Picture openWithin(byte[] source, int width) throws Failed {
    return new Pixels(upright(source).within(width));
  }

  @Override
  public Picture openAsIs(byte[] made) throws Failed {
    return new Pixels(decoded(made));
  }

  private Bitmap upright(byte[] source) throws Failed {
    Bitmap decoded = decoded(source);
    boolean isJpeg = source.length > 2 && source[0] == (byte) 0xff && source[1] == (byte) 0xd8;
    try {
      return isJpeg
          ? decoded.turned(JpegReader.orientation(new Pieces(new byte[][] {source})))
          : decoded;
    } catch (IndexOutOfBoundsException e) {
      throw new Failed("broken Exif");
    }
  }

  private Bitmap decoded(byte[] source) throws Failed {
    String begin = new String(source, 0, Math.min(4, source.length), StandardCharsets.ISO_8859_1);
    if (begin.equals("RIFF") && webp != null) {
      return webp.read(source);
    }
    boolean isPng = Arrays.equals(source, 0, Math.min(8, source.length), PNG_BEGIN, 0, 8);
    if (isPng) {
      checkPng(source);
    }
    return isPng || begin.startsWith("\u00ff\u00d8") ? read(source, isPng) : refused();
  }

  private static Bitmap refused() throws Failed {
    throw new Failed("neither JPEG nor PNG");
  }

  private static Bitmap read(byte[] source, boolean isPng) throws Failed {
    ImageReader reader = ImageIO.getImageReadersByFormatName(isPng ? "png" : "jpeg").next();
    String[] warned = {""};
    try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(source))) {
      reader.addIIOReadWarningListener((from, warning) -> warned[0] = warning);
      reader.setInput(in, true, true);
      BufferedImage image = reader.read(0);
      if (!warned[0].isEmpty()) {
        throw new Failed(warned[0]);
      }
      return bitmap(image);
    } catch (IOException | RuntimeException | LinkageError | AWTError e) {
      // Broken files make it throw all kinds, and a Java may lack some of its parts.
      throw new Failed(String.valueOf(e.getMessage()));
    } finally {
      reader.dispose();
    }
  }

  /// Java's reader goes on after a wrong checksum, and leaves out a colour that stands for nothing.
  private static void checkPng(byte[] png) throws Failed {
    ByteBuffer in = ByteBuffer.wrap(png);
    CRC32 sum = new CRC32();
    int colours = png.length > 25 ? png[25] : 0;
    int at = PNG_BEGIN.length;
    String chunk = "";
    while (!chunk.equals("IEND")) {
      long length = at + CHUNK <= png.length ? in.getInt(at) & 0xffffffffL : Long.MAX_VALUE / 2;
      if (length > png.length - CHUNK - at) {
        throw new Failed("cut off");
      }
      int end = at + CHUNK + (int) length;
      sum.reset();
      sum.update(png, at + 4, end - at - 8);
      chunk = new String(png, at + 4, 4, StandardCharsets.ISO_8859_1);
      if ((int) sum.getValue() != in.getInt(end - 4)) {
        throw new Failed("a wrong checksum of " + chunk);
      }
      if (chunk.equals("tRNS") && colours != 3) {
        throw new Failed("a colour that is transparent");
      }
      at = end;
    }
  }

  private static Bitmap bitmap(BufferedImage image) throws Failed {
    ColorModel model = image.getColorModel();
    int width = image.getWidth();
    int height = image.getHeight();
    int bands = model.hasAlpha() ? 4 : 3;
    byte[] out = new byte[width * height * bands];
    if (model instanceof IndexColorModel palette) {
      byte[] from = new byte[width * height];
      int[] samples = new int[width];
      for (int y = 0; y < height; y++) {
        image.getRaster().getSamples(0, y, width, 1, 0, samples);
        for (int x = 0; x < width; x++) {
          from[y * width + x] = (byte) samples[x];
        }
      }
      fill(out, from, bands, palette);
      return new Bitmap(width, height, bands, out);
    }
    if (model.getComponentSize(0) != 8) {
      throw new Failed("more than 8 bits a channel");
    }
    BufferedImage plain = isPlain(model) ? image : inSrgb(image);
    int has = plain.getRaster().getNumBands();
    int[] samples = new int[width * has];
    int to = 0;
    for (int y = 0; y < height; y++) {
      plain.getRaster().getPixels(0, y, width, 1, samples);
      for (int at = 0; at < samples.length; at += has) {
        boolean isGrey = has < 3;
        out[to++] = (byte) samples[at];
        out[to++] = (byte) samples[isGrey ? at : at + 1];
        out[to++] = (byte) samples[isGrey ? at : at + 2];
        if (bands == 4) {
          out[to++] = (byte) samples[at + has - 1];
        }
      }
    }
    return new Bitmap(width, height, bands, out);
  }

  private static void fill(byte[] out, byte[] from, int bands, IndexColorModel palette) {
    int to = 0;
    for (byte each : from) {
      int index = each & 0xff;
      out[to++] = (byte) palette.getRed(index);
      out[to++] = (byte) palette.getGreen(index);
      out[to++] = (byte) palette.getBlue(index);
      if (bands == 4) {
        out[to++] = (byte) palette.getAlpha(index);
      }
    }
  }

  /// Whether samples are what is shown: what Java calls grey it takes for linear, which a file's
  /// grey is not.
  private static boolean isPlain(ColorModel model) {
    ColorSpace space = model.getColorSpace();
    return space.isCS_sRGB() || space.equals(ColorSpace.getInstance(ColorSpace.CS_GRAY));
  }

  /// By the profile that it has.
  private static BufferedImage inSrgb(BufferedImage image) {
    int type =
        image.getColorModel().hasAlpha()
            ? BufferedImage.TYPE_4BYTE_ABGR
            : BufferedImage.TYPE_3BYTE_BGR;
    BufferedImage out = new BufferedImage(image.getWidth(), image.getHeight(), type);
    return new ColorConvertOp(null).filter(image, out);
  }

  private Webp webp(Encoding how) throws Failed {
    if (webp == null) {
      throw new Failed("no encoder for " + how);
    }
    return webp;
  }

  private static byte[] jpeg(Bitmap picture, Encoding how, int quality) throws Failed {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var sink = new MemoryCacheImageOutputStream(out)) {
      BufferedImage image = image(picture);
      ImageWriteParam as = writer.getDefaultWriteParam();
      as.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      as.setCompressionQuality(quality / 100f);
      as.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      IIOMetadata about = null;
      if (how == Encoding.FINE_JPEG) {
        about = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), as);
        sharpen(about);
      }
      writer.setOutput(sink);
      writer.write(null, new IIOImage(image, null, about), as);
      sink.flush();
      return out.toByteArray();
    } catch (IOException | RuntimeException | LinkageError | AWTError e) {
      throw new Failed(String.valueOf(e.getMessage()));
    } finally {
      writer.dispose();
    }
  }

  /// As many samples of colours as of brightness.
  private static void sharpen(IIOMetadata about) throws IIOInvalidTreeException {
    Node tree = about.getAsTree(JPEG_TREE);
    var components = ((Element) tree).getElementsByTagName("componentSpec");
    if (components.getLength() > 0 && components.item(0) instanceof Element first) {
      first.setAttribute("HsamplingFactor", "1");
      first.setAttribute("VsamplingFactor", "1");
    }
    about.setFromTree(JPEG_TREE, tree);
  }

  /// Over the same octets.
  private static BufferedImage image(Bitmap picture) {
    boolean isGrey = picture.isGrey();
    int[] offsets = isGrey ? new int[] {0} : new int[] {0, 1, 2};
    int width = picture.width();
    int bands = picture.bands();
    var samples =
        new PixelInterleavedSampleModel(
            DataBuffer.TYPE_BYTE, width, picture.height(), bands, width * bands, offsets);
    var octets = new DataBufferByte(picture.octets(), picture.octets().length);
    WritableRaster raster = Raster.createWritableRaster(samples, octets, null);
    int space = isGrey ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB;
    ColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(space), false, false, ColorModel.OPAQUE, DataBuffer.TYPE_BYTE);
    return new BufferedImage(model, raster, false, null);
  }

  /// On the heap.
  private final class Pixels implements Picture {
    private final Bitmap bitmap;

    Pixels(Bitmap bitmap) {
      this.bitmap = bitmap;
    }

    @Override
    public byte[] write(Encoding how, int quality) throws Failed {
      return switch (how) {
        case JPEG, FINE_JPEG -> jpeg(bitmap, how, quality);
        case WEBP -> webp(how).write(bitmap.octets(), size(), quality);
        case LOSSLESS_WEBP -> webp(how).writeLossless(bitmap.octets(), size(), bitmap.bands());
        case PNG, AVIF -> throw new Failed("no encoder for " + how);
      };
    }

    @Override
    public Luma luma() {
      return bitmap.luma();
    }

    @Override
    public Hues hues() {
      return Hues.of(bitmap.width(), bitmap.height(), bitmap.bands(), bitmap.octets());
    }

    @Override
    public Size size() {
      return new Size(bitmap.width(), bitmap.height());
    }

    @Override
    public boolean hasAlpha() {
      return bitmap.bands() == 4;
    }

    @Override
    public void close() {
      // The heap takes it.
    }
  }
}
