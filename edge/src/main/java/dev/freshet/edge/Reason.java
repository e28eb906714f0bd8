package dev.freshet.edge;

/// Why a response was not stored: `detail` in `Cache-Status`, metric label, and a row of
/// docs/http.md.
enum Reason {
  METHOD("method"),
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
  BUSY("busy");

  private final String word;

  Reason(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }
}
