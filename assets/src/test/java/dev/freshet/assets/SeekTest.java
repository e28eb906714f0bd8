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
    byte[] near = {
      '<', 0, 0x1b, '<' + 1, '<' - 1, 1, (byte) 0x80, (byte) 0xff, 0x1a, 0x1c, 'h', 's', 'S', 'r'
    };
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
      assertThat(Seek.one(in, from, end, '<')).as("case " + i).isEqualTo(one(in, from, end));
      assertThat(Seek.pair(in, from, end, 's', 'h')).as("case " + i).isEqualTo(pair(in, from, end));
    }
  }

  private static int slow(byte[] in, int from, int end) {
    int i = from;
    while (i < end && in[i] != '<' && in[i] != 0 && in[i] != 0x1b) {
      i++;
    }
    return i;
  }

  private static int one(byte[] in, int from, int end) {
    int i = from;
    while (i < end && in[i] != '<') {
      i++;
    }
    return i;
  }

  private static int pair(byte[] in, int from, int end) {
    for (int i = from; i + 1 < end; i++) {
      if ((in[i] | 0x20) == 's' && (in[i + 1] | 0x20) == 'h') {
        return i;
      }
    }
    return end;
  }

  @Test
  void findsPairsOfEitherCase() {
    byte[] text = "his ashes, hush: a sHop".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(Seek.pair(text, 0, text.length, 's', 'h')).isEqualTo(5);
    assertThat(Seek.pair(text, 6, text.length, 's', 'h')).isEqualTo(13);
    assertThat(Seek.pair(text, 14, text.length, 's', 'h')).isEqualTo(19);
    assertThat(Seek.pair(text, 20, text.length, 's', 'h')).isEqualTo(text.length);
  }
}
