package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// What a picture says of itself before anybody decodes it.
class PictureSourceTest {
  private static String refused(byte[] picture) {
    return PictureSource.of(new byte[][] {picture}).refused();
  }

  /// A PNG with these chunks before its pixels.
  private static byte[] png(int width, int height, int depth, byte[]... chunks) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
    byte[] head =
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put((byte) depth)
            .put((byte) 2)
            .array();
    out.writeBytes(chunk("IHDR", head));
    for (byte[] chunk : chunks) {
      out.writeBytes(chunk);
    }
    out.writeBytes(chunk("IDAT", new byte[2_000]));
    return out.toByteArray();
  }

  private static byte[] chunk(String name, byte[] content) {
    return ByteBuffer.allocate(content.length + 12)
        .putInt(content.length)
        .put(name.getBytes(StandardCharsets.US_ASCII))
        .put(content)
        .array();
  }

  private static byte[] number(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  @Test
  void aBombIsRefusedByItsHeader() {
    assertThat(refused(png(60_000, 60_000, 8))).isEqualTo("pixels");
    assertThat(refused(png(2_900, 2_900, 8))).isEqualTo("pixels");
    assertThat(refused(png(2_800, 2_850, 8))).isEmpty();
    assertThat(refused(png(70_000, 10, 8))).isEqualTo("unreadable");
    byte[] jpeg = Photos.jpeg(64, 48, 0.9f);
    for (int i = 0; i < jpeg.length - 9; i++) {
      if (jpeg[i] == (byte) 0xff && jpeg[i + 1] == (byte) 0xc0) {
        jpeg[i + 5] = (byte) 0xff;
        jpeg[i + 7] = (byte) 0xff;
      }
    }
    assertThat(refused(jpeg)).isEqualTo("pixels");
  }

  @Test
  void whatWouldLookDifferentIsRefused() {
    assertThat(refused(png(100, 100, 16))).isEqualTo("colours");
    assertThat(refused(png(100, 100, 8, chunk("iCCP", new byte[9])))).isEqualTo("colours");
    assertThat(refused(png(100, 100, 8, chunk("gAMA", number(100_000))))).isEqualTo("colours");
    assertThat(refused(png(100, 100, 8, chunk("gAMA", number(45_455))))).isEmpty();
    assertThat(refused(png(100, 100, 8, chunk("acTL", new byte[8])))).isEqualTo("format");
    byte[] jpeg = Photos.jpeg(64, 48, 0.9f);
    assertThat(refused(jpeg)).isEmpty();
    ByteArrayOutputStream twice = new ByteArrayOutputStream();
    twice.write(jpeg, 0, 2);
    twice.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe2, 0, 8, 'M', 'P', 'F', 0, 0, 0});
    twice.write(jpeg, 2, jpeg.length - 2);
    assertThat(refused(twice.toByteArray())).isEqualTo("format");
    for (int i = 0; i < jpeg.length - 9; i++) {
      if (jpeg[i] == (byte) 0xff && jpeg[i + 1] == (byte) 0xc0) {
        jpeg[i + 9] = 4;
      }
    }
    assertThat(refused(jpeg)).as("CMYK").isEqualTo("colours");
  }

  /// Each scan anew, with nothing in it.
  @Test
  void aJpegOfVeryManyScansIsRefused() {
    byte[] jpeg = Photos.jpeg(64, 48, 0.9f);
    byte[] scan = {(byte) 0xff, (byte) 0xda, 0, 8, 1, 1, 0, 1, 1, 0, 0x55, (byte) 0xff, 0};
    for (int more : new int[] {99, 100}) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write(jpeg, 0, jpeg.length - 2);
      for (int i = 0; i < more; i++) {
        out.writeBytes(scan);
      }
      out.write(jpeg, jpeg.length - 2, 2);
      assertThat(refused(out.toByteArray())).isEqualTo(more == 99 ? "" : "scans");
    }
  }

  /// Java takes some of these for RGB that browsers take for YCbCr.
  @Test
  void threeComponentsThatNobodyNamesAreRefused() {
    byte[] named = Photos.jpeg(64, 48, 0.9f);
    int frame = 2;
    while (named[frame + 1] != (byte) 0xc0) {
      frame += 2 + ((named[frame + 2] & 0xff) << 8 | (named[frame + 3] & 0xff));
    }
    byte[] other = named.clone();
    other[frame + 10] = 0;
    assertThat(refused(other)).as("with JFIF").isEmpty();
    other[6] = 'x';
    assertThat(refused(other)).isEqualTo("colours");
    named[6] = 'x';
    assertThat(refused(named)).as("as JFIF has them").isEmpty();
  }

  @Test
  void whatIsNoPictureIsRefused() {
    assertThat(refused(new byte[0])).isEqualTo("gain");
    assertThat(refused("GIF89a".repeat(300).getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo("format");
    byte[] cut = Arrays.copyOf(png(9, 9, 8, chunk("tEXt", new byte[3_000])), 1_500);
    assertThat(refused(cut)).isEqualTo("unreadable");
  }
}
