package dev.freshet.sql;

import java.util.Arrays;

/// Where in a text its parameters stand.
final class ParameterUses {
  private int[] places = new int[8];
  private int count;

  private ParameterUses() {}

  static ParameterUses of(byte[] text, Slots slots) {
    ParameterUses uses = new ParameterUses();
    for (int slot = 0; slot < slots.count(); slot++) {
      SqlLexer at = new SqlLexer(text, slots.from(slot), slots.to(slot));
      while (at.next()) {
        if (at.kind() == SqlLexer.Kind.PARAMETER) {
          uses.add(slot, number(text, at.start() + 1, at.end()));
        }
      }
    }
    return uses;
  }

  private static int number(byte[] text, int from, int to) {
    int number = 0;
    for (int i = from; i < to && number < 100_000; i++) {
      number = number * 10 + text[i] - '0';
    }
    return number;
  }

  private void add(int slot, int number) {
    if (2 * count == places.length) {
      places = Arrays.copyOf(places, 4 * count);
    }
    places[2 * count] = slot;
    places[2 * count + 1] = number;
    count++;
  }

  int count() {
    return count;
  }

  int slot(int use) {
    return places[2 * use];
  }

  int number(int use) {
    return places[2 * use + 1];
  }

  boolean isRepeated(int number) {
    int seen = 0;
    for (int i = 0; i < count; i++) {
      seen += number(i) == number ? 1 : 0;
    }
    return seen > 1;
  }
}
