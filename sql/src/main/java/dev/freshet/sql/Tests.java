package dev.freshet.sql;

import dev.freshet.freshness.Comparison;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/* Where only a comparison's result counts.
 *
 * A condition like `stock > 0` between one AND, OR or parenthesis and the next looks at its column
 * in one way: by whether that is true, false or unknown. As long as an UPDATE leaves the result of
 * each such condition for a row as it was, the answer can't tell the old value from the new one by
 * them. So a column that is named nowhere else in the text, but for what is only shown, counts by
 * these results and not by its values.
 *
 * A place counts as such a comparison only where it is certain which table's column it means and
 * how the constant is read; every other place that says the name makes the column count by its
 * values.
 */

/// The comparisons with constants that one text makes.
final class Tests {
  /// @param terms the constants, one comparison each; none for NULL
  record Test(Comparison.Sign sign, List<Term> terms) {}

  private record Place(Object item, String column) {}

  private final Set<Integer> tokens = new HashSet<>();
  private final Map<Place, List<Test>> tests = new HashMap<>();

  void add(Node.OfTable node, int token, Test test) {
    tokens.add(token);
    tests
        .computeIfAbsent(new Place(node.item(), node.column().name()), p -> new ArrayList<>())
        .add(test);
  }

  /// Whether a name stands for nothing but columns in comparisons at these places.
  boolean areAll(Set<Integer> places) {
    return tokens.containsAll(places);
  }

  /// Of a column of something in FROM.
  List<Test> of(Item item, String column) {
    return List.copyOf(tests.getOrDefault(new Place(item, column), List.of()));
  }
}
