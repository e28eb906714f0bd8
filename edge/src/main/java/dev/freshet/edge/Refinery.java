package dev.freshet.edge;

import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import java.util.Set;
import java.util.function.Consumer;

/// What makes better contents of stored ones, as the edge asks for it: beside the stored content,
/// in its own time, while everybody gets what there is.
public interface Refinery {
  /// One better content.
  interface Refined {
    Shape shape();

    /// In pieces; must not be changed.
    byte[][] content();

    /// Whether who asks so may have it, beyond what `Accept` says.
    ///
    /// @param isNamed whether it is asked for by a URL that names the content, as pages do that
    ///   passed here
    boolean isFor(RequestHead request, boolean isNamed);
  }

  /// What may come of a content with these fields; nothing for most.
  Set<Shape> shapes(Fields response);

  /// Makes what can be made; gives each when it is ready, from a thread of its own.
  ///
  /// @param url absolute
  /// @param over told when nothing more comes in a moment, also where nothing is begun
  /// @return false when too much waits already
  boolean refine(
      String url, Fields response, byte[][] content, Consumer<Refined> each, Runnable over);

  /// Whether asking for a content again would bring more than it did.
  ///
  /// @param url absolute
  default boolean isUnfinished(String url) {
    return false;
  }

  /// The width in pixels, of a few, of a picture that is enough for that request; 0 where that
  /// can't be told.
  ///
  /// @param url absolute
  default int width(String url, Fields request) {
    return 0;
  }

  /// Makes a picture of that width that is laid out like the stored one, if it is worth it; gives
  /// it when it is ready, from a thread of its own.
  ///
  /// @return false when too much waits already
  default boolean fit(byte[][] content, int width, Consumer<Refined> each) {
    return true;
  }

  /// Makes nothing.
  Refinery NONE =
      new Refinery() {
        @Override
        public Set<Shape> shapes(Fields response) {
          return Set.of();
        }

        @Override
        public boolean refine(
            String url, Fields response, byte[][] content, Consumer<Refined> each, Runnable over) {
          over.run();
          return true;
        }
      };
}
