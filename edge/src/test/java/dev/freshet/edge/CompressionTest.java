package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.decoder.Decoder;
import com.aayushatharva.brotli4j.decoder.DirectDecompress;
import com.github.luben.zstd.ZstdInputStream;
import dev.freshet.base.ByteSize;
import dev.freshet.base.Rolls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Contents are coded whole, and who waits for one waits for nobody's but his own.
class CompressionTest {
  private final Compression compression =
      new Compression(new CompressionConfig(true, 1, new ByteSize(1_000), 1, 2));
  private final BlockingQueue<String> done = new LinkedBlockingQueue<>();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch gate = new CountDownLatch(1);

  @AfterEach
  void close() {
    gate.countDown();
    compression.close();
  }

  private String next() throws InterruptedException {
    String next = done.poll(10, TimeUnit.SECONDS);
    return next == null ? "nothing came" : next;
  }

  /// Until the gate is opened.
  private void hold() {
    begun.countDown();
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void holdTheBackground() throws InterruptedException {
    assertThat(compression.soon(this::hold)).isTrue();
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void nobodyWaitsBehindWhatNobodyWaitsFor() throws InterruptedException {
    holdTheBackground();
    assertThat(compression.soon(() -> done.add("in the background"))).isTrue();
    assertThat(compression.forWhoWaits(() -> done.add("for who waits"))).isTrue();
    assertThat(next()).isEqualTo("for who waits");
    gate.countDown();
    assertThat(next()).isEqualTo("in the background");
  }

  @Test
  void whatIsDoneIdlyComesLastAndIsBounded() throws InterruptedException {
    holdTheBackground();
    assertThat(compression.idle(Background.MAX_IDLE_OCTETS, () -> done.add("idle"))).isTrue();
    assertThat(compression.idle(1, () -> done.add("too much"))).isFalse();
    assertThat(compression.soon(() -> done.add("one"))).isTrue();
    assertThat(compression.soon(() -> done.add("two"))).isTrue();
    assertThat(compression.soon(() -> done.add("too many"))).isFalse();
    gate.countDown();
    assertThat(List.of(next(), next(), next())).containsExactly("one", "two", "idle");
    // What was done makes room again, also where it broke.
    assertThat(compression.soon(() -> done.add("three"))).isTrue();
    assertThat(next()).isEqualTo("three");
    assertThat(compression.idle(Background.MAX_IDLE_OCTETS, () -> done.add("idle"))).isTrue();
    assertThat(next()).isEqualTo("idle");
  }

  @Test
  void whoWaitsStillGetsItAfterAGracefulEndAndTheRestIsDoneToo() throws InterruptedException {
    holdTheBackground();
    compression.idle(1, () -> done.add("idle"));
    compression.soon(() -> done.add("soon"));
    compression.closeGracefully();
    assertThat(compression.forWhoWaits(() -> done.add("late"))).isFalse();
    assertThat(compression.soon(() -> done.add("late"))).isFalse();
    assertThat(compression.idle(1, () -> done.add("late"))).isFalse();
    gate.countDown();
    assertThat(next()).isEqualTo("soon");
    assertThat(compression.awaitEnd(10, TimeUnit.SECONDS)).isTrue();
    assertThat(done).isEmpty();
  }

  @Test
  void aCloseDropsWhatIsNotBegun() throws InterruptedException {
    holdTheBackground();
    compression.soon(() -> done.add("soon"));
    CountDownLatch other = new CountDownLatch(1);
    compression.forWhoWaits(() -> {
      other.countDown();
      hold();
    });
    assertThat(other.await(10, TimeUnit.SECONDS)).isTrue();
    compression.forWhoWaits(() -> done.add("for who waits"));
    compression.close();
    gate.countDown();
    assertThat(compression.awaitEnd(10, TimeUnit.SECONDS)).isTrue();
    assertThat(done).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void onlyWhatNobodyWaitsForGivesWay() throws InterruptedException, IOException {
    String own = nice();
    Runnable tell =
        () -> {
          try {
            done.add(nice());
          } catch (IOException e) {
            done.add(e.toString());
          }
        };
    compression.forWhoWaits(tell);
    assertThat(next()).isEqualTo(own);
    compression.soon(tell);
    assertThat(next()).isEqualTo("19");
  }

  /// proc(5): the 19th field, the 17th behind the name.
  private static String nice() throws IOException {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16];
  }

  @Test
  void whatIsCodedComesOutAsItWentIn() throws IOException {
    Rolls rolls = new Rolls(System.nanoTime());
    for (int length :
        new int[] {1, 500, 1_023, 1_025, 65_535, 65_536, 65_537, 300_000, 1_100_000}) {
      byte[] content = words(rolls, length);
      int cut = rolls.between(0, length);
      byte[][] pieces = {Arrays.copyOf(content, cut), Arrays.copyOfRange(content, cut, length)};
      for (Coding coding : compression.available()) {
        for (Effort effort : Effort.values()) {
          if (effort == Effort.UTMOST && length > 100_000) {
            continue;
          }
          byte[][] coded = compression.encode(pieces, coding, effort);
          assertThat(decoded(Pieces.joined(coded), coding))
              .as("%s %s of %d, seed %d", coding, effort, length, rolls.seed())
              .isEqualTo(content);
        }
      }
    }
  }

  @Test
  void whatIsShortIsCodedWellAtOnce() {
    byte[][] small = {words(new Rolls(1), Effort.SMALL)};
    byte[][] large = {words(new Rolls(1), Effort.SMALL + 1)};
    for (Coding coding : compression.available()) {
      long well = Form.length(compression.encode(small, coding, Effort.WELL));
      assertThat(Form.length(compression.encode(small, coding, Effort.QUICK))).isEqualTo(well);
      assertThat(Form.length(compression.encode(large, coding, Effort.QUICK)))
          .isGreaterThan(Form.length(compression.encode(large, coding, Effort.WELL)));
    }
  }

  private static byte[] words(Rolls rolls, int length) {
    StringBuilder out = new StringBuilder(length + 20);
    while (out.length() < length) {
      out.append("word").append(rolls.between(1, 900)).append(' ');
    }
    return Arrays.copyOf(out.toString().getBytes(StandardCharsets.US_ASCII), length);
  }

  private static byte[] decoded(byte[] coded, Coding coding) throws IOException {
    ByteArrayInputStream in = new ByteArrayInputStream(coded);
    return switch (coding) {
      case BR -> {
        DirectDecompress made = Decoder.decompress(coded);
        yield made.getDecompressedData();
      }
      case ZSTD -> new ZstdInputStream(in).readAllBytes();
      case GZIP -> new GZIPInputStream(in).readAllBytes();
    };
  }
}
