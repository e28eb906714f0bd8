package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.assets.PictureSource.Format;
import dev.freshet.assets.Refinement.Kind;
import dev.freshet.base.Rolls;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Real encoders: those that come along, and a libvips where there is one.
class PictureMakerTest {
  @TempDir private static Path programs;

  static List<Named<PictureLibrary>> libraries() {
    return Stream.of(Vips.find(null, null), JavaPictures.find(programs))
        .filter(Objects::nonNull)
        .map(library -> Named.of(library.name(), library))
        .toList();
  }

  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest
  @MethodSource("libraries")
  private @interface WithEach {}

  private static Luma luma(PictureLibrary by, byte[] picture) throws PictureLibrary.Failed {
    try (PictureLibrary.Picture opened = by.open(picture)) {
      return opened.luma();
    }
  }

  @WithEach
  void aPhotoBecomesSmallerAndLooksAlike(PictureLibrary library) throws PictureLibrary.Failed {
    PictureMaker maker = new PictureMaker(library, System::nanoTime);
    byte[] jpeg = Photos.jpeg(320, 240, 0.92f);
    Map<Kind, byte[]> made = maker.quick(jpeg, Format.JPEG);
    assertThat(made).containsKey(Kind.LEAN);
    if (maker.hasAvif()) {
      byte[] avif = Objects.requireNonNull(maker.avif(jpeg, jpeg.length));
      assertThat(new String(avif, 4, 8, StandardCharsets.US_ASCII)).isEqualTo("ftypavif");
      assertThat(PictureReader.size(new byte[][] {avif})).isEqualTo(new Size(320, 240));
      assertThat(avif.length).isLessThanOrEqualTo(jpeg.length * 95 / 100);
      assertThat(luma(library, avif).similarity(luma(library, jpeg))).isGreaterThanOrEqualTo(0.975);
    }
    for (byte[] each : made.values()) {
      assertThat(each.length).isLessThanOrEqualTo(jpeg.length * 95 / 100);
      assertThat(luma(library, each).similarity(luma(library, jpeg))).isGreaterThanOrEqualTo(0.975);
      assertThat(new String(each, StandardCharsets.ISO_8859_1))
          .as("no metadata")
          .doesNotContain("Exif");
    }
  }

  @WithEach
  void whatIsLosslessStaysSo(PictureLibrary library) throws PictureLibrary.Failed {
    PictureMaker maker = new PictureMaker(library, System::nanoTime);
    byte[] png = Photos.png(160, 120);
    Map<Kind, byte[]> made = maker.quick(png, Format.PNG);
    assertThat(made).containsKey(Kind.WEBP);
    for (byte[] each : made.values()) {
      assertThat(each.length).isLessThanOrEqualTo(png.length * 95 / 100);
      assertThat(luma(library, each).similarity(luma(library, png))).isEqualTo(1);
      assertThat(new String(each, StandardCharsets.ISO_8859_1))
          .as("no metadata")
          .doesNotContain("Exif", "ICCP");
    }
  }

  @WithEach
  void whatIsAsSmallAsCanBeStaysAsItIs(PictureLibrary library) throws PictureLibrary.Failed {
    PictureMaker maker = new PictureMaker(library, System::nanoTime);
    byte[] jpeg = Photos.jpeg(160, 120, 0.1f);
    long least = jpeg.length;
    for (byte[] each : maker.quick(jpeg, Format.JPEG).values()) {
      assertThat(each.length).isLessThanOrEqualTo(jpeg.length * 95 / 100);
      least = Math.min(least, each.length);
    }
    assertThat(maker.avif(jpeg, 40)).as("smaller than anything").isNull();
  }

  @WithEach
  void aPictureInFewerPixelsIsLaidOutAsTheOriginal(PictureLibrary library)
      throws PictureLibrary.Failed {
    PictureMaker maker = new PictureMaker(library, System::nanoTime);
    Size natural = new Size(801, 600);
    for (Format format : Format.values()) {
      byte[] source = format == Format.PNG ? Photos.png(801, 600) : Photos.jpeg(801, 600, 0.9f);
      byte[] made = Objects.requireNonNull(maker.fitted(source, format, natural, 320));
      assertThat(PictureReader.size(new byte[][] {made})).isEqualTo(new Size(320, 240));
      assertThat(made.length).isLessThan(source.length / 3);
      ByteBuffer exif = ByteBuffer.wrap(made, 12, 120).slice();
      assertThat(exif.getInt(4)).as("where the entries are").isEqualTo(8);
      int rational = exif.getInt(10 + 8);
      assertThat((double) exif.getInt(rational) / exif.getInt(rational + 4))
          .as("pixels an inch: 320 of them are 801 of 1/72")
          .isEqualTo(320 * 72 / 801.0);
      int inner = exif.getInt(10 + 3 * 12 + 8);
      assertThat(exif.getInt(inner + 2 + 8)).isEqualTo(801);
      assertThat(exif.getInt(inner + 2 + 12 + 8)).isEqualTo(600);
    }
  }

  /// Dark and wide areas: their brightness may be alike where their colour is not.
  @WithEach
  void coloursStayWhatTheyAre(PictureLibrary library) throws PictureLibrary.Failed, IOException {
    PictureMaker maker = new PictureMaker(library, System::nanoTime);
    Rolls rolls = new Rolls(7);
    BufferedImage hills = new BufferedImage(800, 400, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 400; y++) {
      for (int x = 0; x < 800; x++) {
        int hill = (y + (int) (20 * Math.sin(x / 90.0 + y / 80.0))) / 80;
        int shade = y % 80 / 8;
        int grain = rolls.between(0, 2) * 0x010101;
        hills.setRGB(x, y, 0x1c4a30 + hill * 0x0a0f08 - shade * 0x010201 + grain);
      }
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(hills, "png", png);
    byte[] source = png.toByteArray();
    byte[] made = Objects.requireNonNull(maker.fitted(source, Format.PNG, new Size(800, 400), 640));
    try (PictureLibrary.Picture plain = library.openAsIs(source);
        PictureLibrary.Picture opened = library.open(source);
        PictureLibrary.Picture within = library.openWithin(source, 800);
        PictureLibrary.Picture before = library.openWithin(source, 640);
        PictureLibrary.Picture after = library.openAsIs(made)) {
      assertThat(opened.hues().isLike(plain.hues())).isTrue();
      assertThat(within.hues().isLike(plain.hues())).isTrue();
      assertThat(after.hues().isLike(before.hues())).isTrue();
    }
  }

  @WithEach
  void coloursOfAPictureWithAProfileStayToo(PictureLibrary library) throws PictureLibrary.Failed {
    byte[] jpeg = Photos.jpeg(320, 240, 0.92f);
    byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_sRGB).getData();
    byte[] begin = "ICC_PROFILE\0\1\1".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer out = ByteBuffer.allocate(jpeg.length + 4 + begin.length + profile.length);
    out.put(jpeg, 0, 2).putShort((short) 0xffe2);
    out.putShort((short) (2 + begin.length + profile.length)).put(begin).put(profile);
    out.put(jpeg, 2, jpeg.length - 2);
    try (PictureLibrary.Picture plain = library.openAsIs(jpeg);
        PictureLibrary.Picture opened = library.open(out.array());
        PictureLibrary.Picture within = library.openWithin(out.array(), 320)) {
      assertThat(opened.hues().isLike(plain.hues())).isTrue();
      assertThat(within.hues().isLike(plain.hues())).isTrue();
    }
  }

  @WithEach
  void whatShinesThroughKeepsItsPixels(PictureLibrary library)
      throws PictureLibrary.Failed, IOException {
    PictureMaker maker = new PictureMaker(library, System::nanoTime);
    BufferedImage glass = new BufferedImage(400, 300, BufferedImage.TYPE_INT_ARGB);
    glass.setRGB(5, 5, 0x80112233);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(glass, "png", png);
    assertThat(maker.fitted(png.toByteArray(), Format.PNG, new Size(400, 300), 160)).isNull();
  }

  @WithEach
  void givesUpWhatTakesTooLong(PictureLibrary library) throws PictureLibrary.Failed {
    long[] now = {0};
    PictureMaker slow = new PictureMaker(library, () -> now[0] += 30_000_000_000L);
    assertThat(slow.quick(Photos.jpeg(64, 48, 0.9f), Format.JPEG)).isEmpty();
  }

  @WithEach
  void aBrokenPictureIsRefused(PictureLibrary library) {
    byte[] jpeg = Photos.jpeg(160, 120, 0.9f);
    byte[] cut = Arrays.copyOf(jpeg, jpeg.length / 2);
    assertThatThrownBy(() -> library.open(cut)).isInstanceOf(PictureLibrary.Failed.class);
    byte[] png = Photos.png(160, 120);
    png[png.length / 2] ^= 0x55;
    assertThatThrownBy(() -> library.openAsIs(png)).isInstanceOf(PictureLibrary.Failed.class);
    assertThatThrownBy(
            () -> library.open("<svg width='9' height='9'/>".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(PictureLibrary.Failed.class);
  }

  @Test
  void namesNoLibraryThatIsNotThere() {
    assertThat(Vips.find(Path.of("/nowhere/libvips.so"), null)).isNull();
  }
}
