package dev.freshet.sql;

import dev.freshet.freshness.Comparison;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How values of a form are ordered by PostgreSQL, as far as their canonical texts tell.
final class Order {
  /// A number's NaN is above everything, so that numbers have an order at all.
  private static final List<String> NUMBERS_ENDS = List.of("-Infinity", "Infinity", "NaN");

  private static final List<String> TIMES_ENDS = List.of("-infinity", "infinity");

  private Order() {}

  /// Whether it is known. That of texts depends on the collation.
  static boolean isKnown(Form form) {
    return switch (form) {
      case NUMBER, DATE, TIMESTAMP, INSTANT -> true;
      default -> false;
    };
  }

  /// Of two canonical texts.
  static int compare(Form form, String one, String other) {
    boolean isNumber = form == Form.NUMBER;
    int mine = end(isNumber ? NUMBERS_ENDS : TIMES_ENDS, one);
    int its = end(isNumber ? NUMBERS_ENDS : TIMES_ENDS, other);
    if (mine != 0 || its != 0) {
      return Integer.compare(mine, its);
    }
    return isNumber
        ? new BigDecimal(one).compareTo(new BigDecimal(other))
        : plain(one).compareTo(plain(other));
  }

  /// Below zero for what is below every other value, above it for what is above.
  private static int end(List<String> ends, String text) {
    int at = ends.indexOf(text);
    return at <= 0 ? at == 0 ? -1 : 0 : at;
  }

  /// Years have four digits, and what a text leaves out at its end is zero: so they are ordered as
  /// texts but for the Z.
  private static String plain(String time) {
    return time.endsWith("Z") ? time.substring(0, time.length() - 1) : time;
  }

  /// Whether one value may compare otherwise than another.
  ///
  /// @param before as PostgreSQL prints it; null for NULL
  static boolean mayTurn(
      Form form, Comparison comparison, @Nullable String before, @Nullable String after) {
    boolean isOrder =
        comparison.sign() == Comparison.Sign.LESS || comparison.sign() == Comparison.Sign.AT_MOST;
    String one = before == null ? null : form.canonical(before);
    String other = after == null ? null : form.canonical(after);
    boolean isUnclear =
        (before != null && one == null)
            || (after != null && other == null)
            || (isOrder && !isKnown(form));
    return isUnclear || result(form, comparison, one) != result(form, comparison, other);
  }

  private enum Outcome {
    TRUE,
    FALSE,
    UNKNOWN
  }

  private static Outcome result(Form form, Comparison comparison, @Nullable String value) {
    if (comparison.sign() == Comparison.Sign.NULL) {
      return value == null ? Outcome.TRUE : Outcome.FALSE;
    }
    if (value == null) {
      return Outcome.UNKNOWN;
    }
    boolean holds =
        switch (comparison.sign()) {
          case EQUAL -> value.equals(comparison.value());
          case LESS -> compare(form, value, comparison.value()) < 0;
          case AT_MOST -> compare(form, value, comparison.value()) <= 0;
          case NULL -> false;
        };
    return holds ? Outcome.TRUE : Outcome.FALSE;
  }
}
