package dev.freshet.gateway;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// What is prepared on one server connection: statements under our names, the least used first, and
/// the unnamed one.
final class Prepared {
  private final LinkedHashMap<SharedStatement, Asked> named = new LinkedHashMap<>(16, 0.75f, true);
  private @Nullable Object unnamed;
  private boolean isLeft;

  /// A Parse that was sent. Until the server has answered it may still be refused.
  static final class Asked {
    private final long round;
    private boolean isAnswered;

    Asked(long round) {
      this.round = round;
    }

    /// Whether it is known what became of it, or it was sent in the same round as what follows.
    boolean isSettled(ServerAnswers answers) {
      return isAnswered || !answers.isOpen(round);
    }

    /// With ParseComplete.
    void answered() {
      isAnswered = true;
    }
  }

  /// The last Parse of it, or null where it is not here; counts as a use.
  @Nullable Asked asked(SharedStatement statement) {
    return named.get(statement);
  }

  /// Whether the server has found nothing wrong with it; counts as a use.
  boolean isCertain(SharedStatement statement) {
    Asked asked = named.get(statement);
    return asked != null && asked.isAnswered;
  }

  int size() {
    return named.size();
  }

  /// The one that was not used for longest. There must be one.
  SharedStatement eldest() {
    return named.keySet().iterator().next();
  }

  /// A Close of it is on its way.
  ///
  /// @return what takes that back
  Skipped.Evicting evict(SharedStatement statement) {
    Asked asked = named.remove(statement);
    if (asked == null) {
      throw new IllegalStateException("it is not prepared");
    }
    return new Skipped.Evicting(statement, asked);
  }

  /// A Parse of it is on its way.
  Asked remember(SharedStatement statement, long round) {
    Asked asked = new Asked(round);
    named.put(statement, asked);
    return asked;
  }

  void keep(SharedStatement statement, Asked asked) {
    named.put(statement, asked);
  }

  /// That Parse came to nothing; a later one may be on its way.
  void forget(SharedStatement statement, Asked asked) {
    named.remove(statement, asked);
  }

  void forgetNamed() {
    named.clear();
    isLeft = false;
  }

  /// Something stays there under a client's own name.
  void leaves() {
    isLeft = true;
  }

  /// Whether something is there that others could meet by its name.
  boolean isAnythingLeft() {
    return isLeft;
  }

  /// What the unnamed statement is just now, as its client marks it.
  @Nullable Object unnamed() {
    return unnamed;
  }

  void unnamed(@Nullable Object mark) {
    unnamed = mark;
  }
}
