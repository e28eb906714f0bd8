package dev.freshet.load;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What visitors do. Used from several event loops at once, each visitor from one only; nothing
/// here may wait.
@FunctionalInterface
public interface Visits {

  /// What one visitor does; equal numbers do the same. No two of a run have the same one.
  Visitor visitor(long number);

  /// One visitor: makes calls one after the other.
  interface Visitor {

    /// The next call, or null when the visit is over.
    @Nullable Call next();

    /// Told of each answer before [#next] is asked again.
    ///
    /// @return what was wrong with it, each an error kind; empty when nothing was
    default List<String> answered(Call call, Reply reply) {
      return List.of();
    }

    /// Told of each call when it is over, answered or not; behind [#answered].
    ///
    /// @return where there was no answer, whether a user goes on nevertheless, as the same visitor
    ///   with the same cookies; else he leaves, and another visit begins
    default boolean ended(Outcome outcome) {
      return false;
    }

    /// What a template says with what this visitor knows; null where something is not known.
    default @Nullable String text(Template template) {
      return template.text(Map.of());
    }

    /// Is to know a value.
    default void keep(String name, String value) {}

    /// How long a user waits before his first call. Where it is 0, users begin one after the other.
    default long pauseNanos() {
      return 0;
    }
  }

  /// Each visitor makes the same one call.
  static Visits of(Call call) {
    return number -> once(call);
  }

  private static Visitor once(Call call) {
    return new Visitor() {
      private boolean isMade;

      @Override
      public @Nullable Call next() {
        if (isMade) {
          return null;
        }
        isMade = true;
        return call;
      }
    };
  }
}
