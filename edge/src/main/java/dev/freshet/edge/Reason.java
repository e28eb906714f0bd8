package dev.freshet.edge;

import dev.freshet.freshness.Doubt;

/// Why a response was not stored: `detail` in `Cache-Status`, metric label, and a row of
/// docs/http.md.
enum Reason {
  ROUTE_OFF("route-off"),
  REQUEST_NO_STORE("request-no-store"),
  NO_STORE("no-store"),
  PRIVATE("private"),
  SET_COOKIE("set-cookie"),
  SESSION_COOKIE("session-cookie"),
  AUTHORIZATION("authorization"),
  VARY_STAR("vary-star"),
  STATUS("status"),
  NO_FRESHNESS("no-freshness"),
  TYPE_MISMATCH("type-mismatch"),
  TOO_LARGE("too-large"),
  PARTIAL("partial"),
  NOT_UNDERSTOOD("not-understood"),
  BUSY("busy"),
  NO_FEED("no-feed"),
  NOTHING_SEEN("nothing-seen"),
  UNTRACED_STATEMENT("untraced-statement"),
  FOREIGN_TRACE("foreign-trace"),
  NOT_ANALYSABLE("not-analysable"),
  OLD_SNAPSHOT("old-snapshot"),
  WROTE("wrote"),
  TOO_MUCH("too-much"),
  TOO_SLOW("too-slow"),
  OVERTAKEN("overtaken");

  private final String word;

  Reason(String word) {
    this.word = word;
  }

  /// Why it is not known what a response was made from.
  static Reason of(Doubt doubt) {
    return switch (doubt) {
      case NO_FEED -> NO_FEED;
      case NOTHING_SEEN -> NOTHING_SEEN;
      case UNTRACED_STATEMENT -> UNTRACED_STATEMENT;
      case FOREIGN_TRACE -> FOREIGN_TRACE;
      case NOT_ANALYSABLE -> NOT_ANALYSABLE;
      case OLD_SNAPSHOT -> OLD_SNAPSHOT;
      case WROTE -> WROTE;
      case TOO_MUCH -> TOO_MUCH;
      case TOO_SLOW -> TOO_SLOW;
    };
  }

  String word() {
    return word;
  }
}
