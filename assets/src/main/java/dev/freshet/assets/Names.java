package dev.freshet.assets;

import org.jspecify.annotations.Nullable;

/// Says what URLs in pages get so that they name what is behind them.
@FunctionalInterface
public interface Names {
  /// Leaves all URLs as they are.
  Names NONE = (url, isScript) -> null;

  /// What is to be put behind a URL as it stands in HTML; null to leave it.
  ///
  /// @param url absolute, of a style sheet or a script that the page loads
  @Nullable String behind(String url, boolean isScript);
}
