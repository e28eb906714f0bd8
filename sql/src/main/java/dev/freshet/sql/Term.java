package dev.freshet.sql;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a column was found to be compared with.
///
/// @param type of the column that stands beside the constant: the type of a bare one
/// @param isAlone whether no other constant stands beside it, which might decide its type
/// @param fixed the values, where they are known before an execution: those in a view
record Term(
    Outline.Constant constant,
    long type,
    Form form,
    boolean isAlone,
    @Nullable List<String> fixed) {

  static List<Term> both(List<Term> some, List<Term> others) {
    List<Term> out = new ArrayList<>(some);
    out.addAll(others);
    return out;
  }

  /// The type that the server infers for a parameter here, or that of its elements, negative.
  long inferred() {
    long own = constant.cast() == 0 ? type : constant.cast();
    long plain = own == Values.VARCHAR ? Values.TEXT : own;
    return constant.isArray() ? -plain : plain;
  }
}
