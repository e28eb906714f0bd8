package dev.freshet.gateway;

import org.jspecify.annotations.Nullable;

/// A client's statement without a name: as far as the server has answered, and as it will be if
/// nothing fails of what was sent since. Every Parse without a name takes its place, also one that
/// fails, and every simple query removes it.
final class Nameless {
  private static final long NEVER = Long.MAX_VALUE;

  private @Nullable Preparation now;
  private @Nullable Preparation answered;
  private long round = NEVER;

  @Nullable Preparation now() {
    return now;
  }

  /// What makes it another was sent.
  void becomes(@Nullable Preparation next, long inRound) {
    now = next;
    round = inRound;
  }

  /// The same, and nothing can fail any more.
  void is(@Nullable Preparation next) {
    now = next;
    answered = next;
    round = NEVER;
  }

  /// It is the same in other words.
  void isNow(Preparation same) {
    answered = now != null && now.equals(answered) ? same : answered;
    now = same;
  }

  /// The server has answered what makes it that.
  void answered(@Nullable Preparation next) {
    answered = next;
  }

  /// The last round in which something was sent that makes it another; a late one where nothing is
  /// open.
  long round() {
    return round;
  }

  /// So many rounds are answered to their end: what was sent in them has come to what was answered.
  void settle(long rounds) {
    if (round < rounds) {
      is(answered);
    }
  }

  /// Everything that was sent has been answered.
  void settle() {
    is(answered);
  }
}
