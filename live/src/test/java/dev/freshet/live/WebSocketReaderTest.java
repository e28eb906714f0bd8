package dev.freshet.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Rolls;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WebSocketReaderTest {
  private static final int MAX = 1_000;

  /// Keeps what was read, a line each.
  private static final class Heard implements WebSocketReader.Listener {
    final List<String> lines = new ArrayList<>();

    @Override
    public void text(String message) {
      lines.add("text " + message);
    }

    @Override
    public void ping(byte[] payload) {
      lines.add("ping " + payload.length);
    }

    @Override
    public void pong() {
      lines.add("pong");
    }

    @Override
    public void close(int code) {
      lines.add("close " + code);
    }
  }

  private final Heard heard = new Heard();
  private final WebSocketReader reader = new WebSocketReader(MAX, heard);

  /// A client's frame.
  private static byte[] frame(int first, byte[] payload) {
    byte[] plain = WebSocketFrames.frame(0, payload);
    int head = plain.length - payload.length;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(first);
    out.write(plain[1] | 0x80);
    out.write(plain, 2, head - 2);
    byte[] mask = {1, (byte) 0x80, 3, (byte) 0xff};
    out.writeBytes(mask);
    for (int i = 0; i < payload.length; i++) {
      out.write(payload[i] ^ mask[i & 3]);
    }
    return out.toByteArray();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] joined(byte[]... pieces) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] piece : pieces) {
      out.writeBytes(piece);
    }
    return out.toByteArray();
  }

  private int refused(byte[]... pieces) {
    try {
      new WebSocketReader(MAX, heard).read(joined(pieces));
      return 0;
    } catch (WebSocketReader.Broken e) {
      return e.code();
    }
  }

  @Test
  void readsMessagesAlsoInFragmentsWithControlFramesBetweenThem() throws WebSocketReader.Broken {
    reader.read(frame(0x81, text("whole")));
    reader.read(frame(0x01, text("be")));
    reader.read(frame(0x89, text("?")));
    reader.read(frame(0x00, text("gi")));
    reader.read(frame(0x80, text("n é")));
    reader.read(frame(0x8a, new byte[0]));
    reader.read(frame(0x88, new byte[] {3, (byte) 0xe9}));
    assertThat(heard.lines)
        .containsExactly("text whole", "ping 1", "text begin é", "pong", "close 1001");
  }

  @Test
  void hearsNothingAfterTheClose() throws WebSocketReader.Broken {
    reader.read(joined(frame(0x88, new byte[0]), frame(0x81, text("late"))));
    reader.read(frame(0x81, text("later")));
    assertThat(heard.lines).containsExactly("close 1000");
  }

  @Test
  void refusesWhatTheRfcForbids() {
    byte[] unmasked = frame(0x81, text("x"));
    unmasked[1] &= 0x7f;
    assertThat(refused(unmasked)).isEqualTo(WebSocketFrames.PROTOCOL_ERROR);
    assertThat(refused(frame(0xc1, text("x")))).isEqualTo(WebSocketFrames.PROTOCOL_ERROR);
    assertThat(refused(frame(0x80, text("x")))).isEqualTo(WebSocketFrames.PROTOCOL_ERROR);
    assertThat(refused(frame(0x01, text("x")), frame(0x81, text("y"))))
        .isEqualTo(WebSocketFrames.PROTOCOL_ERROR);
    assertThat(refused(frame(0x82, text("x")))).isEqualTo(WebSocketFrames.UNSUPPORTED);
    assertThat(refused(frame(0x83, text("x")))).isEqualTo(WebSocketFrames.PROTOCOL_ERROR);
    assertThat(refused(frame(0x8b, text("x")))).isEqualTo(WebSocketFrames.PROTOCOL_ERROR);
    assertThat(refused(frame(0x09, text("x")))).isEqualTo(WebSocketFrames.PROTOCOL_ERROR);
    assertThat(refused(frame(0x89, new byte[126]))).isEqualTo(WebSocketFrames.PROTOCOL_ERROR);
    assertThat(refused(frame(0x88, new byte[1]))).isEqualTo(WebSocketFrames.PROTOCOL_ERROR);
    assertThat(refused(frame(0x88, new byte[] {3, (byte) 0xed})))
        .isEqualTo(WebSocketFrames.PROTOCOL_ERROR);
    assertThat(refused(frame(0x81, new byte[] {(byte) 0xc3}))).isEqualTo(WebSocketFrames.NOT_UTF8);
    assertThat(refused(frame(0x81, new byte[MAX + 1]))).isEqualTo(WebSocketFrames.TOO_BIG);
    assertThat(refused(frame(0x01, new byte[MAX]), frame(0x00, new byte[1])))
        .isEqualTo(WebSocketFrames.TOO_BIG);
    byte[] long16 = {(byte) 0x81, (byte) 0xfe, 0, 5, 0, 0, 0, 0};
    assertThat(refused(long16)).isEqualTo(WebSocketFrames.PROTOCOL_ERROR);
    byte[] negative = {(byte) 0x81, (byte) 0xff, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0};
    assertThat(refused(negative)).isEqualTo(WebSocketFrames.PROTOCOL_ERROR);
    byte[] huge = {(byte) 0x81, (byte) 0xff, 0x7f, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0};
    assertThat(refused(huge)).isEqualTo(WebSocketFrames.TOO_BIG);
  }

  /// However the octets are cut, the same is read.
  @Test
  void readsTheSameHoweverItArrives() throws WebSocketReader.Broken {
    Rolls rolls = new Rolls(20_261_126);
    for (int run = 0; run < 3_000; run++) {
      ByteArrayOutputStream sent = new ByteArrayOutputStream();
      List<String> expected = new ArrayList<>();
      for (int i = rolls.between(1, 6); i > 0; i--) {
        String words = rolls.text(rolls.between(0, 400), " é€");
        byte[] octets = text(words.substring(0, Math.min(words.length(), 300)));
        expected.add("text " + new String(octets, StandardCharsets.UTF_8));
        int cut = rolls.between(0, octets.length);
        sent.writeBytes(frame(0x01, Arrays.copyOf(octets, cut)));
        if (rolls.chance(0.3)) {
          sent.writeBytes(frame(0x89, rolls.bytes(3)));
          expected.add(expected.size() - 1, "ping 3");
        }
        sent.writeBytes(frame(0x80, Arrays.copyOfRange(octets, cut, octets.length)));
      }
      Heard got = new Heard();
      WebSocketReader cutting = new WebSocketReader(4_000, got);
      byte[] all = sent.toByteArray();
      int at = 0;
      while (at < all.length) {
        int n = Math.min(all.length - at, rolls.between(1, 200));
        cutting.read(Arrays.copyOfRange(all, at, at + n));
        at += n;
      }
      assertThat(got.lines).as("seed %d, run %d", rolls.seed(), run).isEqualTo(expected);
    }
  }

  /// Noise and damaged frames end in a refusal or in silence, and in nothing else.
  @Test
  void survivesWhateverComes() {
    Rolls rolls = new Rolls(20_261_127);
    for (int run = 0; run < 20_000; run++) {
      byte[] octets =
          rolls.chance(0.3)
              ? rolls.bytes(rolls.between(0, 300))
              : frame(rolls.between(0, 255), rolls.bytes(rolls.between(0, 300)));
      if (octets.length > 0 && rolls.chance(0.7)) {
        octets[rolls.between(0, Math.min(13, octets.length - 1))] = (byte) rolls.between(0, 255);
      }
      int code = refused(octets);
      assertThat(code)
          .isIn(
              0,
              WebSocketFrames.PROTOCOL_ERROR,
              WebSocketFrames.UNSUPPORTED,
              WebSocketFrames.NOT_UTF8,
              WebSocketFrames.TOO_BIG);
    }
  }

  @Test
  void refusesFramesOfAClientThatAreNotMasked() {
    assertThatThrownBy(() -> reader.read(new byte[] {0, 0})).hasMessageContaining("masked");
  }
}
