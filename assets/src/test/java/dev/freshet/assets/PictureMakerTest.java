package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.assets.PictureSource.Format;
import dev.freshet.assets.Refinement.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Real encoders; skipped where there is no libvips.
class PictureMakerTest {
  private static final @Nullable Vips VIPS = Vips.find(null, null);

  private static Vips vips() {
    assumeTrue(VIPS != null, "no libvips here");
    return Objects.requireNonNull(VIPS);
  }

  private static Luma luma(byte[] picture) throws Vips.Failed {
    try (Vips.Picture opened = vips().open(picture)) {
      return opened.luma();
    }
  }

  @Test
  void aPhotoBecomesSmallerAndLooksAlike() throws Vips.Failed {
    PictureMaker maker = new PictureMaker(vips(), System::nanoTime);
    byte[] jpeg = Photos.jpeg(320, 240, 0.92f);
    Map<Kind, byte[]> made = maker.quick(jpeg, Format.JPEG);
    assertThat(made).containsKey(Kind.LEAN);
    if (maker.hasAvif()) {
      byte[] avif = Objects.requireNonNull(maker.avif(jpeg, jpeg.length));
      assertThat(new String(avif, 4, 8, StandardCharsets.US_ASCII)).isEqualTo("ftypavif");
      assertThat(PictureReader.size(new byte[][] {avif})).isEqualTo(new Size(320, 240));
      assertThat(avif.length).isLessThanOrEqualTo(jpeg.length * 95 / 100);
      assertThat(luma(avif).similarity(luma(jpeg))).isGreaterThanOrEqualTo(0.975);
    }
    for (byte[] each : made.values()) {
      assertThat(each.length).isLessThanOrEqualTo(jpeg.length * 95 / 100);
      assertThat(luma(each).similarity(luma(jpeg))).isGreaterThanOrEqualTo(0.975);
      assertThat(new String(each, StandardCharsets.ISO_8859_1))
          .as("no metadata")
          .doesNotContain("Exif");
    }
  }

  @Test
  void whatIsLosslessStaysSo() throws Vips.Failed {
    PictureMaker maker = new PictureMaker(vips(), System::nanoTime);
    byte[] png = Photos.png(160, 120);
    Map<Kind, byte[]> made = maker.quick(png, Format.PNG);
    assertThat(made).containsKey(Kind.WEBP);
    for (byte[] each : made.values()) {
      assertThat(each.length).isLessThanOrEqualTo(png.length * 95 / 100);
      assertThat(luma(each).similarity(luma(png))).isEqualTo(1);
      assertThat(new String(each, StandardCharsets.ISO_8859_1))
          .as("no metadata")
          .doesNotContain("Exif", "ICCP");
    }
  }

  @Test
  void whatIsAsSmallAsCanBeStaysAsItIs() throws Vips.Failed {
    PictureMaker maker = new PictureMaker(vips(), System::nanoTime);
    byte[] jpeg = Photos.jpeg(160, 120, 0.1f);
    long least = jpeg.length;
    for (byte[] each : maker.quick(jpeg, Format.JPEG).values()) {
      assertThat(each.length).isLessThanOrEqualTo(jpeg.length * 95 / 100);
      least = Math.min(least, each.length);
    }
    assertThat(maker.avif(jpeg, 40)).as("smaller than anything").isNull();
  }

  @Test
  void givesUpWhatTakesTooLong() throws Vips.Failed {
    long[] now = {0};
    PictureMaker slow = new PictureMaker(vips(), () -> now[0] += 30_000_000_000L);
    assertThat(slow.quick(Photos.jpeg(64, 48, 0.9f), Format.JPEG)).isEmpty();
  }

  @Test
  void aBrokenPictureIsRefused() {
    Vips vips = vips();
    byte[] jpeg = Photos.jpeg(160, 120, 0.9f);
    byte[] cut = Arrays.copyOf(jpeg, jpeg.length / 2);
    assertThatThrownBy(() -> vips.open(cut)).isInstanceOf(Vips.Failed.class);
    byte[] png = Photos.png(160, 120);
    png[png.length / 2] ^= 0x55;
    assertThatThrownBy(() -> vips.openAsIs(png)).isInstanceOf(Vips.Failed.class);
    assertThatThrownBy(
            () -> vips.open("<svg width='9' height='9'/>".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(Vips.Failed.class);
  }

  @Test
  void namesNoLibraryThatIsNotThere() {
    assertThat(Vips.find(Path.of("/nowhere/libvips.so"), null)).isNull();
  }
}
