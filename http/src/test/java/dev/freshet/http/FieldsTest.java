package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The field lines of a head (RFC 9110, section 5).
class FieldsTest {
  private static final FieldName A = FieldName.of("A");
  private static final FieldName B = FieldName.of("b");

  /// A line of the model.
  private record Line(String name, String value) {}

  @Test
  void keepsLinesInOrderWithTheirRepetitions() {
    Fields fields = Fields.of("A", "1", "B", "2", "a", "3");
    assertThat(fields.size()).isEqualTo(3);
    assertThat(fields.first(A)).isEqualTo("1");
    assertThat(fields.all(A)).containsExactly("1", "3");
    assertThat(fields.combined(A)).isEqualTo("1, 3");
    assertThat(fields.combined(B)).isEqualTo("2");
    assertThat(fields.indexOf(A, 1)).isEqualTo(2);
    assertThat(fields).hasToString("A: 1\nB: 2\na: 3\n");
  }

  @Test
  void tellsAbsentFromEmpty() {
    Fields fields = Fields.of("A", "");
    assertThat(fields.has(A)).isTrue();
    assertThat(fields.first(A)).isEmpty();
    assertThat(fields.combined(A)).isEmpty();
    assertThat(fields.has(B)).isFalse();
    assertThat(fields.first(B)).isNull();
    assertThat(fields.combined(B)).isNull();
    assertThat(fields.all(B)).isEmpty();
    assertThat(fields.indexOf(B, 0)).isEqualTo(-1);
  }

  @Test
  void combinesEmptyLinesToo() {
    assertThat(Fields.of("A", "", "A", "1", "A", "").combined(A)).isEqualTo(", 1, ");
  }

  @Test
  void setsAtThePlaceOfTheFirst() {
    Fields fields = Fields.of("X", "0", "A", "1", "B", "2", "A", "3").set(A, "4");
    assertThat(fields).isEqualTo(Fields.of("X", "0", "A", "4", "B", "2"));
    assertThat(fields.set(FieldName.ETAG, "5").value(3)).isEqualTo("5");
  }

  @Test
  void growsFromNothing() {
    Fields fields = new Fields(0);
    for (int i = 0; i < 100; i++) {
      fields.add(A, Integer.toString(i));
    }
    assertThat(fields.all(A)).hasSize(100);
    assertThat(fields.value(99)).isEqualTo("99");
  }

  @Test
  void copiesAreIndependent() {
    Fields fields = Fields.of("A", "1");
    Fields copy = fields.copy();
    copy.set(A, "2").add(B, "3");
    assertThat(fields).isEqualTo(Fields.of("A", "1"));
    fields.remove(A);
    assertThat(copy).isEqualTo(Fields.of("A", "2", "B", "3"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void agreesWithAPlainList(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    List<String> names = List.of("A", "a", "B", "Host", "HOST", "etag", "X-Own", "x-own");
    Fields fields = new Fields(rolls.between(0, 3));
    List<Line> model = new ArrayList<>();
    for (int step = 0; step < 5_000; step++) {
      String name = rolls.oneOf(names);
      String value = rolls.text(rolls.between(0, 3), "");
      switch (rolls.between(0, 9)) {
        case 0 -> {
          fields.remove(FieldName.of(name));
          model.removeIf(line -> line.name().equalsIgnoreCase(name));
        }
        case 1, 2 -> {
          fields.set(FieldName.of(name), value);
          set(model, name, value);
        }
        case 3 -> {
          Fields more = Fields.of(name, value, "B", "b");
          fields.addAll(more);
          model.add(new Line(name, value));
          model.add(new Line("B", "b"));
        }
        case 4 -> fields = fields.copy();
        default -> {
          fields.add(FieldName.of(name), value);
          model.add(new Line(name, value));
        }
      }
      if (model.size() > 20) {
        fields.removeIf(n -> n.lower().startsWith("x"));
        model.removeIf(line -> line.name().toLowerCase(Locale.ROOT).startsWith("x"));
      }
      check(fields, model, "seed " + rolls.seed() + ", step " + step);
    }
  }

  private static void set(List<Line> model, String name, String value) {
    int first = 0;
    while (first < model.size() && !model.get(first).name().equalsIgnoreCase(name)) {
      first++;
    }
    if (first == model.size()) {
      model.add(new Line(name, value));
      return;
    }
    model.subList(first + 1, model.size()).removeIf(line -> line.name().equalsIgnoreCase(name));
    model.set(first, new Line(model.get(first).name(), value));
  }

  private static void check(Fields fields, List<Line> model, String where) {
    assertThat(fields.size()).as(where).isEqualTo(model.size());
    assertThat(fields.isEmpty()).as(where).isEqualTo(model.isEmpty());
    Fields same = new Fields();
    for (int i = 0; i < model.size(); i++) {
      Line line = model.get(i);
      assertThat(fields.name(i).lower()).as(where).isEqualTo(line.name().toLowerCase(Locale.ROOT));
      assertThat(fields.value(i)).as(where).isEqualTo(line.value());
      same.add(FieldName.of(line.name().toUpperCase(Locale.ROOT)), line.value());
    }
    assertThat(fields).as(where).isEqualTo(same).hasSameHashCodeAs(same);
    assertThat(fields).as(where).isNotEqualTo(same.copy().add(A, "more"));
    for (Line line : model) {
      List<String> values =
          model.stream()
              .filter(l -> l.name().equalsIgnoreCase(line.name()))
              .map(Line::value)
              .toList();
      FieldName name = FieldName.of(line.name());
      assertThat(fields.all(name)).as(where).isEqualTo(values);
      assertThat(fields.combined(name)).as(where).isEqualTo(String.join(", ", values));
    }
  }
}
