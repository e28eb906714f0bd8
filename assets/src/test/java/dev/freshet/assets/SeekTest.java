package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The same as looking at each octet, wherever it stands and whatever stands beside it.
class SeekTest {
  private static final int SEED = 20_261_128;

  @Test
  void findsTheFirstThatIsThere() {
    SplittableRandom chance = new SplittableRandom(SEED);
    byte[] near = {'<', 0, 0x1b, '<' + 1, '<' - 1, 1, (byte) 0x80, (byte) 0xff, 0x1a, 0x1c, 'h'};
    for (int i = 0; i < 20_000; i++) {
      byte[] in = new byte[chance.nextInt(40)];
      for (int at = 0; at < in.length; at++) {
        in[at] =
            chance.nextInt(4) == 0 ? near[chance.nextInt(near.length)] : (byte) chance.nextInt();
      }
      int from = chance.nextInt(in.length + 1);
      int end = from + chance.nextInt(in.length - from + 1);
      assertThat(Seek.any(in, from, end, '<', 0, 0x1b))
          .as("case " + i)
          .isEqualTo(slow(in, from, end));
      assertThat(Seek.letter(in, from, end, 'h')).as("case " + i).isEqualTo(letter(in, from, end));
    }
  }

  private static int slow(byte[] in, int from, int end) {
    int i = from;
    while (i < end && in[i] != '<' && in[i] != 0 && in[i] != 0x1b) {
      i++;
    }
    return i;
  }

  private static int letter(byte[] in, int from, int end) {
    int i = from;
    while (i < end && (in[i] | 0x20) != 'h') {
      i++;
    }
    return i;
  }

  @Test
  void findsLettersOfEitherCase() {
    byte[] text = "quite a loNg text witHout it".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(Seek.letter(text, 0, text.length, 'n')).isEqualTo(10);
    assertThat(Seek.letter(text, 0, text.length, 'h')).isEqualTo(21);
    assertThat(Seek.letter(text, 0, text.length, 'z')).isEqualTo(text.length);
  }
}
