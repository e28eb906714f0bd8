package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.http.Framing;
import dev.freshet.http.HeadReader;
import dev.freshet.http.HeadReader.Refused;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// Content in chunks, as clients like to cut it.
final class Http1ContentTest {
  private static final HeadReader.Bounds BOUNDS = new HeadReader.Bounds(100, 8_192);

  /// Counts the octets that are copied out of it.
  private static final class Counting extends UnpooledHeapByteBuf {
    private long copied;

    Counting(ByteBufAllocator from, byte[] octets) {
      super(from, octets, octets.length);
    }

    @Override
    public ByteBuf getBytes(int index, byte[] to, int at, int length) {
      copied += length;
      return super.getBytes(index, to, at, length);
    }
  }

  /// What has come is looked at once, not once for each chunk in it.
  @Test
  void aChunkForEachOctetCostsNoMoreThanItsOctets() throws Refused {
    int octets = 2_000;
    byte[] all = ("1\r\nx\r\n".repeat(octets) + "0\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    Counting in = new Counting(UnpooledByteBufAllocator.DEFAULT, all);
    Http1Content content = new Http1Content(Framing.CHUNKED, BOUNDS, octets);
    NotedContent to = new NotedContent();
    while (!content.isComplete()) {
      content.take(in, to);
    }
    assertThat(to.toString()).hasSize(octets);
    // What is written down copies each of them.
    assertThat(in.copied).isLessThan(2L * all.length);
    assertThat(in.isReadable()).isFalse();
    in.release();
    assertThat(in.refCnt()).isZero();
  }

  @Test
  void readsTheSameHoweverItIsCut() throws Refused {
    String all = "3\r\nabc\r\nA;x=y\r\ndefghijklm\r\n1\r\nn\r\n0\r\nSum: 7\r\n\r\n";
    for (int step = 1; step <= all.length(); step++) {
      Http1Content content = new Http1Content(Framing.CHUNKED, BOUNDS, 14);
      NotedContent to = new NotedContent();
      for (int at = 0; at < all.length(); at += step) {
        String piece = all.substring(at, Math.min(all.length(), at + step));
        ByteBuf in = Unpooled.copiedBuffer(piece, StandardCharsets.US_ASCII);
        while (in.isReadable()) {
          content.take(in, to);
        }
        in.release();
      }
      assertThat(content.isComplete()).isTrue();
      assertThat(to).hasToString("abcdefghijklmn");
      assertThat(content.trailers().size()).isEqualTo(1);
    }
  }

  @Test
  void refusesMoreThanIsAllowed() {
    Http1Content content = new Http1Content(Framing.CHUNKED, BOUNDS, 3);
    ByteBuf in = Unpooled.copiedBuffer("4\r\nabcd\r\n0\r\n\r\n", StandardCharsets.US_ASCII);
    assertThatThrownBy(() -> content.take(in, new NotedContent()))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.status()).isEqualTo(413));
    in.release();
  }
}
