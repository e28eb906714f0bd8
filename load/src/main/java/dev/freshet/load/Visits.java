package dev.freshet.load;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What visitors do. Used from several event loops at once, each visitor from one only; nothing
/// here may wait.
@FunctionalInterface
public interface Visits {

  /// What one visitor does; equal numbers do the same.
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
