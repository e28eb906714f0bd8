package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sizes are read from a picture's head, and from damaged ones nothing.
class PictureReaderTest {
  static byte[] image(String format, int width, int height) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), format, out);
    return out.toByteArray();
  }

  /// 300 x 200, as Chromium's canvas writes it.
  private static final byte[] WEBP =
      Base64.getDecoder()
          .decode("UklGRi4AAABXRUJQVlA4ICIAAACQBQCdASosAcgAPm02mUmkIyKhIAgAgA2JaW7hdrEbQAAA");

  private static @Nullable Size size(byte[] octets) {
    return PictureReader.size(new byte[][] {octets});
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "gif"})
  void readsWhatTheJdkWrites(String format) throws IOException {
    byte[] octets = image(format, 321, 123);
    assertThat(size(octets)).isEqualTo(new Size(321, 123));
    byte[][] pieces = new byte[octets.length][];
    for (int i = 0; i < octets.length; i++) {
      pieces[i] = new byte[] {octets[i]};
    }
    assertThat(PictureReader.size(pieces)).as("in pieces").isEqualTo(new Size(321, 123));
  }

  @Test
  void turnsAPhotoAsItsExifSays() throws IOException {
    byte[] plain = image("jpg", 321, 123);
    byte[] exif =
        HexFormat.of()
            .parseHex(
                "ffe1"
                    + "0022"
                    + "457869660000"
                    + "4d4d002a00000008"
                    + "0001"
                    + "0112000300000001"
                    + "00060000"
                    + "00000000");
    ByteArrayOutputStream turned = new ByteArrayOutputStream();
    turned.write(plain, 0, 2);
    turned.writeBytes(exif);
    turned.write(plain, 2, plain.length - 2);
    assertThat(size(turned.toByteArray())).isEqualTo(new Size(123, 321));
  }

  @Test
  void readsTheThreeKindsOfWebp() {
    assertThat(size(WEBP)).isEqualTo(new Size(300, 200));
    byte[] lossless = Arrays.copyOf(WEBP, 40);
    System.arraycopy(Ascii.octets("VP8L"), 0, lossless, 12, 4);
    // 14 bits of width less one, 14 of height less one.
    long bits = 299 | (199L << 14);
    lossless[20] = 0x2f;
    for (int i = 0; i < 4; i++) {
      lossless[21 + i] = (byte) (bits >> (8 * i));
    }
    assertThat(size(lossless)).isEqualTo(new Size(300, 200));
    byte[] extended = Arrays.copyOf(WEBP, 40);
    System.arraycopy(Ascii.octets("VP8X"), 0, extended, 12, 4);
    System.arraycopy(
        HexFormat.of().parseHex("00000000" + "2b0100" + "c70000"), 0, extended, 20, 10);
    assertThat(size(extended)).isEqualTo(new Size(300, 200));
  }

  private static byte[] box(String type, String hex) {
    byte[] content = HexFormat.of().parseHex(hex);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int size = content.length + 8;
    out.writeBytes(new byte[] {0, 0, (byte) (size >> 8), (byte) size});
    out.writeBytes(Ascii.octets(type));
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static String hex(byte[]... parts) {
    StringBuilder all = new StringBuilder();
    for (byte[] part : parts) {
      all.append(HexFormat.of().formatHex(part));
    }
    return all.toString();
  }

  @ParameterizedTest
  @CsvSource({"00,300,200", "01,200,300", "02,300,200"})
  void takesTheSizeOfAnAvifsPrimaryItem(String turn, int width, int height) {
    byte[] thumbnail = box("ispe", "00000000" + "00000020" + "00000010");
    byte[] main = box("ispe", "00000000" + "0000012c" + "000000c8");
    byte[] container = box("ipco", hex(thumbnail, main, box("irot", turn)));
    // Item 1 has property 1, item 2 has 2 and, as an essential one, 3.
    byte[] associations =
        box("ipma", "00000000" + "00000002" + "000101" + "01" + "00020202" + "83");
    byte[] properties = box("iprp", hex(container, associations));
    byte[] meta = box("meta", "00000000" + hex(box("pitm", "00000000" + "0002"), properties));
    byte[] type = box("ftyp", hex(Ascii.octets("avif")) + "00000000" + hex(Ascii.octets("mif1")));
    byte[] all = HexFormat.of().parseHex(hex(type, meta, box("mdat", "00")));
    assertThat(size(all)).isEqualTo(new Size(width, height));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<svg xmlns=x width=\"30\" height='20px'>|30x20",
        "<?xml version=\"1.0\"?><!-- c --><svg viewBox=\"0 0 30.4 20\">|30/20",
        "<svg viewBox='-5,-5,30,20' fill=\"red\">|30/20",
        "<svg width=\"100%\" height=\"100%\" viewBox=\"0 0 3 2\">|",
        "<svg viewBox=\"0 0 3 2\" preserveAspectRatio=\"none\">|",
        "<svg>no size at all</svg>|",
        "<svgs width=\"3\" height=\"3\">|",
      })
  void readsTheRatioOfAnSvg(String svg, String expected) {
    Size size = size(svg.getBytes(StandardCharsets.UTF_8));
    assertThat(size == null ? null : KeptPlaces.mark(size)).isEqualTo(expected);
  }

  @Test
  void believesNothingOfWhatIsDamaged() throws IOException {
    Rolls rolls = new Rolls(System.nanoTime());
    for (String format : new String[] {"png", "jpg", "gif", "webp"}) {
      byte[] sound = format.equals("webp") ? WEBP : image(format, 20, 10);
      for (int i = 0; i < 2_000; i++) {
        byte[] damaged = Arrays.copyOf(sound, rolls.between(0, sound.length));
        for (int j = rolls.between(0, 4); j > 0 && damaged.length > 0; j--) {
          damaged[rolls.between(0, damaged.length - 1)] = (byte) rolls.between(0, 255);
        }
        Size size = size(damaged);
        assertThat(size == null || (size.width() > 0 && size.height() > 0))
            .as("seed %d", rolls.seed())
            .isTrue();
      }
    }
  }

  /// A length that the file states of itself is believed only as far as there is a file.
  @ParameterizedTest
  @ValueSource(strings = {"7fffffff", "ffffffff", "80000000", "00000000", "00000007"})
  void takesNoRoomForALengthThatIsOnlyStated(String length) {
    byte[] head = HexFormat.of().parseHex(length + hex(Ascii.octets("ftypmif1")) + "00000000");
    assertThat(size(head)).isNull();
    assertThat(size(Arrays.copyOf(head, 4_000))).isNull();
  }

  @Test
  void garbageBehindAMagicNumberNeverThrows() {
    Rolls rolls = new Rolls(System.nanoTime());
    String[] beginnings = {
      "89504e470d0a1a0a0000000d49484452",
      "474946383961",
      "ffd8ffe1ffff457869660000",
      "ffd8ff",
      hex(Ascii.octets("RIFF0000WEBPVP8 ")),
      hex(Ascii.octets("RIFF0000WEBPVP8L")),
      hex(Ascii.octets("RIFF0000WEBPVP8X")),
      "00000018" + hex(Ascii.octets("ftypavif")),
      "00000010" + hex(Ascii.octets("ftypavif00000000meta")),
      hex(Ascii.octets("0000ftypmif1")),
      hex(Ascii.octets("<svg viewBox='0 0 ")),
    };
    for (String beginning : beginnings) {
      byte[] magic = HexFormat.of().parseHex(beginning);
      for (int i = 0; i < 2_000; i++) {
        byte[] all = Arrays.copyOf(magic, magic.length + rolls.between(0, 300));
        byte[] rest = rolls.bytes(all.length - magic.length);
        // Many of them small, as lengths and counts are.
        for (int j = 0; j < rest.length; j++) {
          rest[j] = rolls.chance(0.5) ? (byte) rolls.between(0, 9) : rest[j];
        }
        System.arraycopy(rest, 0, all, magic.length, rest.length);
        Size size = size(all);
        assertThat(size == null || (isPossible(size.width()) && isPossible(size.height())))
            .as("seed %d: %s", rolls.seed(), HexFormat.of().formatHex(all))
            .isTrue();
      }
    }
  }

  private static boolean isPossible(int pixels) {
    return pixels > 0 && pixels <= 65_535;
  }
}
