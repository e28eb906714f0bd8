package dev.freshet.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Structured Field Values (RFC 9651): strict, a field that breaks the grammar anywhere counts as
/// absent.
public final class StructuredFields {
  private StructuredFields() {}

  /// A bare item or an inner list; parameters are checked and dropped, no field read here defines
  /// any.
  public sealed interface Value {
    /// Integer.
    record Whole(long number) implements Value {}

    /// Decimal.
    record Fraction(double number) implements Value {}

    /// String or Display String.
    record Text(String text) implements Value {}

    record Token(String text) implements Value {}

    /// Byte Sequence, still in base64.
    record Octets(String base64) implements Value {}

    /// Boolean.
    record Truth(boolean value) implements Value {}

    /// Date, seconds since the epoch.
    record Moment(long seconds) implements Value {}

    record Inner(List<Value> items) implements Value {}
  }

  /// A dictionary's member.
  public record Member(String key, Value value) {}

  /// The members in order; a repeated key keeps its first place and gets its last value. Null when
  /// it does not parse.
  public static @Nullable List<Member> dictionary(String field) {
    StructuredReader in = new StructuredReader(field);
    try {
      Map<String, Value> members = new LinkedHashMap<>();
      in.skipSpaces();
      while (!in.atEnd()) {
        String key = in.key();
        Value value = new Value.Truth(true);
        if (in.take('=')) {
          value = in.itemOrInner();
        } else {
          in.parameters();
        }
        members.put(key, value);
        in.separator();
      }
      List<Member> out = new ArrayList<>();
      members.forEach((key, value) -> out.add(new Member(key, value)));
      return out;
    } catch (StructuredReader.Broken e) {
      return null;
    }
  }

  /// The items and inner lists in order; null when it does not parse.
  public static @Nullable List<Value> list(String field) {
    StructuredReader in = new StructuredReader(field);
    try {
      List<Value> out = new ArrayList<>();
      in.skipSpaces();
      while (!in.atEnd()) {
        out.add(in.itemOrInner());
        in.separator();
      }
      return out;
    } catch (StructuredReader.Broken e) {
      return null;
    }
  }

  /// A list whose members are all strings; empty when anything else is in it.
  public static List<String> strings(String field) {
    List<Value> values = list(field);
    List<String> out = new ArrayList<>();
    if (values != null) {
      for (Value value : values) {
        if (!(value instanceof Value.Text(String text))) {
          return List.of();
        }
        out.add(text);
      }
    }
    return out;
  }
}
