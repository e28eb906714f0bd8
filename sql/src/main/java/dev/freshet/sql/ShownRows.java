package dev.freshet.sql;

import dev.freshet.freshness.Dependency;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The rows of one answer, as they pass: their keys tell which rows of a table were shown, so that
/// what changes in others need not count. Of one thread.
public final class ShownRows {
  /// Beyond so many, all rows count.
  static final int MAX_KEYS = 2_000;

  private final Footprint.Reads reads;
  private final Arguments arguments;
  private final List<Rows.Key> keys;
  private final int width;
  private final Map<Integer, Set<String>> seen = new HashMap<>();

  ShownRows(Footprint.Reads reads, Arguments arguments, List<Rows.Key> keys, int width) {
    this.reads = reads;
    this.arguments = arguments;
    this.keys = keys;
    this.width = width;
    keys.forEach(key -> seen.put(key.place(), new LinkedHashSet<>()));
  }

  /// Whether further rows would tell anything.
  public boolean isOpen() {
    return !seen.isEmpty();
  }

  /// Not all rows will come.
  public void spoil() {
    seen.clear();
  }

  /// A row has come.
  ///
  /// @param message a DataRow, from the count of its values on
  public void row(ByteBuffer message) {
    if (isOpen() && !read(message)) {
      seen.clear();
    }
  }

  private boolean read(ByteBuffer in) {
    if (in.remaining() < 2 || in.getShort() != width) {
      return false;
    }
    for (int i = 0; i < width; i++) {
      int length = in.remaining() < 4 ? -2 : in.getInt();
      if (length < -1 || length > in.remaining()) {
        return false;
      }
      int next = in.position() + Math.max(0, length);
      for (Rows.Key key : keys) {
        Set<String> values = seen.get(i);
        if (key.place() == i && values != null && !add(key, in, length, values)) {
          seen.remove(i);
        }
      }
      in.position(next);
    }
    return true;
  }

  /// False where it is not known which row it was.
  private boolean add(Rows.Key key, ByteBuffer in, int length, Set<String> to) {
    if (length < 0) {
      return false;
    }
    byte[] value = new byte[length];
    in.duplicate().get(value);
    Boolean isBinary = arguments.isResultBinary(key.place());
    if (isBinary == null) {
      return false;
    }
    Catalog.Column column = key.column();
    if (isBinary) {
      List<String> out = new ArrayList<>();
      if (!Values.scalar(value, 0, length, column.type(), column.form(), out)) {
        return false;
      }
      to.addAll(out);
    } else {
      String canonical = column.form().canonical(new String(value, StandardCharsets.UTF_8));
      if (canonical == null) {
        return false;
      }
      to.add(canonical);
    }
    return to.size() <= MAX_KEYS;
  }

  /// What the answer was made from, once all its rows have come.
  public List<Dependency> dependencies() {
    return reads.dependencies(arguments, seen);
  }
}
