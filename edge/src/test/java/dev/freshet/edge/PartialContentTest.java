package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.edge.Parts.Span;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartialContentTest {
  private static final int LENGTH = 3_000;

  private final Rolls rolls = new Rolls(System.nanoTime());
  private final byte[] whole = rolls.bytes(LENGTH);

  /// In one piece or more.
  private PartialContent part(int first, int last) {
    int cut = rolls.between(first, last);
    byte[][] octets = {
      Arrays.copyOfRange(whole, first, cut), Arrays.copyOfRange(whole, cut, last + 1)
    };
    return new PartialContent(Parts.of(first, last), octets);
  }

  private Span span() {
    int first = rolls.between(0, LENGTH - 1);
    int most = Math.min(LENGTH - 1, first + (rolls.chance(0.8) ? 200 : LENGTH));
    return new Span(first, rolls.chance(0.2) ? first : rolls.between(first, most));
  }

  private static byte[] joined(byte[][] pieces) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] piece : pieces) {
      out.writeBytes(piece);
    }
    return out.toByteArray();
  }

  /// What it holds; fails where an octet is wrong or the parts are out of order.
  private BitSet held(PartialContent content) {
    byte[] octets = joined(content.octets());
    assertThat(content.parts().octets()).isEqualTo(octets.length);
    BitSet out = new BitSet();
    long end = -1;
    int at = 0;
    for (Span span : content.parts().spans()) {
      assertThat(span.first()).as("begins behind a gap").isGreaterThan(end);
      assertThat(span.last()).isBetween(span.first(), LENGTH - 1L);
      end = span.last() + 1;
      int length = (int) span.length();
      assertThat(Arrays.copyOfRange(octets, at, at + length))
          .isEqualTo(Arrays.copyOfRange(whole, (int) span.first(), (int) span.last() + 1));
      assertThat(content.parts().offset(span.first(), span.last())).isEqualTo(at);
      out.set((int) span.first(), (int) span.last() + 1);
      at += length;
    }
    return out;
  }

  /// Against a model that knows each octet by itself.
  @Test
  void holdsWhatAnyOfItsPartsHeld() {
    for (int run = 0; run < 200; run++) {
      BitSet known = new BitSet();
      PartialContent content = null;
      for (int step = 0; step < 20; step++) {
        Span span = span();
        PartialContent added = part((int) span.first(), (int) span.last());
        content = content == null ? added : added.over(content, LENGTH);
        known.set((int) span.first(), (int) span.last() + 1);
        assertThat(held(content)).as("seed %d", rolls.seed()).isEqualTo(known);
        Span asked = span();
        boolean isKnown = known.nextClearBit((int) asked.first()) > asked.last();
        assertThat(content.parts().offset(asked.first(), asked.last()) >= 0)
            .as("seed %d, %s of %s", rolls.seed(), asked, known)
            .isEqualTo(isKnown);
      }
    }
  }

  @Test
  void holdsNoMoreThanItMayAndAlwaysTheNewest() {
    for (int run = 0; run < 100; run++) {
      BitSet known = new BitSet();
      PartialContent content = null;
      int most = rolls.between(1, LENGTH / 2);
      for (int step = 0; step < 100; step++) {
        int first = rolls.between(0, LENGTH - 1);
        int last = Math.min(LENGTH - 1, first + rolls.between(0, Math.min(20, most - 1)));
        PartialContent added = part(first, last);
        content = content == null ? added : added.over(content, most);
        known.set(first, last + 1);
        BitSet held = held(content);
        assertThat(held.nextClearBit(first)).as("seed %d", rolls.seed()).isGreaterThan(last);
        assertThat(held.cardinality()).as("seed %d", rolls.seed()).isLessThanOrEqualTo(most);
        assertThat(content.parts().spans()).hasSizeLessThanOrEqualTo(PartialContent.MAX_SPANS);
        held.andNot(known);
        assertThat(held.isEmpty()).isTrue();
      }
    }
  }

  @Test
  void takesNoMoreRoomOctetByOctetThanInOneGo() {
    PartialContent content = part(0, 0);
    for (int i = 1; i < LENGTH; i++) {
      content = part(i, i).over(content, LENGTH);
    }
    assertThat(content.parts().spans()).isEqualTo(List.of(new Span(0, LENGTH - 1L)));
    assertThat(content.octets()).hasDimensions(1, LENGTH);
  }
}
