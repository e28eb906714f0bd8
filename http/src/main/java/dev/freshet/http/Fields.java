package dev.freshet.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The field lines of a head or of trailers, in order (RFC 9110, section 5); names may repeat.
///
/// Values are what stood between the colon and the end of line without surrounding white space, one
/// char per octet (ISO-8859-1).
public final class Fields {
  private FieldName[] names;
  private String[] values;
  private int size;

  /// The bits of all names that were ever added: a name without its bit is not here.
  private long seen;

  public Fields() {
    this(12);
  }

  public Fields(int capacity) {
    names = new FieldName[capacity];
    values = new String[capacity];
  }

  /// Name, value, name, value … for tests and small literals.
  public static Fields of(String... namesAndValues) {
    Fields out = new Fields(Math.max(1, namesAndValues.length / 2));
    for (int i = 0; i < namesAndValues.length; i += 2) {
      out.add(FieldName.of(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return out;
  }

  public int size() {
    return size;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  public FieldName name(int index) {
    return names[index];
  }

  public String value(int index) {
    return values[index];
  }

  /// Appends a line.
  public Fields add(FieldName name, String value) {
    if (size == names.length) {
      int capacity = size * 2 + 4;
      names = Arrays.copyOf(names, capacity);
      values = Arrays.copyOf(values, capacity);
    }
    names[size] = name;
    values[size++] = value;
    seen |= name.bit();
    return this;
  }

  /// Replaces every line of that name by one, at the place of the first.
  public Fields set(FieldName name, String value) {
    int first = indexOf(name, 0);
    if (first < 0) {
      return add(name, value);
    }
    values[first] = value;
    int kept = first + 1;
    for (int i = first + 1; i < size; i++) {
      if (!names[i].equals(name)) {
        keep(i, kept++);
      }
    }
    size = kept;
    return this;
  }

  public Fields remove(FieldName name) {
    return has(name) ? removeIf(name::equals) : this;
  }

  public Fields removeIf(Predicate<FieldName> unwanted) {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (!unwanted.test(names[i])) {
        keep(i, kept++);
      }
    }
    size = kept;
    return this;
  }

  private void keep(int from, int to) {
    names[to] = names[from];
    values[to] = values[from];
  }

  public boolean has(FieldName name) {
    return indexOf(name, 0) >= 0;
  }

  /// Index of the first line with that name at or after `from`, else -1.
  public int indexOf(FieldName name, int from) {
    if ((seen & name.bit()) == 0) {
      return -1;
    }
    for (int i = from; i < size; i++) {
      if (names[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /// The first line's value, or null.
  public @Nullable String first(FieldName name) {
    int i = indexOf(name, 0);
    return i < 0 ? null : values[i];
  }

  /// All lines of that name joined by `, ` (RFC 9110, section 5.3), or null when there is none.
  public @Nullable String combined(FieldName name) {
    int i = indexOf(name, 0);
    if (i < 0) {
      return null;
    }
    int next = indexOf(name, i + 1);
    if (next < 0) {
      return values[i];
    }
    StringBuilder out = new StringBuilder(values[i]);
    while (next >= 0) {
      out.append(", ").append(values[next]);
      next = indexOf(name, next + 1);
    }
    return out.toString();
  }

  /// Every line's value, in order.
  public List<String> all(FieldName name) {
    List<String> out = new ArrayList<>(2);
    for (int i = indexOf(name, 0); i >= 0; i = indexOf(name, i + 1)) {
      out.add(values[i]);
    }
    return out;
  }

  public Fields copy() {
    Fields out = new Fields(size + 6);
    System.arraycopy(names, 0, out.names, 0, size);
    System.arraycopy(values, 0, out.values, 0, size);
    out.size = size;
    out.seen = seen;
    return out;
  }

  public Fields addAll(Fields other) {
    for (int i = 0; i < other.size; i++) {
      add(other.names[i], other.values[i]);
    }
    return this;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fields f
        && size == f.size
        && Arrays.equals(names, 0, size, f.names, 0, size)
        && Arrays.equals(values, 0, size, f.values, 0, size);
  }

  @Override
  public int hashCode() {
    int hash = size;
    for (int i = 0; i < size; i++) {
      hash = 31 * hash + names[i].hashCode() * 17 + values[i].hashCode();
    }
    return hash;
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < size; i++) {
      out.append(names[i].text()).append(": ").append(values[i]).append('\n');
    }
    return out.toString();
  }
}
