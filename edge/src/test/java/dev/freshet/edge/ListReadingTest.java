package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.base.Meters;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// A list is read through once for all who wait for it.
class ListReadingTest {
  private static final Pagination HOW =
      new Pagination(
          3, 100, new ByteSize(2_000), new ByteSize(1_000), "", "/id", Pagination.Names.USUAL);
  private final Pages pages = new Pages(32 << 20, new Meters());
  private final List<Runnable> work = new ArrayList<>();

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void whoAsksMeanwhileWaitsForTheSameReading() {
    byte[] first = octets("[1,2,");
    byte[] last = octets("3]");
    CompletableFuture<ListIndex> one = pages.index(new byte[][] {first, last}, HOW, work::add);
    // Another who reads along has the same pieces in an array of his own.
    CompletableFuture<ListIndex> two = pages.index(new byte[][] {first, last}, HOW, work::add);
    assertThat(work).hasSize(1);
    assertThat(two).isNotDone();
    work.getFirst().run();
    assertThat(two.join()).isSameAs(one.join());
    assertThat(two.join().size()).isEqualTo(3);
    assertThat(pages.index(new byte[][] {first, last}, HOW, work::add)).isDone();
    assertThat(work).hasSize(1);
  }

  @Test
  void whatWasReadOnItsWayIsNotReadAgainWhenItIsStored() {
    byte[] first = octets("[1,");
    byte[] second = octets(" ".repeat(20_000) + "2");
    Track track = new Track();
    Track.Piece start = track.here();
    track.append(first);
    track.append(second);
    track.append(octets("]"));
    byte[][] onItsWay = {first, second, octets("]")};
    CompletableFuture<ListIndex> index = pages.index(onItsWay, HOW, work::add);
    work.getFirst().run();
    byte[][] stored = Track.collect(start, track.written());
    CompletableFuture<ListIndex> again = pages.index(stored, HOW, work::add);
    assertThat(work).hasSize(1);
    assertThat(again.join()).isSameAs(index.join());
  }

  @Test
  void anotherContentOrRuleIsReadForItself() {
    byte[] first = octets("[1,2");
    Pagination other =
        new Pagination(
            3, 100, new ByteSize(2_000), new ByteSize(1_000), "/a", "/id", Pagination.Names.USUAL);
    var one = pages.index(new byte[][] {first, octets("]")}, HOW, work::add);
    var two = pages.index(new byte[][] {first, octets(",3]")}, HOW, work::add);
    var three = pages.index(new byte[][] {first, octets("]")}, other, work::add);
    work.forEach(Runnable::run);
    assertThat(one.join().size()).isEqualTo(2);
    assertThat(two.join().size()).isEqualTo(3);
    // The newest stays.
    assertThat(pages.index(new byte[][] {first, octets("]")}, other, work::add)).isDone();
    assertThat(three.join().isList()).isFalse();
    assertThat(pages.index(new byte[][] {}, HOW, work::add).join().isList()).isFalse();
  }

  @Test
  void whatFoundNoRoomIsReadAtTheNextAsk() {
    byte[][] content = {octets("[1]")};
    assertThat(pages.index(content, HOW, one -> false)).isCompletedExceptionally();
    CompletableFuture<ListIndex> again = pages.index(content, HOW, work::add);
    work.getFirst().run();
    assertThat(again.join().size()).isEqualTo(1);
  }

  @Test
  void indexesTakeNoMoreThanTheirShare() {
    Meters meters = new Meters();
    Pages small = new Pages(160_000, meters);
    List<byte[][]> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      byte[][] content = {octets("[" + "1,".repeat(99) + i + "]")};
      all.add(content);
      var _ = small.index(content, HOW, work::add);
    }
    work.forEach(Runnable::run);
    // 3,400 octets each.
    assertThat(
            all.stream()
                .filter(content ->
                    small.index(content, HOW, one -> false).isDone()
                        && !small.index(content, HOW, one -> false).isCompletedExceptionally()))
        .hasSizeBetween(1, 7);
  }
}
