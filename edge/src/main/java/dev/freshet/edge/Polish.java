package dev.freshet.edge;

import dev.freshet.http.Fields;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What makes pages better on their way, as the edge asks for it; the app stays as it is.
///
/// The edge stores what the app said. Only coded forms are made from the better page, so it is made
/// once for each of them, and whoever wants no coding gets the app's own octets.
public interface Polish {
  /// How far it may go.
  enum Level {
    OFF,
    /// What can't change how a page looks or works.
    SAFE,
    /// Also what needs a look at the page afterwards.
    FULL
  }

  /// What a page's URLs may be given, so that they name what is behind them.
  interface Names {
    /// What is to be put behind a URL as it stands in HTML; null to leave it.
    ///
    /// @param url absolute, of a style sheet or a script that the page loads
    @Nullable String behind(String url, boolean isScript);

    /// The content that a URL was made to name, in pieces, not to be changed; null for one that
    /// names none, or whose content is gone.
    default byte @Nullable [][] content(String url) {
      return null;
    }

    /// The page says itself what may be loaded.
    default void policy() {}
  }

  /// One page while it passes.
  interface Passing {
    /// The next piece; gives what can be sent, which may be that piece itself.
    byte[] feed(byte[] piece);

    /// What was held back.
    byte[] end();
  }

  /// One whole page.
  interface Polished {
    byte[][] content();

    /// What was done, for `Freshet-Optimized`.
    String note();

    /// False when it is the app's, octet for octet.
    boolean changed();
  }

  /// For the route whose rule has that pattern; [Level#OFF] for all while it is turned off.
  Level level(String match);

  /// Null for what is no page, or none that may be changed.
  ///
  /// @param url absolute
  default @Nullable Passing passing(String url, Fields response, Level level, Names names) {
    return null;
  }

  /// Null for what is no page, or none that may be changed.
  ///
  /// @param key names the stored page when it can be made better later
  default @Nullable Polished stored(
      String key, String url, Fields response, Level level, Names names, byte[][] content) {
    return null;
  }

  /// Fields that go with a page that was made better; not changed by anyone.
  default Fields beside() {
    return Hints.NONE;
  }

  /// Something was stored that is the same for everybody.
  default void seen(String url, Fields response, byte[][] content) {}

  /// Why pages like that stay as the app made them, in one word: what was made of one has turned
  /// out to be wrong. Null where they don't.
  ///
  /// @param url absolute
  default @Nullable String why(String url) {
    return null;
  }

  /// Whether pages may name contents at all: not while something in browsers keeps pages on other
  /// terms than their own.
  default boolean mayName() {
    return false;
  }

  /// Changes whenever what is made of pages does, but for their levels: what was made of a page
  /// before or meanwhile is made again.
  default long era() {
    return 0;
  }

  /// What makes better contents of what is no page.
  default Refinery refinery() {
    return Refinery.NONE;
  }

  /// From now on that is told the keys of stored pages that can be made better.
  default void tell(Consumer<String> better) {}

  /// Leaves everything as the app made it.
  Polish NONE =
      new Polish() {
        @Override
        public Level level(String match) {
          return Level.OFF;
        }
      };
}
