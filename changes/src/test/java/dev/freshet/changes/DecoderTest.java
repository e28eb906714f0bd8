package dev.freshet.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Rolls;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Octets of pgoutput, as documented and as they never should be.
class DecoderTest {
  private static byte[] message(Object... parts) {
    ByteBuffer out = ByteBuffer.allocate(1_000);
    for (Object part : parts) {
      switch (part) {
        case Character c -> out.put((byte) c.charValue());
        case Byte b -> out.put(b);
        case Short s -> out.putShort(s);
        case Integer i -> out.putInt(i);
        case Long l -> out.putLong(l);
        case String s -> out.put(s.getBytes(StandardCharsets.UTF_8));
        default -> throw new IllegalArgumentException(part.toString());
      }
    }
    byte[] octets = new byte[out.position()];
    out.flip().get(octets);
    return octets;
  }

  private static List<byte[]> sound() {
    return List.of(
        message('B', 1_000L, 5L, 77),
        message('C', (byte) 0, 1_000L, 1_040L, 5L),
        message(
            'R',
            16_400,
            "public\0",
            "t\0",
            'd',
            (short) 2,
            (byte) 1,
            "id\0",
            23,
            -1,
            (byte) 0,
            "n\0",
            25,
            -1),
        message('I', 16_400, 'N', (short) 2, 't', 1, "7", 'n'),
        message('U', 16_400, 'N', (short) 2, 't', 1, "7", 'u'),
        message('U', 16_400, 'K', (short) 2, 't', 1, "6", 'n', 'N', (short) 1, 'n'),
        message('D', 16_400, 'O', (short) 1, 't', 2, "ab"),
        message('T', 2, (byte) 1, 16_400, -1),
        message('M', (byte) 1, 9L, "freshet.ddl\0", 3, "abc"),
        message('O', 9L, "origin\0"),
        message('Y', 99, "public\0", "mood\0"));
  }

  @Test
  void readsWhatTheProtocolDescribes() throws Decoder.Fault {
    List<LogMessage> read = new ArrayList<>();
    for (byte[] octets : sound()) {
      read.add(Decoder.decode(octets, 0));
    }
    assertThat(read.get(0)).isEqualTo(new LogMessage.Begin(1_000, 77));
    assertThat(read.get(1)).isEqualTo(new LogMessage.Commit(1_000, 1_040));
    assertThat(read.get(2))
        .isEqualTo(
            new LogMessage.Relation(
                16_400,
                "public",
                "t",
                'd',
                List.of(
                    new LogMessage.Column("id", true, 23), new LogMessage.Column("n", false, 25))));
    LogMessage.Insert insert = (LogMessage.Insert) read.get(3);
    assertThat(insert.row().text(0)).isEqualTo("7");
    assertThat(insert.row().isNull(1)).isTrue();
    LogMessage.Update update = (LogMessage.Update) read.get(4);
    assertThat(update.old()).isNull();
    assertThat(update.row().isUnchanged(1)).isTrue();
    assertThat(((LogMessage.Update) read.get(5)).isWhole()).isFalse();
    assertThat(((LogMessage.Delete) read.get(6)).old().text(0)).isEqualTo("ab");
    assertThat(read.get(7)).isEqualTo(new LogMessage.Truncate(List.of(16_400L, 0xFFFF_FFFFL)));
    assertThat(read.get(8)).isEqualTo(new LogMessage.Note(true, 9, "freshet.ddl"));
    assertThat(read.subList(9, 11)).containsOnly(new LogMessage.Other());
  }

  @Test
  void refusesWhatIsCutShortOrTooLong() {
    for (byte[] octets : sound().subList(0, 9)) {
      for (int length = 0; length < octets.length; length++) {
        byte[] cut = java.util.Arrays.copyOf(octets, length);
        assertThatThrownBy(() -> Decoder.decode(cut, 0)).isInstanceOf(Decoder.Fault.class);
      }
      byte[] more = java.util.Arrays.copyOf(octets, octets.length + 1);
      assertThatThrownBy(() -> Decoder.decode(more, 0)).isInstanceOf(Decoder.Fault.class);
    }
  }

  @Test
  void throwsNothingButItsOwnFaultWhateverComes() {
    long seed = Long.getLong("seed", 20_261_126);
    Rolls rolls = new Rolls(seed);
    List<byte[]> sound = sound();
    int read = 0;
    for (int i = 0; i < 300_000; i++) {
      byte[] octets = rolls.oneOf(sound).clone();
      for (int n = rolls.between(0, 3); n > 0; n--) {
        octets[rolls.between(0, octets.length - 1)] = (byte) rolls.between(0, 255);
      }
      try {
        assertThat(Decoder.decode(octets, 0)).isNotNull();
        read++;
      } catch (Decoder.Fault e) {
        assertThat(e.getMessage()).isNotEmpty();
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", turn " + i, e);
      }
    }
    assertThat(read).isBetween(1_000, 299_000);
  }
}
