package dev.freshet.live;

import org.jspecify.annotations.Nullable;

/// Why a URL is not followed.
///
/// @param reason a word, for programs
/// @param status of the app's answer, 0 where it is about something else
/// @param detail for people; may be empty
record Refusal(String reason, int status, String detail) {
  private static final String NOT_ROW_FRESH = "not-row-fresh";

  /// What stands against following an answer; null when nothing does.
  static @Nullable Refusal of(Subscription made, @Nullable Fetched got, LiveConfig config) {
    if (got == null) {
      return new Refusal("unreachable", 0, "");
    }
    if (!isGood(got)) {
      return new Refusal("status", got.status(), "");
    }
    if (got.content().length > config.maxContent().bytes()) {
      return new Refusal("too-large", 0, "at most " + config.maxContent());
    }
    if (got.evidence() == null) {
      return new Refusal(NOT_ROW_FRESH, 0, got.reason());
    }
    if (made.wantsContent() && !State.of(got, 0).isText()) {
      return new Refusal("not-text", 0, "subscribe to it as notice");
    }
    return null;
  }

  static boolean isGood(Fetched got) {
    return got.status() >= 200 && got.status() < 300;
  }

  /// Whether another attempt may come out differently.
  boolean isDoubt() {
    return reason.equals(NOT_ROW_FRESH);
  }
}
