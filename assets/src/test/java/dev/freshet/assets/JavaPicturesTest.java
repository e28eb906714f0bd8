package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.assets.PictureLibrary.Encoding;
import dev.freshet.base.Meters;
import java.awt.GraphicsEnvironment;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pictures on a machine without a libvips.
class JavaPicturesTest {
  @TempDir private static @Nullable Path programs;

  private static JavaPictures library() {
    return Objects.requireNonNull(JavaPictures.find(Objects.requireNonNull(programs)));
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  /// A segment behind the beginning of a JPEG.
  private static byte[] with(byte[] jpeg, int marker, byte[] content) {
    ByteBuffer out = ByteBuffer.allocate(jpeg.length + 4 + content.length);
    out.put(jpeg, 0, 2).putShort((short) marker).putShort((short) (2 + content.length));
    return out.put(content).put(jpeg, 2, jpeg.length - 2).array();
  }

  private static byte[] exif(int orientation) {
    ByteBuffer out = ByteBuffer.allocate(32);
    out.put("Exif\0\0MM\0*".getBytes(StandardCharsets.US_ASCII)).putInt(8).putShort((short) 1);
    out.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) orientation);
    return out.array();
  }

  @Test
  void itIsThereWithoutALibvipsAndSaysSo() {
    Path none = Path.of("/nowhere/libvips.so");
    RefinerConfig config =
        new RefinerConfig(
            () -> Esbuild.find(null, none), none, null, Objects.requireNonNull(programs), 0);
    try (Refiner refiner = new Assets(new Meters(), page -> {}).refiner(config, new Meters())) {
      assertThat(refiner.hasPictures()).isTrue();
      assertThat(refiner.hasBestPictures()).isFalse();
      assertThat(refiner.pictures()).startsWith("Java").endsWith("jpeg");
      assertThat(GraphicsEnvironment.isHeadless()).as("looks for no screen").isTrue();
    }
  }

  /// Each way of turning puts other corners to the left at the top.
  @Test
  void aPictureIsTurnedAsItsMetadataSay() throws PictureLibrary.Failed {
    byte[] jpeg = Photos.jpeg(160, 96, 0.95f);
    Size[] sizes = new Size[9];
    for (int way = 1; way <= 8; way++) {
      byte[] turned = with(jpeg, 0xffe1, exif(way));
      try (PictureLibrary.Picture upright = library().open(turned)) {
        sizes[way] = upright.size();
        assertThat(upright.size()).isEqualTo(PictureReader.size(new byte[][] {turned}));
      }
    }
    assertThat(sizes[3]).isEqualTo(new Size(160, 96));
    assertThat(sizes[6]).isEqualTo(new Size(96, 160));
    Bitmap letter = new Bitmap(3, 2, 3, marked(new int[] {1, 2, 3, 4, 5, 6}));
    int[][] expected = {
      {1, 2, 3, 4, 5, 6},
      {3, 2, 1, 6, 5, 4},
      {6, 5, 4, 3, 2, 1},
      {4, 5, 6, 1, 2, 3},
      {1, 4, 2, 5, 3, 6},
      {4, 1, 5, 2, 6, 3},
      {6, 3, 5, 2, 4, 1},
      {3, 6, 2, 5, 1, 4}
    };
    for (int way = 1; way <= 8; way++) {
      assertThat(letter.turned(way).octets()).as("way " + way).isEqualTo(marked(expected[way - 1]));
    }
  }

  private static byte[] marked(int[] pixels) {
    byte[] out = new byte[3 * pixels.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) pixels[i / 3];
    }
    return out;
  }

  @Test
  void greyStaysAsBrightAsItIs() throws PictureLibrary.Failed, IOException {
    BufferedImage grey = new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 64 * 64; i++) {
      grey.getRaster().setSample(i % 64, i / 64, 0, 40 + i % 64);
    }
    try (PictureLibrary.Picture opened = library().openAsIs(png(grey))) {
      byte[] jpeg = opened.write(Encoding.JPEG, 95);
      assertThat(PictureSource.of(new byte[][] {jpeg}).refused()).isIn("", "gain");
      try (PictureLibrary.Picture again = library().openAsIs(jpeg)) {
        assertThat(again.hues().isLike(opened.hues())).isTrue();
      }
      byte[] webp = opened.write(Encoding.LOSSLESS_WEBP, 100);
      try (PictureLibrary.Picture again = library().openAsIs(webp)) {
        assertThat(again.luma().similarity(opened.luma())).isEqualTo(1);
      }
    }
  }

  @Test
  void palettesAndWhatShinesThroughKeepEveryPixel() throws PictureLibrary.Failed, IOException {
    byte[] ramp = new byte[4];
    byte[] opacity = {0, 60, (byte) 200, (byte) 255};
    for (int i = 0; i < 4; i++) {
      ramp[i] = (byte) (i * 80);
    }
    var palette = new IndexColorModel(2, 4, ramp, ramp, ramp, opacity);
    var image = new BufferedImage(50, 40, BufferedImage.TYPE_BYTE_BINARY, palette);
    for (int i = 0; i < 50 * 40; i++) {
      image.getRaster().setSample(i % 50, i / 50, 0, i / 7 % 4);
    }
    try (PictureLibrary.Picture opened = library().openAsIs(png(image))) {
      assertThat(opened.hasAlpha()).isTrue();
      byte[] webp = opened.write(Encoding.LOSSLESS_WEBP, 100);
      try (PictureLibrary.Picture again = library().openAsIs(webp)) {
        assertThat(again.hasAlpha()).isTrue();
        assertThat(again.hues().isLike(opened.hues())).as("but where nothing is seen").isTrue();
      }
    }
  }

  /// A file with a profile of brighter colours must look as its profile says.
  @Test
  void coloursAreBroughtToSrgbByTheirProfile() throws PictureLibrary.Failed {
    byte[] jpeg = Photos.jpeg(96, 96, 0.95f);
    byte[] linear = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
    ByteBuffer profile = ByteBuffer.allocate(14 + linear.length);
    profile.put("ICC_PROFILE\0\1\1".getBytes(StandardCharsets.US_ASCII)).put(linear);
    try (PictureLibrary.Picture plain = library().open(jpeg);
        PictureLibrary.Picture brighter = library().open(with(jpeg, 0xffe2, profile.array()))) {
      assertThat(brighter.hues().isLike(plain.hues())).isFalse();
    }
  }

  @Test
  void whatItWouldNotReadExactlyIsRefused() throws IOException {
    BufferedImage image = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
    byte[] png = png(image);
    byte[] flipped = png.clone();
    flipped[png.length - 20] ^= 0x10;
    assertThatThrownBy(() -> library().openAsIs(flipped)).hasMessageContaining("checksum");
    ByteBuffer key = ByteBuffer.allocate(png.length + 18);
    key.put(png, 0, 33).putInt(6).put("tRNS".getBytes(StandardCharsets.US_ASCII)).put(new byte[6]);
    var sum = new CRC32();
    sum.update(key.array(), 37, 10);
    key.putInt((int) sum.getValue()).put(png, 33, png.length - 33);
    assertThatThrownBy(() -> library().openAsIs(key.array())).hasMessageContaining("transparent");
    assertThatThrownBy(() -> library().openAsIs("GIF89a".getBytes(StandardCharsets.US_ASCII)))
        .isInstanceOf(PictureLibrary.Failed.class);
  }
}
