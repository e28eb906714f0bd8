package dev.freshet.gateway;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// What is prepared on one server connection: statements under our names, the least used first, and
/// the unnamed one.
final class Prepared {
  private final LinkedHashMap<SharedStatement, Boolean> named =
      new LinkedHashMap<>(16, 0.75f, true);
  private @Nullable Object unnamed;

  /// Counts as a use.
  boolean has(SharedStatement statement) {
    return named.get(statement) != null;
  }

  int size() {
    return named.size();
  }

  /// Takes out the one that was not used for longest. There must be one.
  SharedStatement evict() {
    SharedStatement eldest = named.keySet().iterator().next();
    named.remove(eldest);
    return eldest;
  }

  void remember(SharedStatement statement) {
    named.put(statement, Boolean.TRUE);
  }

  void forget(SharedStatement statement) {
    named.remove(statement);
  }

  void forgetNamed() {
    named.clear();
  }

  /// What the unnamed statement is just now, as its client marks it.
  @Nullable Object unnamed() {
    return unnamed;
  }

  void unnamed(@Nullable Object mark) {
    unnamed = mark;
  }
}
