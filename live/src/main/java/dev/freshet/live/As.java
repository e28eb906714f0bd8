package dev.freshet.live;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How a subscriber wants to hear of a new state.
enum As {
  /// That it changed.
  NOTICE,
  /// The whole new content.
  BODY,
  /// What makes the new content out of the last one (RFC 6902), where that is shorter.
  PATCH;

  /// Null for a word that is none of them.
  static @Nullable As of(String word) {
    for (As each : values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(word)) {
        return each;
      }
    }
    return null;
  }
}
