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

  @Test
  void whatIsNoPictureIsRefused() {
    assertThat(refused(new byte[0])).isEqualTo("gain");
    assertThat(refused("GIF89a".repeat(300).getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo("format");
    byte[] cut = Arrays.copyOf(png(9, 9, 8, chunk("tEXt", new byte[3_000])), 1_500);
    assertThat(refused(cut)).isEqualTo("unreadable");
  }
}
