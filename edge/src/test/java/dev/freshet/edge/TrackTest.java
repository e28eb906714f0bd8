package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.http.Fields;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What is written for several to read, and how far behind one is.
final class TrackTest {
  private final OriginsFixture edge = new OriginsFixture();
  private final Track track = new Track();
  private final List<Long> told = new ArrayList<>();
  private final TrackReader reader =
      new TrackReader(
          new InnerClient(
              edge.loop, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), 10_000),
          track,
          track.here(),
          () -> {},
          (complete, octets) -> told.add(octets));

  @AfterEach
  void close() {
    edge.close();
  }

  /// What sets the pace of an app that sends an octet at a time is the memory that these take.
  @Test
  void aReaderIsBehindByTheRoomThatCrumbsTakeAndNotByTheirOctets() {
    for (int i = 0; i < 1_000; i++) {
      track.append(new byte[] {'x'});
    }
    assertThat(track.written()).isEqualTo(1_000);
    assertThat(reader.lag()).isGreaterThan(40_000);
    reader.pump();
    assertThat(reader.lag()).isZero();
    track.append(new byte[5_000]);
    assertThat(reader.lag()).isBetween(5_000L, 5_100L);
    track.end(new Fields(0));
    reader.pump();
    assertThat(reader.lag()).isZero();
    assertThat(told).containsExactly(6_000L);
  }

  /// A stream without end that is not kept would fill the memory else.
  @Test
  void piecesDieWhenTheirLastReaderHasPassedThem() {
    WeakReference<byte[]> passed = appended();
    WeakReference<byte[]> last = appended();
    reader.pump();
    await(() -> isGone(passed), "the piece that was passed to be freed");
    // What comes next is linked to this one.
    assertThat(isGone(last)).isFalse();
    assertThat(track.written()).isEqualTo(2_000);
  }

  /// What is stored is not copied on the event loop, except for crumbs.
  @Test
  void isCollectedInFewPiecesWithoutCopyingLargeOnes() {
    Track.Piece start = track.here();
    byte[] large = filled(16_384, 'b');
    track.append(filled(10, 'a'));
    track.append(filled(20, 'a'));
    track.append(large);
    for (int i = 0; i < 7; i++) {
      track.append(filled(10_000, 'c'));
    }
    track.end(new Fields(0));
    byte[][] all = Track.collect(start, track.written());
    assertThat(all).hasNumberOfRows(4);
    assertThat(all[0]).isEqualTo(filled(30, 'a'));
    assertThat(all[1]).isSameAs(large);
    assertThat(all[2]).isEqualTo(filled(60_000, 'c'));
    assertThat(all[3]).isEqualTo(filled(10_000, 'c'));
    Track empty = new Track();
    Track.Piece nothing = empty.here();
    empty.end(new Fields(0));
    assertThat(Track.collect(nothing, 0)).isDeepEqualTo(new byte[1][0]);
  }

  private static byte[] filled(int octets, char with) {
    byte[] out = new byte[octets];
    Arrays.fill(out, (byte) with);
    return out;
  }

  private WeakReference<byte[]> appended() {
    byte[] octets = new byte[1_000];
    track.append(octets);
    return new WeakReference<>(octets);
  }

  private static boolean isGone(WeakReference<byte[]> octets) {
    System.gc();
    return octets.get() == null;
  }
}
