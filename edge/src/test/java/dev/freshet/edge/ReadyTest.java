package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What a loop keeps at hand, against a plain description of it.
class ReadyTest {
  private static final String STATUS = "freshet; hit";
  private final Ready ready = new Ready();
  private final List<ByteBuf> made = new ArrayList<>();

  private static Stored head() {
    return new Stored(200, Fields.of("ETag", "\"same\""));
  }

  private ByteBuf answer(int size, int filling) {
    ByteBuf out = Unpooled.directBuffer(size, size);
    for (int i = 0; i + 4 <= size; i += 64) {
      out.setInt(i, filling);
    }
    out.writerIndex(size);
    made.add(out);
    return out;
  }

  /// Offers a new answer as the path of a hit does, which then sends it.
  private void give(Stored head, Dynamic dynamic, int size, int filling) {
    ByteBuf out = answer(size, filling);
    ready.offer(head, dynamic, out);
    out.release();
  }

  private static Dynamic at(long age) {
    return new Dynamic(age, STATUS, 100 - age);
  }

  @Test
  void keepsWhatIsAskedForTwiceWithinTheSameSecond() {
    Stored head = head();
    give(head, at(1), 100, 7);
    assertThat(ready.find(head, at(1))).isNull();
    give(head, at(1), 100, 7);
    ByteBuf found = Objects.requireNonNull(ready.find(head, at(1)));
    assertThat(found.getInt(0)).isEqualTo(7);
    found.release();
    assertThat(ready.find(head, at(2))).isNull();
    assertThat(ready.find(head, new Dynamic(1, "freshet; hit; detail=stale", 99))).isNull();
    assertThat(ready.find(head(), at(1))).isNull();
    ready.close();
    assertThat(made).allMatch(buffer -> buffer.refCnt() == 0);
  }

  @Test
  void whatIsBeingSentOutlivesWhatIsKept() {
    Stored head = head();
    give(head, at(1), 100, 7);
    give(head, at(1), 100, 7);
    ByteBuf sending = Objects.requireNonNull(ready.find(head, at(1)));
    give(head, at(2), 100, 8);
    give(head, at(2), 100, 8);
    assertThat(sending.getInt(0)).isEqualTo(7);
    sending.release();
    ready.close();
    assertThat(made).allMatch(buffer -> buffer.refCnt() == 0);
  }

  @Test
  void letsGoOfWhatNobodyAsksFor() {
    Stored head = head();
    give(head, at(1), 100, 7);
    give(head, at(1), 100, 7);
    ready.sweep();
    assertThat(ready.octets()).isEqualTo(100);
    ready.sweep();
    assertThat(ready.octets()).isZero();
    assertThat(made).allMatch(buffer -> buffer.refCnt() == 0);
  }

  @Test
  void keepsNothingOnceItIsClosed() {
    Stored head = head();
    ready.close();
    give(head, at(1), 100, 7);
    give(head, at(1), 100, 7);
    assertThat(ready.find(head, at(1))).isNull();
    assertThat(made).allMatch(buffer -> buffer.refCnt() == 0);
  }

  /// Whatever is asked for in whatever order, what is found is what was made for just that, and no
  /// more is held than may be.
  @Test
  void neverGivesAnAnswerThatWasMadeForSomethingElse() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    Rolls rolls = new Rolls(seed);
    List<Stored> heads = new ArrayList<>();
    int[] sizes = new int[600];
    for (int i = 0; i < sizes.length; i++) {
      heads.add(head());
      sizes[i] = rolls.between(4, rolls.chance(0.02) ? 262_144 : 2_000);
    }
    int found = 0;
    for (int step = 0; step < 6_000; step++) {
      int which = rolls.chance(0.7) ? rolls.between(0, 20) : rolls.between(0, sizes.length - 1);
      int age = step / 500 - rolls.between(0, 1);
      Stored head = heads.get(which);
      ByteBuf known = ready.find(head, at(age));
      if (known == null) {
        give(head, at(age), sizes[which], which * 100 + age);
      } else {
        found++;
        assertThat(known.readableBytes()).isEqualTo(sizes[which]);
        assertThat(known.getInt(0)).isEqualTo(which * 100 + age);
        known.release();
      }
      assertThat(ready.octets()).isLessThanOrEqualTo(Ready.MAX_OCTETS);
      if (rolls.chance(0.003)) {
        ready.sweep();
      }
    }
    assertThat(found).isGreaterThan(100);
    ready.close();
    assertThat(ready.octets()).isZero();
    assertThat(made).allMatch(buffer -> buffer.refCnt() == 0);
  }
}
