package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Who walks a list sees each element once, whatever happens to the list meanwhile.
class CutTest {
  private static final int LIST = 7;
  private static final int CASES = 500;

  private static ListIndex index(List<Integer> ids) {
    String text =
        ids.stream().map(id -> "{\"id\":" + id + "}").collect(Collectors.joining(",", "[", "]"));
    return ListIndex.of(
        new Pieces(new byte[][] {text.getBytes(StandardCharsets.UTF_8)}),
        JsonPointer.parse(""),
        JsonPointer.parse("/id"),
        1_000);
  }

  private static Cut cut(List<Integer> ids, @Nullable Cursor cursor, int limit, Orders orders) {
    ListIndex index = index(ids);
    Cut cut = Cut.of(index, LIST, cursor, limit, Long.MAX_VALUE, orders);
    if (cut instanceof Cut.Page) {
      orders.keep(LIST, index);
    }
    // What goes through a URL comes back the same.
    if (cursor != null) {
      assertThat(Cursor.parse(cursor.toString())).isEqualTo(cursor);
    }
    return cut;
  }

  /// What a reader sees until the end, in order; `change` is called between pages. Null when the
  /// walk could not go on.
  private static @Nullable List<Integer> walk(
      List<Integer> ids, Rolls rolls, Orders orders, Runnable change) {
    List<Integer> seen = new ArrayList<>();
    Cursor cursor = null;
    do {
      Cut cut = cut(ids, cursor, rolls.between(1, 4), orders);
      if (!(cut instanceof Cut.Page page)) {
        return null;
      }
      page.elements().forEach(element -> seen.add(ids.get(element)));
      cursor = page.next();
      change.run();
    } while (cursor != null);
    return seen;
  }

  private static void change(List<Integer> ids, Rolls rolls, boolean moves) {
    for (int i = rolls.between(0, 3); i > 0; i--) {
      int at = rolls.between(0, ids.size());
      switch (rolls.between(0, moves ? 2 : 1)) {
        case 0 -> ids.add(at, 1_000 + rolls.between(0, 1_000_000_000));
        case 1 -> {
          if (at < ids.size()) {
            ids.subList(at, at + 1).clear();
          }
        }
        default -> {
          if (at < ids.size()) {
            int moved = ids.get(at);
            ids.subList(at, at + 1).clear();
            ids.add(rolls.between(0, ids.size()), moved);
          }
        }
      }
    }
  }

  private static List<Integer> some(Rolls rolls) {
    List<Integer> ids = new ArrayList<>();
    for (int i = rolls.between(0, 25); i > 0; i--) {
      ids.add(i);
    }
    return ids;
  }

  @Test
  void seesEachElementOnceThoughElementsComeGoAndMove() {
    Rolls rolls = new Rolls(System.nanoTime());
    for (int i = 0; i < CASES; i++) {
      List<Integer> ids = some(rolls);
      Set<Integer> always = new HashSet<>(ids);
      List<Integer> seen =
          walk(
              ids,
              rolls,
              new Orders(1 << 20),
              () -> {
                change(ids, rolls, true);
                always.retainAll(ids);
              });
      assertThat(seen).as("seed %d", rolls.seed()).isNotNull().doesNotHaveDuplicates();
      assertThat(seen).as("seed %d", rolls.seed()).containsAll(always);
    }
  }

  /// Another node, or one that was started anew.
  @Test
  void goesOnByTheKeyWhereTheOrderIsNotKnown() {
    Rolls rolls = new Rolls(System.nanoTime());
    int ends = 0;
    for (int i = 0; i < CASES; i++) {
      List<Integer> ids = some(rolls);
      Set<Integer> always = new HashSet<>(ids);
      List<Integer> seen =
          walk(
              ids,
              rolls,
              new Orders(0),
              () -> {
                change(ids, rolls, false);
                always.retainAll(ids);
              });
      if (seen != null) {
        ends++;
        assertThat(seen).as("seed %d", rolls.seed()).doesNotHaveDuplicates().containsAll(always);
      }
    }
    assertThat(ends).as("seed %d", rolls.seed()).isGreaterThan(CASES / 3);
  }

  @Test
  void leadsBackTheWayItCame() {
    Rolls rolls = new Rolls(System.nanoTime());
    for (int i = 0; i < CASES; i++) {
      List<Integer> ids = some(rolls);
      int limit = rolls.between(1, 5);
      List<Cut.Page> there = new ArrayList<>();
      Cursor cursor = null;
      do {
        Cut.Page page = (Cut.Page) cut(ids, cursor, limit, new Orders(0));
        there.add(page);
        cursor = page.next();
      } while (cursor != null);
      assertThat(there.getFirst().previous()).isNull();
      for (int p = there.size() - 1; p > 0; p--) {
        Cursor back = there.get(p).previous();
        Cut.Page page = (Cut.Page) cut(ids, back, limit, new Orders(0));
        assertThat(page.elements())
            .as("seed %d", rolls.seed())
            .isEqualTo(there.get(p - 1).elements());
      }
    }
  }

  @Test
  void aPageHoldsNoMoreOctetsThanAskedUnlessOneElementAloneDoes() {
    ListIndex index = index(List.of(1, 2, 3, 4, 500_000_000));
    Cut.Page page = (Cut.Page) Cut.of(index, LIST, null, 100, 17, new Orders(0));
    // {"id":1}, twice, with a comma between.
    assertThat(page.elements()).containsExactly(0, 1);
    Cut.Page one = (Cut.Page) Cut.of(index, LIST, null, 100, 3, new Orders(0));
    assertThat(one.elements()).containsExactly(0);
  }

  @Test
  void aCursorOfAnotherListOrMadeUpIsNone() {
    ListIndex index = index(List.of(1, 2, 3));
    Cursor other = new Cursor(false, LIST + 1, index.version(), 1, index.key(0));
    assertThat(Cut.of(index, LIST, other, 2, 1_000, new Orders(0))).isEqualTo(new Cut.Foreign());
    Cursor far = new Cursor(false, LIST, index.version(), 4, 0);
    assertThat(Cut.of(index, LIST, far, 2, 1_000, new Orders(0))).isEqualTo(new Cut.Foreign());
    String text = new Cursor(true, LIST, 5, 4, 3).toString();
    assertThat(Cursor.parse(text.substring(1))).isNull();
    assertThat(Cursor.parse(text.substring(0, 5) + "B" + text.substring(6))).isNull();
    assertThat(Cursor.parse(text + "=")).isNull();
    assertThat(Cursor.parse("*")).isNull();
    assertThat(Cursor.parse("")).isNull();
  }

  @Test
  void ordersThatNobodyUsedForLongestGoFirst() {
    ListIndex one = index(List.of(1));
    ListIndex two = index(List.of(2));
    ListIndex three = index(List.of(3));
    Orders orders = new Orders(300);
    orders.keep(LIST, one);
    orders.keep(LIST, two);
    assertThat(orders.of(LIST, one.version())).isNotNull();
    orders.keep(LIST, three);
    assertThat(orders.of(LIST, two.version())).isNull();
    assertThat(orders.of(LIST, one.version())).isNotNull();
    assertThat(orders.of(LIST + 1, one.version())).isNull();
  }
}
