package dev.freshet.freshness;

import org.jspecify.annotations.Nullable;

/// What an answer asks of a column where it doesn't matter what value it has, but only how that
/// compares: `stock > 0` is the same for 5 and for 500. A sign and its opposite are one comparison,
/// since rows pass from one result to the other at the same moments.
///
/// @param column its number in the table, as in `pg_attribute.attnum`
/// @param value canonical as in [Dependency.Rows]; empty where the sign has none
public record Comparison(int column, Sign sign, String value) implements Comparable<Comparison> {

  /// How values are compared.
  public enum Sign {
    /// `=` and `<>`.
    EQUAL(1),
    /// `<` and `>=`.
    LESS(2),
    /// `<=` and `>`.
    AT_MOST(3),
    /// `IS NULL` and `IS NOT NULL`.
    NULL(4);

    private final int code;

    Sign(int code) {
      this.code = code;
    }

    /// What stands for it where entries are kept.
    public byte code() {
      return (byte) code;
    }

    /// Null for what stands for none.
    public static @Nullable Sign of(byte code) {
      for (Sign sign : values()) {
        if (sign.code == code) {
          return sign;
        }
      }
      return null;
    }
  }

  @Override
  public int compareTo(Comparison other) {
    int byColumn = Integer.compare(column, other.column);
    int bySign = byColumn != 0 ? byColumn : sign.compareTo(other.sign);
    return bySign != 0 ? bySign : value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return switch (sign) {
      case EQUAL -> column + " = " + value;
      case LESS -> column + " < " + value;
      case AT_MOST -> column + " <= " + value;
      case NULL -> column + " is null";
    };
  }
}
